import type { Server, Socket } from 'node:net'
import type { Authorizer, Awaitable } from '../authorizers/authorizer.ts'
import { checkCommands } from '../commands/index.ts'
import { AbstractedFS } from '../filesystems/abstracted-fs.ts'
import { BufferPool } from '../handlers/buffer-pool.ts'
import type { DTPHandler } from '../handlers/dtp-handler.ts'
import type { EventDetail, FtpEvent } from '../handlers/events.ts'
import { FTPHandler } from '../handlers/ftp-handler.ts'
import type { TlsContext } from '../handlers/tls-context.ts'
import { Acceptor } from '../ioloop/acceptor.ts'
import { IOLoop } from '../ioloop/ioloop.ts'
import { invalidOption, rejectUnknownKeys } from '../options/check.ts'
import { FtpFixtureError } from '../options/error.ts'
import { EventHub, type EventListener } from './event-hub.ts'
import {
  changeServerOptions,
  checkParts,
  type DTPHandlerClass,
  type FTPServerOptions,
  type OptionChanges,
  type ResolvedServerOptions,
  resolveServerOptions,
} from './options.ts'

/** Where a server listens: an address (port 0 takes a free one, `::` takes IPv4 too), or a socket that is there already. */
export type ListenAddress = { readonly host?: string; readonly port?: number } | { readonly fd: number } | Server

/** How long closing waits, in real time, for commands and callbacks that are still running. */
const SETTLE_GRACE_MS = 1000

type HandlerClass = new (socket: Socket, server: FTPServer, id: number) => FTPHandler

/**
 * Accepts control connections and hands each to a handler. Two servers share nothing.
 * `await using server = await new FTPServer(…).listen()` closes it at the end of the block.
 */
export class FTPServer {
  readonly authorizer: Authorizer
  readonly abstractedFs: NonNullable<FTPServerOptions['abstractedFs']>
  readonly dtpHandler: DTPHandlerClass
  readonly ioloop: IOLoop
  readonly buffers: BufferPool = new BufferPool()
  /** What its TLS connections share; there once a `TLS_FTPHandler` has asked for it. */
  tls?: TlsContext
  /** Data connections open now; they count towards `maxCons`. */
  dataConnections = 0
  /** Whether the time line has been told already that the kernel refuses sendfile(2). */
  sendfileRefused = false
  readonly #listenAddress: ListenAddress
  readonly #handler: typeof FTPHandler
  readonly #events: EventHub
  readonly #acceptor: Acceptor
  readonly #sessions = new Set<FTPHandler>()
  /** Connections that were turned away and are not gone yet. */
  readonly #refused = new Set<FTPHandler>()
  /** Those with a connection, a command or a callback that has not ended. */
  readonly #unsettled = new Set<FTPHandler>()
  readonly #ownsLoop: boolean
  #options: ResolvedServerOptions
  #lastId = 0

  /** Throws `FtpFixtureError` for an option that is unknown or wrong. Nothing is opened before `listen`. */
  constructor(address: ListenAddress, handler: HandlerClass, options: FTPServerOptions) {
    checkAddress(address)
    checkHandler(handler)
    checkParts(options)
    this.#handler = handler as typeof FTPHandler
    this.authorizer = options.authorizer
    this.abstractedFs = options.abstractedFs ?? AbstractedFS
    this.dtpHandler = options.dtpHandler ?? this.#handler.dtpHandler
    this.#options = this.#prepared(resolveServerOptions(options))
    this.#ownsLoop = options.ioloop === undefined
    this.ioloop = options.ioloop ?? new IOLoop()
    this.#events = new EventHub(options.onEvent)
    this.#listenAddress = address
    const existing = 'listen' in address ? address : undefined
    this.#acceptor = new Acceptor(
      {
        onAccept: (socket) => this.#accept(socket),
        onError: (error) => this.emit({ type: 'warning', message: `accepting failed: ${error.message}` }),
        noDelay: () => this.options.tcpNoDelay,
      },
      existing,
    )
  }

  /** Starts to accept; throws `ERR_LISTEN_FAILED`, which names the address, when that cannot be. */
  async listen(): Promise<this> {
    const address = this.#listenAddress
    if (this.#acceptor.listening) return this
    const { backlog } = this.options
    const target =
      'fd' in address ? { fd: address.fd, backlog } : { host: '127.0.0.1', port: 0, ...plainAddress(address), backlog }
    try {
      await this.#acceptor.listen(target)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      const where = 'fd' in target ? `descriptor ${target.fd}` : `${target.host} port ${target.port}`
      const why = EXPLANATIONS[code ?? ''] ?? message
      throw new FtpFixtureError('ERR_LISTEN_FAILED', `cannot listen on ${where}: ${why}`, { cause: error })
    }
    return this
  }

  /** How it and its sessions behave now. */
  get options(): Readonly<ResolvedServerOptions> {
    return this.#options
  }

  /**
   * Changes options while the server runs, `undefined` meaning the default. The new values are seen by their next use, in
   * open sessions too. Throws `FtpFixtureError` as the constructor does, and then changes nothing.
   */
  configure(changes: OptionChanges): void {
    const changed = changeServerOptions(this.#options, changes)
    if ('backlog' in changes && this.#acceptor.listening) {
      throw invalidOption('backlog', changes.backlog, 'to be set before the server listens')
    }
    this.#options = this.#prepared(changed)
  }

  /** Has a function told of each event of a type. What it throws, or rejects with, becomes an `error` event. */
  on<T extends FtpEvent['type']>(type: T, listener: EventListener<T>): this {
    this.#events.add(type, listener)
    return this
  }

  /** Undoes `on`. */
  off<T extends FtpEvent['type']>(type: T, listener: EventListener<T>): this {
    this.#events.remove(type, listener)
    return this
  }

  /** The address and port it listens on. */
  get address(): { readonly host: string; readonly port: number } {
    return this.#acceptor.address
  }

  /** The sessions that are open. */
  get sessions(): ReadonlySet<FTPHandler> {
    return this.#sessions
  }

  /** Takes a place for a data connection, if `maxCons` leaves one; `freeDataConnection` gives it back. */
  takeDataConnection(): Awaitable<boolean> {
    if (!this.#hasRoom()) return false
    this.dataConnections++
    return true
  }

  freeDataConnection(): void {
    this.dataConnections--
  }

  /** Takes no new clients; resolves when the last one there has left. */
  async close(): Promise<void> {
    this.#acceptor.close()
    await this.#allGone()
    if (this.#ownsLoop) this.ioloop.close()
  }

  /** Takes no new clients and disconnects those that are there; resolves when all is closed. */
  async closeAll(): Promise<void> {
    this.#acceptor.close()
    for (const handler of [...this.#sessions, ...this.#refused]) void handler.close()
    await this.#allGone()
    await this.#allSettled()
    if (this.#ownsLoop) this.ioloop.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.closeAll()
  }

  /** Puts something on the time line. */
  emit(detail: EventDetail, session = 0): void {
    if (!this.#events.hears(detail.type)) return
    this.#events.tell(Object.assign(detail, { at: this.ioloop.now(), session }), (error) => {
      // Who listens is told what went wrong with him, unless it is this that he cannot hear.
      if (detail.type !== 'error') this.emit({ type: 'error', error }, session)
    })
  }

  /** The handler and the data connections have their say about options, before these count. */
  #prepared(options: ResolvedServerOptions): ResolvedServerOptions {
    this.#handler.prepare(this, options)
    ;(this.dtpHandler as typeof DTPHandler).prepare(this, options)
    return Object.freeze(options)
  }

  #hasRoom(): boolean {
    return this.#sessions.size + this.dataConnections < this.options.maxCons
  }

  async #allGone(): Promise<void> {
    const handlers = [...this.#sessions, ...this.#refused]
    await Promise.all(handlers.map(({ closed }) => closed))
  }

  /** Waits for commands and callbacks that outlive their connections, but not for one that never ends. */
  async #allSettled(): Promise<void> {
    const patience = new IOLoop()
    const over = patience.sleep(SETTLE_GRACE_MS)
    await Promise.race([over, Promise.all([...this.#unsettled].map(({ settled }) => settled))])
    patience.close()
    for (const { id } of this.#unsettled) {
      const message = `a command or a callback was still running ${SETTLE_GRACE_MS} ms after the connection was closed`
      this.emit({ type: 'error', error: new Error(message) }, id)
    }
  }

  #accept(socket: Socket): void {
    const id = ++this.#lastId
    try {
      this.#admit(new this.#handler(socket, this, id))
    } catch (error) {
      socket.destroy()
      this.emit({ type: 'error', error }, id)
    }
  }

  #admit(handler: FTPHandler): void {
    const { maxConsPerIp } = this.options
    const { remoteAddress } = handler
    if (!this.#hasRoom()) {
      this.emit({ type: 'limit', limit: 'maxCons', remoteAddress }, handler.id)
      this.#refuse(handler, () => handler.handleMaxCons())
    } else if (maxConsPerIp > 0 && this.#countFrom(remoteAddress) >= maxConsPerIp) {
      this.emit({ type: 'limit', limit: 'maxConsPerIp', remoteAddress }, handler.id)
      this.#refuse(handler, () => handler.handleMaxConsPerIp())
    } else {
      this.#keep(handler, this.#sessions)
      handler.handle()
    }
  }

  #refuse(handler: FTPHandler, refuse: () => void): void {
    this.#keep(handler, this.#refused)
    refuse()
  }

  #keep(handler: FTPHandler, set: Set<FTPHandler>): void {
    set.add(handler)
    this.#unsettled.add(handler)
    void handler.closed.then(() => set.delete(handler))
    void handler.settled.then(() => this.#unsettled.delete(handler))
  }

  #countFrom(remoteAddress: string): number {
    let count = 0
    for (const session of this.#sessions) if (session.remoteAddress === remoteAddress) count++
    return count
  }
}

function checkAddress(address: unknown): void {
  const expected = '{ host, port }, { fd } or a net.Server'
  if (typeof address !== 'object' || address === null) throw invalidOption('address', address, expected)
  if (!('listen' in address)) rejectUnknownKeys(address, ['host', 'port', 'fd'], 'field of address')
}

function checkHandler(handler: unknown): void {
  const isHandler = handler === FTPHandler || (typeof handler === 'function' && handler.prototype instanceof FTPHandler)
  if (!isHandler) throw invalidOption('handler', handler, 'FTPHandler, or a class that extends it')
  checkCommands((handler as typeof FTPHandler).commands, 'handler.commands')
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken',
  EADDRNOTAVAIL: 'the machine has no such address',
  EACCES: 'no permission (ports below 1024 need privileges)',
  ENOTFOUND: 'no such host',
}

function plainAddress(address: Exclude<ListenAddress, { readonly fd: number }>): { host?: string; port?: number } {
  return 'listen' in address
    ? {}
    : { ...(address.host && { host: address.host }), ...(address.port && { port: address.port }) }
}
