import { DummyAuthorizer } from 'ftp-fixture/server'
export default { authorizer: new DummyAuthorizer(), handler: class {} }
