export type { Authorizer, Awaitable, PermissionLetter } from './authorizer.ts'
export { DummyAuthorizer, type UserOptions } from './dummy-authorizer.ts'
export { AuthenticationFailed, AuthorizerError } from './errors.ts'
export {
  SystemAuthorizer,
  type SystemAuthorizerOptions,
  type SystemUsers,
  type UserOverride,
} from './system-authorizer.ts'
export { UnixAuthorizer, type UnixAuthorizerOptions } from './unix-authorizer.ts'
export { WindowsAuthorizer, type WindowsAuthorizerOptions, type WindowsUserOverride } from './windows-authorizer.ts'
export { loadWindowsSystem } from './windows-calls.ts'
export { type WindowsAccount, WindowsError, type WindowsSystem, type WindowsToken } from './windows-system.ts'
