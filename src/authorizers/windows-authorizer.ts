import type { FTPHandler } from '../handlers/ftp-handler.ts'
import { isString, optional } from '../options/check.ts'
import type { Awaitable } from './authorizer.ts'
import { ANONYMOUS } from './dummy-authorizer.ts'
import { AuthenticationFailed, AuthorizerError } from './errors.ts'
import {
  SystemAuthorizer,
  type SystemAuthorizerOptions,
  type SystemUsers,
  type UserOverride,
} from './system-authorizer.ts'
import { loadWindowsSystem } from './windows-calls.ts'
import { WindowsLogons } from './windows-logons.ts'
import type { WindowsAccount, WindowsSystem } from './windows-system.ts'

/** What a `WindowsAuthorizer` can be told. */
export interface WindowsAuthorizerOptions extends SystemAuthorizerOptions {
  /** The password of `anonymousUser`, to be given with it; '' for a user without one, such as Guest. Default: none. */
  anonymousPassword?: string
}

/** What can be set apart for one of Windows' users; Windows lets nobody act as a user whose own password he lacks. */
export interface WindowsUserOverride extends UserOverride {
  /** The password of `anonymousUser`, to be given with it. */
  anonymousPassword?: string
  /** The user's own password, to be given with the `password` that takes its place for clients. */
  windowsPassword?: string
}

interface Credentials {
  readonly account: WindowsAccount
  readonly password: string
}

/**
 * An authorizer for the users of Windows: each logs in with the name and password he has there, starts in his profile
 * directory and works on files as himself, with the rights he has there. Made by `WindowsAuthorizer.create`.
 */
export class WindowsAuthorizer extends SystemAuthorizer {
  readonly #system: WindowsSystem
  readonly #logons: WindowsLogons
  /** By security identifier. */
  readonly #windowsPasswords = new Map<string, string>()
  #anonymousPassword: string

  /** Throws `AuthorizerError` for unknown users, and when the anonymous user cannot log on. */
  constructor(system: WindowsSystem, options: WindowsAuthorizerOptions = {}) {
    super(windowsUsers(system), options, ['anonymousPassword'])
    const { anonymousUser, anonymousPassword } = options
    checkPair({ anonymousUser, anonymousPassword })
    this.#system = system
    this.#logons = new WindowsLogons(system)
    this.#anonymousPassword = anonymousPassword ?? ''
    if (anonymousUser !== undefined) this.#checkLogon(anonymousUser, this.#anonymousPassword)
  }

  /** An authorizer for the Windows this runs on; rejects with `AuthorizerError` on another system or without koffi. */
  static async create(options: WindowsAuthorizerOptions = {}): Promise<WindowsAuthorizer> {
    return new WindowsAuthorizer(await loadWindowsSystem(), options)
  }

  override overrideUser(username: string | undefined, override: WindowsUserOverride): void {
    const { anonymousPassword, windowsPassword, ...others } = override
    const { anonymousUser, password } = others
    checkPair({ anonymousUser, anonymousPassword })
    checkPair({ password, windowsPassword })
    if (anonymousUser !== undefined) this.#checkLogon(anonymousUser, anonymousPassword ?? '')
    const account = username === undefined || username === ANONYMOUS ? undefined : this.#system.account(username)
    if (username !== undefined && windowsPassword !== undefined) this.#checkLogon(username, windowsPassword)
    super.overrideUser(username, others)
    this.#anonymousPassword = anonymousPassword ?? this.#anonymousPassword
    if (account === undefined) return
    this.#windowsPasswords.delete(account.sid)
    if (windowsPassword !== undefined) this.#windowsPasswords.set(account.sid, windowsPassword)
  }

  override async validateAuthentication(username: string, password: string, handler: FTPHandler): Promise<void> {
    await super.validateAuthentication(username, password, handler)
    await refusing('Authentication failed.', () => {
      const credentials = this.#credentials(username, password)
      this.#logons.keep(credentials.account, credentials.password, handler.signal)
    })
    // Windows makes a profile when somebody first sits down at the computer, which a user for FTP alone never does.
    await refusing(`User ${username} has no home directory.`, () => this.getHomeDir(username))
  }

  override impersonateUser(username: string, password: string): void {
    const credentials = this.#credentials(username, password)
    this.#logons.impersonate(credentials.account, credentials.password)
  }

  override terminateImpersonation(_username: string): void {
    this.#logons.terminate()
  }

  /** Only that there is such a user: it is the logon, which every login ends with, that checks the password. */
  protected override checkPassword(username: string, password: string): boolean {
    // Windows itself takes an empty one at the console only, and a logon made by us for one at the console.
    return password !== '' && this.#system.account(username) !== undefined
  }

  /** What Windows is to be asked for, as whoever the client says he is. */
  #credentials(username: string, password: string): Credentials {
    const account = existingAccount(this.#system, this.systemName(username))
    if (username === ANONYMOUS) return { account, password: this.#anonymousPassword }
    return { account, password: this.#windowsPasswords.get(account.sid) ?? password }
  }

  #checkLogon(username: string, password: string): void {
    try {
      this.#logons.check(existingAccount(this.#system, username), password)
    } catch (error) {
      throw new AuthorizerError(`'${username}' cannot log on to Windows: ${(error as Error).message}`, { cause: error })
    }
  }
}

function windowsUsers(system: WindowsSystem): SystemUsers {
  return {
    has: (username) => system.account(username) !== undefined,
    // The name `anonymous` is FTP's, whatever user Windows may have of that name.
    plainName: (username) => (username === ANONYMOUS ? username : (system.account(username)?.sid ?? username)),
    homeDir(username) {
      const home = system.profileDirectory(existingAccount(system, username))
      if (home === undefined) throw new AuthorizerError(`no profile directory for user '${username}': set his homeDir`)
      return home
    },
  }
}

function existingAccount(system: WindowsSystem, username: string): WindowsAccount {
  const account = system.account(username)
  if (account === undefined) throw new AuthorizerError(`no such user: '${username}'`)
  return account
}

/** Turns what the system says no to into a login that failed. */
async function refusing(message: string, action: () => Awaitable<unknown>): Promise<void> {
  try {
    await action()
  } catch (error) {
    throw error instanceof AuthorizerError ? new AuthenticationFailed(message) : error
  }
}

/** Throws unless both values are given or neither. */
function checkPair(pair: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(pair)) optional(isString)(value, name)
  const missing = Object.keys(pair).find((name) => pair[name] === undefined)
  const given = Object.keys(pair).find((name) => pair[name] !== undefined)
  if (missing !== undefined && given !== undefined) throw new AuthorizerError(`${given} has to go with ${missing}`)
}
