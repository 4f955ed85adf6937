// Nothing but an authorizer: the handler has to come from the build that this one is of.
const { AuthenticationFailed, DummyAuthorizer } = require('ftp-fixture/server')

class Authorizer extends DummyAuthorizer {
  validateAuthentication(_username, password) {
    if (password === 'wrong') throw new AuthenticationFailed('Not you.')
  }
}

module.exports = ({ root }) => {
  const authorizer = new Authorizer()
  authorizer.addUser('user', '12345', root)
  return { authorizer }
}
