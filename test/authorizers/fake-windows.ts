import { expect, onTestFinished } from 'vitest'
import {
  type WindowsAccount,
  WindowsError,
  type WindowsSystem,
  type WindowsToken,
} from '../../src/authorizers/index.ts'

interface FakeUser {
  readonly password: string
  readonly profile?: string
}

/**
 * A Windows of a few users, kept in memory: names in any case, after `PC\` and `.\` and before `@pc`. It keeps a diary,
 * and the test fails when at its end a token is open or the thread acts as somebody.
 */
export class FakeWindows implements WindowsSystem {
  readonly diary: string[] = []
  /** As whom the thread acts. */
  acting: string | undefined
  /** The calls that Windows refuses. */
  readonly refused = new Set<string>()
  readonly #users: Map<string, FakeUser & { readonly name: string }>
  readonly #tokens = new Map<WindowsToken, string>()
  #nextToken = 1n

  constructor(users: Readonly<Record<string, FakeUser>>) {
    this.#users = new Map(Object.entries(users).map(([name, user]) => [name.toLowerCase(), { name, ...user }]))
    onTestFinished(() => {
      expect({ tokens: this.openTokens, acting: this.acting }).toEqual({ tokens: [], acting: undefined })
    })
  }

  /** Whose tokens have not been given back. */
  get openTokens(): string[] {
    return [...this.#tokens.values()]
  }

  account(username: string): WindowsAccount | undefined {
    const key = username.toLowerCase().replace(/^(pc|\.)\\|@pc$/, '')
    const user = this.#users.get(key)
    return user && { sid: `S-1-5-21-${[...this.#users.keys()].indexOf(key)}`, name: user.name, domain: 'PC' }
  }

  profileDirectory({ name }: WindowsAccount): string | undefined {
    return this.#users.get(name.toLowerCase())?.profile
  }

  logon({ name }: WindowsAccount, password: string): WindowsToken {
    if (this.#users.get(name.toLowerCase())?.password !== password) throw new WindowsError('LogonUserW', 1326)
    this.#call('logon', name)
    const token = this.#nextToken++
    this.#tokens.set(token, name)
    return token
  }

  impersonate(token: WindowsToken): void {
    const name = this.#owner(token)
    this.#call('impersonate', name)
    this.acting = name
  }

  revert(): void {
    this.#call('revert')
    this.acting = undefined
  }

  close(token: WindowsToken): void {
    this.#call('close', this.#owner(token))
    this.#tokens.delete(token)
  }

  #owner(token: WindowsToken): string {
    const name = this.#tokens.get(token)
    if (name === undefined) throw new WindowsError('a call with a closed token', 6)
    return name
  }

  #call(call: 'logon' | 'impersonate' | 'revert' | 'close', name = ''): void {
    if (this.refused.has(call)) throw new WindowsError(call, 5)
    this.diary.push(`${call} ${name}`.trimEnd())
  }
}
