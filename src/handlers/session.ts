import type { Authorizer, Awaitable, PermissionLetter } from '../authorizers/authorizer.ts'
import type { CommandTable } from '../commands/table.ts'
import type { AbstractedFS } from '../filesystems/abstracted-fs.ts'
import { andThen } from '../ioloop/awaitable.ts'
import type { IOLoop } from '../ioloop/ioloop.ts'
import { DEFAULT_FACTS, type Fact } from '../protocol/facts.ts'
import type { Reply } from '../protocol/reply.ts'
import type { ResolvedServerOptions } from '../servers/options.ts'
import { Account } from './account.ts'
import type { DTPHandler } from './dtp-handler.ts'
import type { FTPHandler } from './ftp-handler.ts'
import type { Seams } from './seams.ts'
import type { Route } from './transfer.ts'

/** How far a login has come. */
export type Login =
  | { readonly step: 'user' }
  | { readonly step: 'password'; readonly username: string }
  | { readonly step: 'done'; readonly username: string; readonly account: Account }

/** The state of one control connection: all that commands read and write. */
export class Session {
  readonly handler: FTPHandler
  readonly dataConnection: DTPHandler
  login: Login = { step: 'user' }
  failedLogins = 0
  /** RFC 959 §3.1.1: every session starts in ASCII. */
  type: 'A' | 'I' = 'A'
  facts: readonly Fact[] = DEFAULT_FACTS
  /** RFC 2428 §4: EPSV ALL was given. */
  epsvAll = false
  /** RFC 4217 §9: whether data connections are encrypted; with implicit TLS they are from the start. */
  protection: 'C' | 'P' = 'C'
  /** RFC 4217 §8: what PBSZ set, which has to come before PROT. */
  protectionBufferSize: 0 | undefined
  restartMarker: number | undefined
  renameFrom: string | undefined
  /** What TLS sessions of this control connection are told apart by; '' where they are not. */
  tlsMark = ''
  /** The verb of the command being done. */
  verb = ''
  /** What somebody else makes of the command being done, or of the greeting. */
  seams: Seams | undefined
  bytesSent = 0
  bytesReceived = 0
  readonly #isImplicitTls: boolean

  constructor(handler: FTPHandler) {
    this.handler = handler
    this.#isImplicitTls = handler.server.options.implicitTls
    this.#resetProtection()
    this.dataConnection = new handler.server.dtpHandler(this)
  }

  get options(): Readonly<ResolvedServerOptions> {
    return this.handler.server.options
  }

  get authorizer(): Authorizer {
    return this.handler.server.authorizer
  }

  get commands(): CommandTable {
    return this.handler.commands
  }

  get ioloop(): IOLoop {
    return this.handler.server.ioloop
  }

  /** Whether the control connection is closed. */
  get isGone(): boolean {
    return this.handler.isGone
  }

  /** Aborted when the control connection is closed. */
  get signal(): AbortSignal {
    return this.handler.signal
  }

  get remoteAddress(): string {
    return this.handler.remoteAddress
  }

  get remotePort(): number {
    return this.handler.remotePort
  }

  /** The address of the server that the client reached. */
  get localAddress(): string {
    return this.handler.localAddress
  }

  /** The user who is logged in. */
  get account(): Account {
    if (this.login.step !== 'done') throw new Error('no account before a login')
    return this.login.account
  }

  /** The files of the user who is logged in. */
  get fs(): AbstractedFS {
    return this.account.fs
  }

  /** Gives the user his files; the password was right. */
  logIn(username: string, password: string): Awaitable<void> {
    const { abstractedFs } = this.handler.server
    return andThen(this.authorizer.getHomeDir(username), (home) => {
      const account = new Account(this.authorizer, { username, password }, (user) => new abstractedFs(home, user))
      this.login = { step: 'done', username, account }
      this.failedLogins = 0
    })
  }

  /** Forgets who was logged in and answers with his name. A running transfer goes on to its end (RFC 959, USER and REIN). */
  logOut(): string | undefined {
    const username = this.login.step === 'done' ? this.login.username : undefined
    this.login = { step: 'user' }
    this.restartMarker = undefined
    this.renameFrom = undefined
    if (this.dataConnection.state.is !== 'transferring') void this.dataConnection.close()
    return username
  }

  /** Sets all parameters back to what they were at the start. */
  reset(): void {
    this.type = 'A'
    this.facts = DEFAULT_FACTS
    this.epsvAll = false
    this.#resetProtection()
  }

  /** A value that one command leaves for the next, good for one use. */
  take<K extends 'restartMarker' | 'renameFrom'>(field: K): Session[K] {
    const value = this[field]
    this[field] = undefined
    return value
  }

  /** Whether the user who is logged in has a permission at a path. */
  hasPerm(perm: PermissionLetter, path: string): Awaitable<boolean> {
    return this.login.step === 'done' && this.login.account.hasPerm(perm, path)
  }

  /** Sends or receives over the data connection; the reply is the preliminary one, or 425. */
  transfer(route: Route): Awaitable<Reply> {
    return this.dataConnection.transfer(route)
  }

  #resetProtection(): void {
    this.protection = this.#isImplicitTls ? 'P' : 'C'
    this.protectionBufferSize = this.#isImplicitTls ? 0 : undefined
  }
}
