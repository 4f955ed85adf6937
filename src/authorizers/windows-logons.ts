import type { WindowsAccount, WindowsSystem, WindowsToken } from './windows-system.ts'

interface Logon {
  readonly sid: string
  readonly password: string
  readonly token: WindowsToken
  /** Aborted when the token is to be given back. */
  readonly until: AbortSignal
}

interface Impersonation {
  readonly token: WindowsToken
  /** Whether the token was got for this one operation. */
  readonly isItsOwn: boolean
}

/**
 * Who is logged on to Windows, and as whom the thread acts. A logon costs tens of milliseconds, hence a connection's
 * token is kept as long as the connection; it serves no other account and no other password.
 */
export class WindowsLogons {
  readonly #system: WindowsSystem
  readonly #kept = new Set<Logon>()
  /** The innermost comes last: an operation may be part of another one. */
  readonly #impersonations: Impersonation[] = []

  constructor(system: WindowsSystem) {
    this.#system = system
  }

  /** Has Windows check a password; throws `WindowsError` when it is wrong. */
  check(account: WindowsAccount, password: string): void {
    this.#system.close(this.#system.logon(account, password))
  }

  /** As `check`, and keeps the token for what comes until the signal. */
  keep(account: WindowsAccount, password: string, until: AbortSignal): void {
    const token = this.#system.logon(account, password)
    const known = this.#find(account, password, until)
    if (until.aborted || known !== undefined) return this.#system.close(token)
    const logon = { sid: account.sid, password, token, until }
    this.#kept.add(logon)
    until.addEventListener('abort', () => this.#giveBack(logon), { once: true })
  }

  /** Throws, and changes nothing, when the thread cannot act as the user. */
  impersonate(account: WindowsAccount, password: string): void {
    const kept = this.#find(account, password)
    // A connection that is gone may still have files to tidy up.
    const token = kept?.token ?? this.#system.logon(account, password)
    const isItsOwn = kept === undefined
    try {
      this.#system.impersonate(token)
    } catch (error) {
      if (isItsOwn) this.#system.close(token)
      throw error
    }
    this.#impersonations.push({ token, isItsOwn })
  }

  /** Lets the thread act as before. Where it throws the thread still acts as the user. */
  terminate(): void {
    const ended = this.#impersonations.pop()
    const outer = this.#impersonations.at(-1)
    try {
      if (outer === undefined) this.#system.revert()
      else this.#system.impersonate(outer.token)
    } finally {
      if (ended?.isItsOwn) this.#system.close(ended.token)
    }
  }

  #find({ sid }: WindowsAccount, password: string, until?: AbortSignal): Logon | undefined {
    for (const logon of this.#kept) {
      const isSame = logon.sid === sid && logon.password === password
      if (isSame && (until === undefined || logon.until === until)) return logon
    }
    return undefined
  }

  #giveBack(logon: Logon): void {
    this.#kept.delete(logon)
    this.#system.close(logon.token)
  }
}
