/** A mistake in how an authorizer was set up: a bad permission letter, a missing directory, a user added twice. */
export class AuthorizerError extends Error {
  override readonly name = 'AuthorizerError'
}

/** Thrown by `validateAuthentication` when a login fails; its message is sent with 530. */
export class AuthenticationFailed extends Error {
  override readonly name = 'AuthenticationFailed'

  constructor(message = 'Authentication failed.') {
    super(message)
  }
}
