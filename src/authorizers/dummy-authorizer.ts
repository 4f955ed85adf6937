import { realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import type { FTPHandler } from '../handlers/ftp-handler.ts'
import { type Authorizer, type Awaitable, type PermissionLetter, READ_PERMS, WRITE_PERMS } from './authorizer.ts'
import { AuthenticationFailed, AuthorizerError } from './errors.ts'

/** What a user may be given beside name, password and home. */
export interface UserOptions {
  /** Permission letters, of `elradfmwMT`. Default: 'elr', read-only. */
  perm?: string
  /** Text of the reply to a login. Default: 'Login successful.' */
  msgLogin?: string
  /** Text of the reply to QUIT. Default: 'Goodbye.' */
  msgQuit?: string
}

interface User {
  readonly password: string
  readonly homeDir: string
  readonly perm: string
  readonly msgLogin: string
  readonly msgQuit: string
  /** Overridden directories, the most specific first. */
  readonly overrides: Override[]
}

interface Override {
  readonly directory: string
  readonly perm: string
  readonly recursive: boolean
}

/** The user for whom any password will do. */
export const ANONYMOUS = 'anonymous'

/**
 * An authorizer for virtual users kept in memory. Subclass it to take users from elsewhere: each method may be
 * overridden, by an asynchronous one too.
 */
export class DummyAuthorizer implements Authorizer {
  readonly #users = new Map<string, User>()

  /**
   * Adds a user; throws `AuthorizerError` for a name taken, a home that is no directory, or an unknown letter. Warns
   * (`process.emitWarning`) when the user `anonymous` may write.
   */
  addUser(username: string, password: string, homeDir: string, options: UserOptions = {}): void {
    if (this.#users.has(username)) throw new AuthorizerError(`user '${username}' already exists`)
    const { perm = READ_PERMS, msgLogin = 'Login successful.', msgQuit = 'Goodbye.' } = options
    checkPerms(perm, username)
    const user = { password, homeDir: existingDirectory(homeDir), perm, msgLogin, msgQuit, overrides: [] }
    this.#users.set(username, user)
  }

  /** Adds the user `anonymous`, for whom any password will do. */
  addAnonymous(homeDir: string, options: UserOptions = {}): void {
    this.addUser(ANONYMOUS, '', homeDir, options)
  }

  /** Removes a user; sessions already logged in lose their permissions. Throws `AuthorizerError` for an unknown one. */
  removeUser(username: string): void {
    this.#user(username)
    this.#users.delete(username)
  }

  /**
   * Gives a user other permissions in one directory of the host: on it and its files, with `recursive` on all below
   * it. Throws `AuthorizerError` for a directory that is missing, is the user's home or lies outside it.
   */
  overridePerm(username: string, directory: string, perm: string, recursive = false): void {
    const user = this.#user(username)
    checkPerms(perm, username)
    const real = existingDirectory(directory)
    if (real === user.homeDir) throw new AuthorizerError('cannot override the permissions of a home directory')
    if (!isWithin(real, user.homeDir)) throw new AuthorizerError(`'${directory}' is outside the home of '${username}'`)
    const others = user.overrides.filter((override) => override.directory !== real)
    const overrides = [...others, { directory: real, perm, recursive }]
    user.overrides.splice(0, Infinity, ...overrides.sort((one, other) => other.directory.length - one.directory.length))
  }

  validateAuthentication(username: string, password: string, _handler: FTPHandler): Awaitable<void> {
    const user = this.#users.get(username)
    if (user !== undefined && (username === ANONYMOUS || user.password === password)) return
    // One text for an unknown user and a wrong password: RFC 2577 §5.
    throw new AuthenticationFailed(username === ANONYMOUS ? 'Anonymous access not allowed.' : undefined)
  }

  hasUser(username: string): Awaitable<boolean> {
    return this.#users.has(username)
  }

  hasPerm(username: string, perm: PermissionLetter, hostPath?: string): Awaitable<boolean> {
    const user = this.#users.get(username)
    if (user === undefined) return false
    const override = hostPath === undefined ? undefined : user.overrides.find((each) => covers(each, hostPath))
    return (override ?? user).perm.includes(perm)
  }

  getPerms(username: string): Awaitable<string> {
    return this.#user(username).perm
  }

  getHomeDir(username: string): Awaitable<string> {
    return this.#user(username).homeDir
  }

  getMsgLogin(username: string): Awaitable<string> {
    return this.#user(username).msgLogin
  }

  getMsgQuit(username: string): Awaitable<string> {
    return this.#users.get(username)?.msgQuit ?? 'Goodbye.'
  }

  impersonateUser(_username: string, _password: string): void {}

  terminateImpersonation(_username: string): void {}

  #user(username: string): User {
    const user = this.#users.get(username)
    if (user === undefined) throw new AuthorizerError(`no such user: '${username}'`)
    return user
  }
}

/** Throws for a letter that is no permission; warns when `anonymous` may write. Without a name it is about everybody. */
export function checkPerms(perm: string, username?: string): void {
  const whose = username === undefined ? '' : `user '${username}': `
  for (const letter of perm) {
    if (!(READ_PERMS + WRITE_PERMS).includes(letter)) {
      throw new AuthorizerError(
        `${whose}no such permission '${letter}', expected letters of ${READ_PERMS}${WRITE_PERMS}`,
      )
    }
  }
  if (username === ANONYMOUS && [...perm].some((letter) => WRITE_PERMS.includes(letter))) {
    process.emitWarning('write permissions assigned to the anonymous user', 'FtpFixtureWarning')
  }
}

/** The directory's path without symbolic links, against which permissions are checked; throws for a missing one. */
export function existingDirectory(directory: string): string {
  if (!isDirectory(directory)) throw new AuthorizerError(`no such directory: '${directory}'`)
  return realpathSync.native(directory)
}

/** Not so for what cannot be looked at, such as a loop of symbolic links. */
function isDirectory(hostPath: string): boolean {
  try {
    return statSync(hostPath, { throwIfNoEntry: false })?.isDirectory() ?? false
  } catch {
    return false
  }
}

function covers({ directory, recursive }: Override, hostPath: string): boolean {
  if (hostPath === directory) return true
  if (!isWithin(hostPath, directory)) return false
  if (recursive) return true
  return path.dirname(hostPath) === directory && !isDirectory(hostPath)
}

function isWithin(hostPath: string, directory: string): boolean {
  const relative = path.relative(directory, hostPath)
  return relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative)
}
