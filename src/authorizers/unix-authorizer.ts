import { readFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import type { FTPHandler } from '../handlers/ftp-handler.ts'
import { type Credentials, loadThreadCredentials } from '../native/thread-credentials.ts'
import { isBoolean } from '../options/check.ts'
import { ANONYMOUS } from './dummy-authorizer.ts'
import { AuthenticationFailed, AuthorizerError } from './errors.ts'
import { SystemAuthorizer, type SystemAuthorizerOptions, type UserOverride } from './system-authorizer.ts'
import { UnixImpersonation } from './unix-impersonation.ts'
import { loadPasswordCheck, type PasswordCheck, requirePasswordCheck } from './unix-passwords.ts'
import { UnixUsers } from './unix-users.ts'

/** What `UnixAuthorizer` can be told. */
export interface UnixAuthorizerOptions extends SystemAuthorizerOptions {
  /**
   * Whether to turn away users whose shell is not in /etc/shells, unless there is no such file. The user set for
   * `anonymous` needs none. Default: true.
   */
  requireValidShell?: boolean
}

/**
 * An authorizer for the users of the Unix system, with their own passwords, homes and rights: whatever one does to
 * files is done as that user. The server must run as root, in the main thread.
 */
export class UnixAuthorizer extends SystemAuthorizer {
  readonly #users: UnixUsers
  readonly #requireValidShell: boolean
  readonly #impersonation: UnixImpersonation
  #passwordCheck: Promise<PasswordCheck> | undefined
  #threadCredentials: Promise<Credentials | undefined> | undefined

  constructor(options: UnixAuthorizerOptions = {}) {
    checkPrivileges()
    requirePasswordCheck()
    const users = new UnixUsers()
    super(users, options, ['requireValidShell'])
    this.#users = users
    this.#impersonation = new UnixImpersonation()
    this.#requireValidShell = isBoolean(options.requireValidShell ?? true, 'requireValidShell')
    for (const username of options.allowedUsers ?? []) this.#checkShell(username)
  }

  override overrideUser(username: string | undefined, override: UserOverride): void {
    if (username !== undefined && username !== ANONYMOUS) this.#checkShell(username)
    super.overrideUser(username, override)
  }

  override async validateAuthentication(username: string, password: string, handler: FTPHandler): Promise<void> {
    try {
      await super.validateAuthentication(username, password, handler)
      await this.#admit(username, handler.signal)
    } catch (error) {
      // The client left meanwhile: no failure of the server's.
      throw (error as Error).name === 'AbortError' ? new AuthenticationFailed() : error
    }
    this.#threadCredentials ??= loadThreadCredentials()
    this.#impersonation.credentials = (await this.#threadCredentials) ?? this.#impersonation.credentials
  }

  override impersonateUser(username: string, _password: string): void {
    const account = this.#users.known(this.systemName(username))
    if (account === undefined) throw new AuthorizerError(`'${username}' has not logged in`)
    this.#impersonation.begin(account)
  }

  override terminateImpersonation(_username: string): void {
    this.#impersonation.end()
  }

  protected override async checkPassword(username: string, password: string, handler: FTPHandler): Promise<boolean> {
    // Not every name that a client may send can be an argument of the helper.
    if (!(await this.#users.exists(username, handler.signal))) return false
    this.#passwordCheck ??= loadPasswordCheck()
    return (await this.#passwordCheck)(username, password, handler.signal)
  }

  async #admit(username: string, until: AbortSignal): Promise<void> {
    const account = await this.#users.lookUp(this.systemName(username), until)
    if (account === undefined) throw new AuthenticationFailed()
    if (this.#requireValidShell && username !== ANONYMOUS && !isValidShell(account.shell)) {
      throw new AuthenticationFailed(`User ${username} doesn't have a valid shell.`)
    }
  }

  #checkShell(username: string): void {
    const shell = this.#users.shell(username)
    if (!this.#requireValidShell || shell === undefined || isValidShell(shell)) return
    throw new AuthorizerError(`user '${username}' has no valid shell: '${shell}' is not in /etc/shells`)
  }
}

function checkPrivileges(): void {
  if (process.geteuid === undefined) throw new AuthorizerError('UnixAuthorizer needs Unix')
  if (!isMainThread) throw new AuthorizerError('UnixAuthorizer does not work in a worker thread: use a process')
  if (process.geteuid() !== 0) throw new AuthorizerError('UnixAuthorizer needs super-user privileges: run it as root')
}

/** Whether a shell is listed; without a list every one is. */
export function isValidShell(shell: string, list = '/etc/shells'): boolean {
  try {
    const lines = readFileSync(list, 'utf8').split('\n')
    return lines.some((line) => !line.startsWith('#') && line.trim() === shell)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    throw error
  }
}
