import type { Server, Socket } from 'node:net'
import type { Authorizer } from '../authorizers/authorizer.ts'
import { checkCommands } from '../commands/index.ts'
import { AbstractedFS } from '../filesystems/abstracted-fs.ts'
import { BufferPool } from '../handlers/buffer-pool.ts'
import { DTPHandler } from '../handlers/dtp-handler.ts'
import type { EventDetail, FtpEvent } from '../handlers/events.ts'
import { FTPHandler } from '../handlers/ftp-handler.ts'
import { Acceptor } from '../ioloop/acceptor.ts'
import { IOLoop } from '../ioloop/ioloop.ts'
import { invalidOption, rejectUnknownKeys } from '../options/check.ts'
import { FtpFixtureError } from '../options/error.ts'
import { checkParts, type FTPServerOptions, type ResolvedServerOptions, resolveServerOptions } from './options.ts'

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
  readonly options: ResolvedServerOptions
  readonly authorizer: Authorizer
  readonly abstractedFs: NonNullable<FTPServerOptions['abstractedFs']>
  readonly dtpHandler: NonNullable<FTPServerOptions['dtpHandler']>
  readonly ioloop: IOLoop
  readonly buffers: BufferPool = new BufferPool()
  /** Data connections open now; they count towards `maxCons`. */
  dataConnections = 0
  readonly #listenAddress: ListenAddress
  readonly #handler: HandlerClass
  readonly #onEvent: ((event: FtpEvent) => void) | undefined
  readonly #acceptor: Acceptor
  readonly #sessions = new Set<FTPHandler>()
  /** Connections that were turned away and are not gone yet. */
  readonly #refused = new Set<FTPHandler>()
  /** Those with a connection, a command or a callback that has not ended. */
  readonly #unsettled = new Set<FTPHandler>()
  readonly #ownsLoop: boolean
  #lastId = 0

  /** Throws `FtpFixtureError` for an option that is unknown or wrong. Nothing is opened before `listen`. */
  constructor(address: ListenAddress, handler: HandlerClass, options: FTPServerOptions) {
    checkAddress(address)
    checkHandler(handler)
    checkParts(options)
    this.options = resolveServerOptions(options)
    this.authorizer = options.authorizer
    this.abstractedFs = options.abstractedFs ?? AbstractedFS
    this.dtpHandler = options.dtpHandler ?? DTPHandler
    this.#ownsLoop = options.ioloop === undefined
    this.ioloop = options.ioloop ?? new IOLoop()
    this.#onEvent = options.onEvent
    this.#listenAddress = address
    this.#handler = handler
    const existing = 'listen' in address ? address : undefined
    this.#acceptor = new Acceptor(
      {
        onAccept: (socket) => this.#accept(socket),
        onError: (error) => this.emit({ type: 'warning', message: `accepting failed: ${error.message}` }),
        noDelay: this.options.tcpNoDelay,
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

  /** The address and port it listens on. */
  get address(): { readonly host: string; readonly port: number } {
    return this.#acceptor.address
  }

  /** The sessions that are open. */
  get sessions(): ReadonlySet<FTPHandler> {
    return this.#sessions
  }

  /** Whether one more data connection is within `maxCons`. */
  hasRoom(): boolean {
    return this.#sessions.size + this.dataConnections < this.options.maxCons
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
    if (this.#onEvent === undefined) return
    // Whoever listens must not bring the server down; he is told, unless it is this that he cannot hear.
    const failed = (error: unknown) => {
      if (detail.type !== 'error') this.emit({ type: 'error', error }, session)
    }
    try {
      const result: unknown = this.#onEvent(Object.assign(detail, { at: this.ioloop.now(), session }))
      if (result instanceof Promise) result.catch(failed)
    } catch (error) {
      failed(error)
    }
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
    if (!this.hasRoom()) {
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
