import type { Server, Socket } from 'node:net'
import type { Authorizer } from '../authorizers/authorizer.ts'
import { AbstractedFS } from '../filesystems/abstracted-fs.ts'
import { BufferPool } from '../handlers/buffer-pool.ts'
import { DTPHandler } from '../handlers/dtp-handler.ts'
import type { EventDetail, FtpEvent } from '../handlers/events.ts'
import type { FTPHandler } from '../handlers/ftp-handler.ts'
import { Acceptor } from '../ioloop/acceptor.ts'
import { IOLoop } from '../ioloop/ioloop.ts'
import { FtpFixtureError } from '../options/error.ts'
import { type FTPServerOptions, type ResolvedServerOptions, resolveServerOptions } from './options.ts'

/** Where a server listens: an address (port 0 takes a free one, `::` takes IPv4 too), or a socket that is there already. */
export type ListenAddress = { readonly host?: string; readonly port?: number } | { readonly fd: number } | Server

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
  #lastId = 0

  /** Throws `FtpFixtureError` for an option that is unknown or wrong. Nothing is opened before `listen`. */
  constructor(address: ListenAddress, handler: HandlerClass, options: FTPServerOptions) {
    this.options = resolveServerOptions(options)
    this.authorizer = options.authorizer
    this.abstractedFs = options.abstractedFs ?? AbstractedFS
    this.dtpHandler = options.dtpHandler ?? DTPHandler
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
    this.ioloop.close()
  }

  /** Takes no new clients and disconnects those that are there; resolves when all is closed. */
  async closeAll(): Promise<void> {
    this.#acceptor.close()
    for (const handler of [...this.#sessions, ...this.#refused]) void handler.close()
    await this.#allGone()
    this.ioloop.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.closeAll()
  }

  /** Puts something on the time line. */
  emit(detail: EventDetail, session = 0): void {
    if (this.#onEvent === undefined) return
    try {
      this.#onEvent(Object.assign(detail, { at: this.ioloop.now(), session }))
    } catch (error) {
      // Whoever listens must not bring the server down; he is told, unless it is this that he cannot hear.
      if (detail.type !== 'error') this.emit({ type: 'error', error }, session)
    }
  }

  async #allGone(): Promise<void> {
    const handlers = [...this.#sessions, ...this.#refused]
    await Promise.all(handlers.map(({ closed }) => closed))
  }

  #accept(socket: Socket): void {
    const handler = new this.#handler(socket, this, ++this.#lastId)
    const { maxConsPerIp } = this.options
    const { remoteAddress } = handler
    if (!this.hasRoom()) {
      this.#refuse(handler, () => handler.handleMaxCons())
      this.emit({ type: 'limit', limit: 'maxCons', remoteAddress }, handler.id)
    } else if (maxConsPerIp > 0 && this.#countFrom(remoteAddress) >= maxConsPerIp) {
      this.#refuse(handler, () => handler.handleMaxConsPerIp())
      this.emit({ type: 'limit', limit: 'maxConsPerIp', remoteAddress }, handler.id)
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
    void handler.closed.then(() => set.delete(handler))
  }

  #countFrom(remoteAddress: string): number {
    let count = 0
    for (const session of this.#sessions) if (session.remoteAddress === remoteAddress) count++
    return count
  }
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
