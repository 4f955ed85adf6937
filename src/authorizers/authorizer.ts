import type { FTPHandler } from '../handlers/ftp-handler.ts'

/** A value, or the promise of one: what an authorizer or a file system may give back. */
export type Awaitable<T> = T | Promise<T>

/** Read permissions: e enter a directory, l list, r retrieve. */
export const READ_PERMS = 'elr'

/** Write permissions: a append, d delete, f rename, m make a directory, w store, M change mode, T change time. */
export const WRITE_PERMS = 'adfmwMT'

/** One of the permission letters `elradfmwMT`. */
export type PermissionLetter = 'e' | 'l' | 'r' | 'a' | 'd' | 'f' | 'm' | 'w' | 'M' | 'T'

/**
 * Who may log in, where his home is and what he may do there. `DummyAuthorizer` keeps its users in memory; anything
 * else with these methods will do, and each may answer with a promise (except for impersonation).
 */
export interface Authorizer {
  /** Throws `AuthenticationFailed` unless the password is the user's. */
  validateAuthentication(username: string, password: string, handler: FTPHandler): Awaitable<void>
  hasUser(username: string): Awaitable<boolean>
  /** Whether a user has a permission, at a path of the host where one is given. */
  hasPerm(username: string, perm: PermissionLetter, path?: string): Awaitable<boolean>
  /** The user's permission letters, leaving aside what is overridden for single directories. */
  getPerms(username: string): Awaitable<string>
  /** The user's home, a directory of the host. */
  getHomeDir(username: string): Awaitable<string>
  getMsgLogin(username: string): Awaitable<string>
  getMsgQuit(username: string): Awaitable<string>
  /** Called before each access to the file system; must be done when it returns. */
  impersonateUser(username: string, password: string): void
  /** Called after each access to the file system; must be done when it returns. */
  terminateImpersonation(username: string): void
}
