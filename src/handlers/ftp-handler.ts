import type { Socket } from 'node:net'
import { commands } from '../commands/index.ts'
import type { CommandTable } from '../commands/table.ts'
import { unmapAddress } from '../protocol/address.ts'
import { type FinalReply, reply, textLines } from '../protocol/reply.ts'
import type { FTPServer } from '../servers/ftp-server.ts'
import type { DTPHandlerClass, OptionChanges, ResolvedServerOptions } from '../servers/options.ts'
import { ControlConnection } from './control-connection.ts'
import type { EventDetail } from './events.ts'
import { Session } from './session.ts'
import { ThrottledDTPHandler } from './throttled-dtp-handler.ts'
import { rejectTlsOptions } from './tls-options.ts'

/**
 * One control connection (server-PI, RFC 959 §2.2): reads commands, has them done one after the other, sends the
 * replies. Subclass it for commands of your own (`commands`) and to be called back (`on…`); a callback may be
 * asynchronous, and the session reads its next command when it is done. One that throws costs its session alone.
 */
export class FTPHandler {
  /** The commands it knows; a subclass spreads these into a table of its own. */
  static readonly commands: CommandTable = commands

  /** The class of its data connections where the server is given no other. */
  static readonly dtpHandler: DTPHandlerClass = ThrottledDTPHandler

  /**
   * Asked at the start of a server, and when its options change: throws for options that this class cannot keep. They
   * need not come to count, as others have their say behind it.
   */
  static prepare(_server: FTPServer, options: ResolvedServerOptions, _changes?: OptionChanges): void {
    rejectTlsOptions(options)
  }

  readonly server: FTPServer
  /** The number of the session, from 1 in the order of connecting. */
  readonly id: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly session: Session
  /** The wire side of it. */
  readonly connection: ControlConnection

  constructor(socket: Socket, server: FTPServer, id: number) {
    this.server = server
    this.id = id
    this.remoteAddress = unmapAddress(socket.remoteAddress ?? '')
    this.remotePort = socket.remotePort ?? 0
    this.localAddress = unmapAddress(socket.localAddress ?? '')
    this.session = new Session(this)
    this.emit({
      type: 'connect',
      remoteAddress: this.remoteAddress,
      remotePort: this.remotePort,
      localPort: socket.localPort ?? 0,
    })
    this.connection = new ControlConnection(this, socket)
  }

  get commands(): CommandTable {
    return (this.constructor as typeof FTPHandler).commands
  }

  /** The name given with USER, '' before that. */
  get username(): string {
    const { login } = this.session
    return login.step === 'user' ? '' : login.username
  }

  /** Whether the connection is closed. */
  get isGone(): boolean {
    return this.connection.isGone
  }

  /** Whether the connection is encrypted. */
  get isSecure(): boolean {
    return this.connection.isSecure
  }

  /** Aborted when the connection is closed. */
  get signal(): AbortSignal {
    return this.connection.lifetime.signal
  }

  /** Resolves when the connection is closed and its transfer has ended. */
  get closed(): Promise<void> {
    return this.connection.closed
  }

  /** Resolves when, beyond that, no command or callback is running any more. */
  get settled(): Promise<void> {
    return this.connection.settled
  }

  /** Begins the dialogue: `onConnect`, then the greeting. */
  handle(): void {
    this.begin(() => this.greet())
  }

  /** Asks who may want to make something of this connection, before anything is said or encrypted. */
  protected begin(speak: () => void): void {
    const seams = this.server.seams?.connected(this.session)
    this.session.seams = seams
    if (seams?.before) this.connection.first(seams.before, speak)
    else speak()
  }

  /** `onConnect`, then the greeting. */
  protected greet(): void {
    const greeting = () => reply(220, ...textLines(this.#banner()))
    this.connection.greet(() => this.onConnect(), greeting)
  }

  /** Turns the client away: the server is full. */
  handleMaxCons(): void {
    this.connection.say(reply(421, 'Too many connections. Service temporarily unavailable.'))
  }

  /** Turns the client away: its address has too many connections. */
  handleMaxConsPerIp(): void {
    this.connection.say(reply(421, 'Too many connections from the same IP address.'))
  }

  /** Encrypts the control connection, where the handler can. */
  async secureControl(): Promise<void> {
    throw new Error('only a TLS_FTPHandler can encrypt its connection')
  }

  /** The refusal of a command that needs an encrypted connection which is not there; `undefined` where it need not be. */
  protectionMissing(_connection: 'control' | 'data'): FinalReply | undefined {
    return undefined
  }

  /** Closes the connection at once and ends its transfer; resolves when that is done. */
  close(): Promise<void> {
    return this.connection.close()
  }

  /** Called when a client has connected, before the greeting. */
  onConnect(): void | Promise<void> {}

  /** Called when the connection of a client that was not turned away is closed. */
  onDisconnect(): void | Promise<void> {}

  /** Called when a user has logged in, behind the 230. */
  onLogin(_username: string): void | Promise<void> {}

  /** Called when a login has failed, behind the 530. */
  onLoginFailed(_username: string, _password: string): void | Promise<void> {}

  /** Called at QUIT, REIN and USER of somebody who was logged in; not when he merely disconnects. */
  onLogout(_username: string): void | Promise<void> {}

  /** Called when a file has been sent, behind the 226: with its path as the client sees it, and that on the host. */
  onFileSent(_path: string, _hostPath: string): void | Promise<void> {}

  /** Called when a file has been received and closed. */
  onFileReceived(_path: string, _hostPath: string): void | Promise<void> {}

  /** Called when a file was not sent to its end. */
  onIncompleteFileSent(_path: string, _hostPath: string): void | Promise<void> {}

  /** Called when a file was not received to its end; what came is there. */
  onIncompleteFileReceived(_path: string, _hostPath: string): void | Promise<void> {}

  /** Puts something on the server's time line. */
  emit(detail: EventDetail): void {
    this.server.emit(detail, this.id)
  }

  /** Puts an error that should not have happened on the time line. */
  report(error: unknown): void {
    this.emit({ type: 'error', error })
  }

  #banner(): string {
    const { banner } = this.server.options
    return typeof banner === 'function' ? banner() : banner
  }
}
