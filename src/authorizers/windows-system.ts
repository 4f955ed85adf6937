import { AuthorizerError } from './errors.ts'

/** A user's account: its name may be written in many ways, its security identifier in one. */
export interface WindowsAccount {
  readonly sid: string
  readonly name: string
  /** The computer's name for its own accounts. */
  readonly domain: string
}

/** What a logon gives: a handle, to be closed. */
export type WindowsToken = bigint

/** What `WindowsAuthorizer` asks of Windows. */
export interface WindowsSystem {
  /** The account of `bob`, `DOMAIN\bob` or `bob@domain`; `undefined` where that is no user. */
  account(username: string): WindowsAccount | undefined
  /** The user's profile directory; `undefined` until he has logged on to this computer for the first time. */
  profileDirectory(account: WindowsAccount): string | undefined
  /** Throws `WindowsError` when the password is wrong, or the account may not log on. */
  logon(account: WindowsAccount, password: string): WindowsToken
  /** Has the calling thread act as another user until `revert`. */
  impersonate(token: WindowsToken): void
  /** Has the calling thread act as the process's own user again. */
  revert(): void
  /** Gives a token back; a thread that impersonates it goes on to do so. */
  close(token: WindowsToken): void
}

/** Thrown where Windows refuses a call; says which, and its error number. */
export class WindowsError extends AuthorizerError {
  constructor(call: string, windowsCode: number) {
    super(`${call} failed with Windows error ${windowsCode}`)
  }
}
