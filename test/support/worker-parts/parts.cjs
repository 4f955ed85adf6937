// As parts.mjs, but CommonJS: its FTPHandler is another class than that of the ES modules.
const { AbstractedFS, AuthenticationFailed, DummyAuthorizer, FTPHandler } = require('ftp-fixture/server')

class Authorizer extends DummyAuthorizer {
  validateAuthentication(username, password, handler) {
    if (!(handler instanceof FTPHandler)) throw new Error('a handler of another build')
    if (password === 'wrong') throw new AuthenticationFailed('Not you.')
    return super.validateAuthentication(username, password, handler)
  }
}

module.exports = async ({ root }) => {
  const authorizer = new Authorizer()
  authorizer.addUser('user', '12345', root, { perm: 'elradfmwMT' })
  return {
    authorizer,
    handler: class extends FTPHandler {},
    abstractedFs: class extends AbstractedFS {},
    banner: () => 'From CommonJS.',
  }
}
