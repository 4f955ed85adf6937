import { createHash, timingSafeEqual } from 'node:crypto'
import type { FTPHandler } from '../handlers/ftp-handler.ts'
import { type Checks, check, isObject, isString, optional, rejectUnknownKeys, resolveBy } from '../options/check.ts'
import { type Authorizer, type Awaitable, type PermissionLetter, READ_PERMS, WRITE_PERMS } from './authorizer.ts'
import { ANONYMOUS, checkPerms, existingDirectory } from './dummy-authorizer.ts'
import { AuthenticationFailed, AuthorizerError } from './errors.ts'

/** What authorizers for the system's own users can be told. */
export interface SystemAuthorizerOptions {
  /** Permission letters of everybody but `anonymous`. Default: 'elradfmwMT', all of them. */
  globalPerm?: string
  /** The only users who may log in; not to be given together with `rejectedUsers`. Default: [], no restriction. */
  allowedUsers?: readonly string[]
  /** Users who may not log in. Default: [], no restriction. */
  rejectedUsers?: readonly string[]
  /** The system's user as whom `anonymous` works. Default: none, `anonymous` may not log in. */
  anonymousUser?: string
  /** Text of the reply to a login. Default: 'Login successful.' */
  msgLogin?: string
  /** Text of the reply to QUIT. Default: 'Goodbye.' */
  msgQuit?: string
}

/** What can be set apart for one user; without a name, for everybody. */
export interface UserOverride {
  /** Takes the place of the system's password; neither empty nor for `anonymous`. */
  password?: string
  /** An existing directory, in place of the user's own home. */
  homeDir?: string
  /** Permission letters, of `elradfmwMT`; '' leaves none. */
  perm?: string
  /** The system's user as whom `anonymous` works; concerns nobody else, and goes without a name. */
  anonymousUser?: string
  msgLogin?: string
  msgQuit?: string
}

/** What an authorizer asks about the system's users before one of them logs in. */
export interface SystemUsers {
  has(username: string): boolean
  /** The one spelling of a name which the system lets be written in several ways; any other name as it is. */
  plainName(username: string): string
  /** Throws `AuthorizerError` for an unknown user, and for one without a home. */
  homeDir(username: string): string
}

const DEFAULTS = {
  globalPerm: READ_PERMS + WRITE_PERMS,
  allowedUsers: [],
  rejectedUsers: [],
  anonymousUser: undefined,
  msgLogin: 'Login successful.',
  msgQuit: 'Goodbye.',
}

const isNameList = check('a list of user names', (value): value is readonly string[] => {
  return Array.isArray(value) && value.every((name) => typeof name === 'string')
})

type Settings = Required<Omit<SystemAuthorizerOptions, 'anonymousUser'>> & {
  readonly anonymousUser: string | undefined
}

const CHECKS: Checks<Settings> = {
  globalPerm: isString,
  allowedUsers: isNameList,
  rejectedUsers: isNameList,
  anonymousUser: optional(isString),
  msgLogin: isString,
  msgQuit: isString,
}

const OVERRIDES = ['password', 'homeDir', 'perm', 'anonymousUser', 'msgLogin', 'msgQuit'] as const

interface Override extends Pick<UserOverride, 'homeDir' | 'perm' | 'msgLogin' | 'msgQuit'> {
  readonly passwordDigest?: Buffer
}

/** What authorizers for the system's own users share: who is let in, and what is set apart for whom. */
export abstract class SystemAuthorizer implements Authorizer {
  readonly #users: SystemUsers
  readonly #overrides = new Map<string, Override>()
  #settings: Settings

  /** `ownOptions` names the options of a subclass, which are left to it. */
  protected constructor(users: SystemUsers, options: SystemAuthorizerOptions, ownOptions: readonly string[] = []) {
    rejectUnknownKeys(isObject(options, 'options'), [...Object.keys(DEFAULTS), ...ownOptions])
    this.#users = users
    this.#settings = resolveBy(CHECKS, options, DEFAULTS)
    this.#checkLists()
    this.#checkAnonymousUser()
  }

  /** Whether the system takes the password for the user's; he is neither `anonymous` nor one with an overridden password. */
  protected abstract checkPassword(username: string, password: string, handler: FTPHandler): Awaitable<boolean>

  abstract impersonateUser(username: string, password: string): void

  abstract terminateImpersonation(username: string): void

  /**
   * Sets something apart for one user, in place of what an earlier call did. Without a name it changes what the
   * constructor was told for everybody. Throws `AuthorizerError` for a user who is unknown or may not log in.
   */
  overrideUser(username: string | undefined, override: UserOverride): void {
    rejectUnknownKeys(override, OVERRIDES)
    const given = Object.values(override).filter((value) => value !== undefined)
    if (given.length === 0) throw new AuthorizerError('at least one thing to override must be given')
    for (const [name, value] of Object.entries(override)) optional(isString)(value, name)
    if (username === undefined) this.#overrideAll(override)
    else this.#overrideOne(username, override)
  }

  async validateAuthentication(username: string, password: string, handler: FTPHandler): Promise<void> {
    if (username === ANONYMOUS) {
      if (this.#settings.anonymousUser === undefined) throw new AuthenticationFailed('Anonymous access not allowed.')
      return
    }
    if (this.#isRejected(username)) throw new AuthenticationFailed(`User ${username} is not allowed to login.`)
    const digest = this.#override(username)?.passwordDigest
    const right =
      digest === undefined
        ? await this.checkPassword(username, password, handler)
        : timingSafeEqual(digest, digestOf(password))
    // One text for an unknown user and a wrong password: RFC 2577 §5.
    if (!right) throw new AuthenticationFailed()
  }

  hasUser(username: string): Awaitable<boolean> {
    return this.#mayExist(username)
  }

  hasPerm(username: string, perm: PermissionLetter, _path?: string): Awaitable<boolean> {
    return this.#permsOf(username).includes(perm)
  }

  getPerms(username: string): Awaitable<string> {
    return this.#permsOf(username)
  }

  getHomeDir(username: string): Awaitable<string> {
    return this.#homeOf(username)
  }

  getMsgLogin(username: string): Awaitable<string> {
    return this.#override(username)?.msgLogin ?? this.#settings.msgLogin
  }

  getMsgQuit(username: string): Awaitable<string> {
    return this.#override(username)?.msgQuit ?? this.#settings.msgQuit
  }

  /** The system's user as whom somebody works: for `anonymous` the one set for it, for others himself. */
  protected systemName(username: string): string {
    return username === ANONYMOUS ? (this.#settings.anonymousUser ?? username) : username
  }

  #checkLists(): void {
    const { globalPerm, allowedUsers, rejectedUsers } = this.#settings
    checkPerms(globalPerm)
    if (allowedUsers.length > 0 && rejectedUsers.length > 0) {
      throw new AuthorizerError('allowedUsers and rejectedUsers exclude each other: give one of them')
    }
    for (const username of [...allowedUsers, ...rejectedUsers]) {
      if (username === ANONYMOUS) throw new AuthorizerError(`'${ANONYMOUS}' cannot be listed: see anonymousUser`)
      if (!this.#users.has(username)) throw new AuthorizerError(`no such user: '${username}'`)
    }
  }

  #checkAnonymousUser(): void {
    const { anonymousUser } = this.#settings
    if (anonymousUser === undefined) return
    if (!this.#mayExist(anonymousUser)) throw new AuthorizerError(`no such user: '${anonymousUser}'`)
    existingDirectory(this.#homeOf(anonymousUser))
  }

  #overrideAll({ password, homeDir, perm, ...others }: UserOverride): void {
    if (password !== undefined || homeDir !== undefined) {
      throw new AuthorizerError('a password or a home cannot be set for everybody: name a user')
    }
    const before = this.#settings
    this.#settings = resolveBy(CHECKS, { ...others, globalPerm: perm }, before)
    try {
      this.#checkLists()
      this.#checkAnonymousUser()
    } catch (error) {
      this.#settings = before
      throw error
    }
  }

  #overrideOne(username: string, { password, homeDir, perm, anonymousUser, ...messages }: UserOverride): void {
    if (anonymousUser !== undefined) throw new AuthorizerError('anonymousUser is for everybody: name no user with it')
    if (this.#isRejected(this.systemName(username))) throw new AuthorizerError(`'${username}' is not an allowed user`)
    if (username === ANONYMOUS && password !== undefined) {
      throw new AuthorizerError(`'${ANONYMOUS}' cannot have a password`)
    }
    if (!this.#mayExist(username)) throw new AuthorizerError(`no such user: '${username}'`)
    if (password === '') throw new AuthorizerError('an empty password would let anybody in')
    if (perm !== undefined) checkPerms(perm, username)
    this.#overrides.set(this.#users.plainName(username), {
      ...messages,
      ...(password !== undefined && { passwordDigest: digestOf(password) }),
      ...(homeDir !== undefined && { homeDir: existingDirectory(homeDir) }),
      ...(perm !== undefined && { perm }),
    })
  }

  #override(username: string): Override | undefined {
    if (this.#overrides.size === 0) return undefined
    return this.#overrides.get(this.#users.plainName(username))
  }

  #permsOf(username: string): string {
    return this.#override(username)?.perm ?? (username === ANONYMOUS ? READ_PERMS : this.#settings.globalPerm)
  }

  #homeOf(username: string): string {
    const systemName = this.systemName(username)
    const overridden = this.#override(username) ?? this.#override(systemName)
    return overridden?.homeDir ?? this.#users.homeDir(systemName)
  }

  #mayExist(username: string): boolean {
    const systemName = this.systemName(username)
    return !this.#isRejected(systemName) && this.#users.has(systemName)
  }

  #isRejected(username: string): boolean {
    const { allowedUsers, rejectedUsers } = this.#settings
    const name = this.#users.plainName(username)
    const isListed = (list: readonly string[]) => list.some((listed) => this.#users.plainName(listed) === name)
    return (allowedUsers.length > 0 && !isListed(allowedUsers)) || isListed(rejectedUsers)
  }
}

/** Digests have one length, so that comparing them tells nothing of where two passwords differ. */
function digestOf(password: string): Buffer {
  return createHash('sha256').update(password).digest()
}
