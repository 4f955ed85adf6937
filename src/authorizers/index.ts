export type { Authorizer, Awaitable, PermissionLetter } from './authorizer.ts'
export { DummyAuthorizer, type UserOptions } from './dummy-authorizer.ts'
export { AuthenticationFailed, AuthorizerError } from './errors.ts'
