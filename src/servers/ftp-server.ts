import type { Socket } from 'node:net'
import type { Authorizer, Awaitable } from '../authorizers/authorizer.ts'
import { AbstractedFS } from '../filesystems/abstracted-fs.ts'
import { BufferPool } from '../handlers/buffer-pool.ts'
import type { DTPHandler } from '../handlers/dtp-handler.ts'
import type { EventDetail, FtpEvent } from '../handlers/events.ts'
import type { FTPHandler } from '../handlers/ftp-handler.ts'
import type { SeamSource } from '../handlers/seams.ts'
import type { TlsContext } from '../handlers/tls-context.ts'
import { Acceptor } from '../ioloop/acceptor.ts'
import { andThen } from '../ioloop/awaitable.ts'
import { IOLoop } from '../ioloop/ioloop.ts'
import { RestingSockets } from '../ioloop/resting-sockets.ts'
import { asyncDispose } from '../options/async-dispose.ts'
import { invalidOption } from '../options/check.ts'
import { unmapAddress } from '../protocol/address.ts'
import { EventHub, type EventListener } from './event-hub.ts'
import { logTo } from './event-log.ts'
import { checkHandler, type HandlerClass } from './handler-class.ts'
import { checkAddress, existingServer, type ListenAddress, listenFailed, listenTarget } from './listen-address.ts'
import {
  changeServerOptions,
  checkParts,
  type DTPHandlerClass,
  type FTPServerOptions,
  type OptionChanges,
  type ResolvedServerOptions,
  resolveServerOptions,
} from './options.ts'
import { type Limit, Places, type PlaceTaker, Share } from './places.ts'
import type { Prefork } from './prefork.ts'
import { Closing, ExitSignals, resolveServing, type ServeForeverOptions } from './serve-forever.ts'
import { SessionSet, unsettled } from './session-set.ts'
import type { Superior } from './superior.ts'

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
  readonly restingSockets: RestingSockets = new RestingSockets()
  /** What its TLS connections share; there once a `TLS_FTPHandler` has asked for it. */
  tls?: TlsContext
  /** Whoever has a hand in what its sessions do: asked at each command, so it may come and go. */
  seams?: SeamSource | undefined
  /** Whether the time line has been told already that the kernel refuses sendfile(2). */
  sendfileRefused = false
  /** The places of all its connections, in workers too. */
  protected readonly places: Places = new Places(() => this.options)
  readonly #listenAddress: ListenAddress
  readonly #handler: typeof FTPHandler
  readonly #events: EventHub
  readonly #acceptor: Acceptor
  readonly #sessions: SessionSet
  readonly #ownsLoop: boolean
  readonly #closing = new Closing()
  #options: ResolvedServerOptions
  #listening: Promise<this> | undefined
  #prefork: Prefork | undefined
  #superior: Superior | undefined
  #places: PlaceTaker = new Share(this.places)
  #nextId = 1
  #idStep = 1

  /** Throws `FtpFixtureError` for an option that is unknown or wrong. Nothing is opened before `listen`. */
  constructor(address: ListenAddress, handler: HandlerClass, options: FTPServerOptions) {
    checkAddress(address)
    this.#handler = checkHandler(handler)
    checkParts(options)
    this.#sessions = new SessionSet(this, handler)
    this.authorizer = options.authorizer
    this.abstractedFs = options.abstractedFs ?? AbstractedFS
    this.dtpHandler = options.dtpHandler ?? this.#handler.dtpHandler
    this.#options = this.#prepared(resolveServerOptions(options))
    this.#ownsLoop = options.ioloop === undefined
    this.ioloop = options.ioloop ?? new IOLoop()
    const logSource = { prefix: () => this.#options.logPrefix, commands: this.#handler.commands }
    this.#events = new EventHub(logTo(options.log, logSource), options.onEvent)
    this.#listenAddress = address
    const listener = {
      onAccept: (socket: Socket) => this.#accept(socket),
      onError: (error: Error) => this.emit({ type: 'warning', message: `accepting failed: ${error.message}` }),
      noDelay: () => this.options.tcpNoDelay,
    }
    this.#acceptor = new Acceptor(listener, existingServer(address))
  }

  /** Starts to accept; throws `ERR_LISTEN_FAILED`, which names the address, when that cannot be. */
  listen(): Promise<this> {
    return this.#listenBy(() => this.open())
  }

  /**
   * Listens, and resolves when the server has been closed: with the signal that was the reason, if it was one.
   * With `workerProcesses`, sessions run in processes of their own, and their events are told in the first process.
   */
  async serveForever(options: ServeForeverOptions = {}): Promise<NodeJS.Signals | undefined> {
    const { handleExit, workerProcesses } = resolveServing(options)
    if (workerProcesses > 1) this.checkPrefork(workerProcesses)
    const exit = handleExit ? new ExitSignals(() => void this.closeAll()) : undefined
    try {
      await this.#listenBy(() => (workerProcesses > 1 ? this.#openProcesses(workerProcesses) : this.open()))
      await this.#closing.done
    } catch (error) {
      if (exit?.received === undefined) throw error
    } finally {
      exit?.stop()
    }
    return exit?.received
  }

  /** How it behaves now. */
  get options(): Readonly<ResolvedServerOptions> {
    return this.#options
  }

  /**
   * Changes options while the server runs, `undefined` meaning the default. The new values are seen by their next use, in
   * open sessions too. Throws `FtpFixtureError` as the constructor does, and then changes nothing.
   */
  configure(changes: OptionChanges): void {
    const changed = changeServerOptions(this.#options, changes)
    if ('backlog' in changes && this.#isListening)
      throw invalidOption('backlog', changes.backlog, 'to be set before the server listens')
    this.#options = this.#prepared(changed, changes)
  }

  /** Has a function told of each event of a type. What it throws, or rejects with, becomes an `error` event. */
  on<T extends FtpEvent['type']>(type: T, listener: EventListener<T>): this {
    this.#events.add(type, listener)
    return this
  }

  off<T extends FtpEvent['type']>(type: T, listener: EventListener<T>): this {
    this.#events.remove(type, listener)
    return this
  }

  /** The address and port it listens on. */
  get address(): { readonly host: string; readonly port: number } {
    return this.#prefork?.address ?? this.#acceptor.address
  }

  /** The sessions that are open in this thread of this process. */
  get sessions(): ReadonlySet<FTPHandler> {
    return this.#sessions.open
  }

  /** Data connections open now, in workers too; they count towards `maxCons`. */
  get dataConnections(): number {
    return this.places.data + this.places.leasedData
  }

  /** Takes a place for a data connection, if `maxCons` leaves one; `freeDataConnection` gives it back. */
  takeDataConnection(): Awaitable<boolean> {
    return this.#places.takeData()
  }

  freeDataConnection(): void {
    this.#places.freeData()
  }

  /** Takes no new clients; resolves when the last one there has left. */
  close(): Promise<void> {
    return this.#shut(() => this.#prefork?.close(false) ?? this.drained())
  }

  /** Takes no new clients and disconnects those that are there; resolves when all is closed. */
  closeAll(): Promise<void> {
    return this.#shut(() => this.#prefork?.close(true) ?? this.disconnected())
  }

  [asyncDispose](): Promise<void> {
    return this.closeAll()
  }

  /** Puts something on the time line. */
  emit(detail: EventDetail, session = 0): void {
    if (!(this.#superior ?? this.#events).hears(detail.type)) return
    this.tell(Object.assign(detail, { at: this.ioloop.now(), session }))
  }

  /** Tells an event where events are listened to. */
  protected tell(event: FtpEvent): void {
    if (this.#superior !== undefined) return this.#superior.tell(event)
    this.#events.tell(event, (error) => {
      // Who listens is told what went wrong with him, unless it is this that he cannot hear.
      if (event.type !== 'error') this.emit({ type: 'error', error }, event.session)
    })
  }

  /** Works for another server from here on, which has the places and hears the events; it gives the numbers too. */
  protected workFor(superior: Superior, { first, step }: { readonly first: number; readonly step: number }): void {
    this.#places = this.#superior = superior
    this.#nextId = first
    this.#idStep = step
  }

  /** Opens what has to be there before clients come, and listens. */
  protected async open(): Promise<void> {
    const target = listenTarget(this.#listenAddress, this.options.backlog)
    try {
      if (!this.#acceptor.listening) await this.#acceptor.listen(target)
    } catch (error) {
      throw listenFailed(target, error)
    }
  }

  /** Throws `FtpFixtureError` where this server cannot be pre-forked. */
  protected checkPrefork(workerProcesses: number): void {
    if (this.#isListening) throw invalidOption('workerProcesses', workerProcesses, '1, as the server listens already')
  }

  /** Serves a client that has its place. */
  protected serve(socket: Socket, id: number): void {
    void (this.#sessions.serve(socket, id)?.closed ?? Promise.resolve()).then(() => this.freeControl(id))
  }

  /** Gives the place of a control connection back. */
  protected freeControl(session: number): void {
    this.#places.freeControl(session)
  }

  /** Waits for all sessions there are to end. */
  protected drained(): Promise<void> {
    return this.#sessions.gone()
  }

  /** Ends all sessions there are. */
  protected async disconnected(): Promise<void> {
    this.#sessions.close()
    await this.#sessions.gone()
    for (const { id } of await this.#sessions.settled()) this.emit({ type: 'error', error: unsettled() }, id)
  }

  /** The handler and the data connections have their say about options, before these count. */
  #prepared(options: ResolvedServerOptions, changes?: OptionChanges): ResolvedServerOptions {
    this.#handler.prepare(this, options, changes)
    ;(this.dtpHandler as typeof DTPHandler).prepare(this, options)
    if (changes) this.#prefork?.configure(changes)
    this.tls?.install(options)
    return Object.freeze(options)
  }

  get #isListening(): boolean {
    return this.#listening !== undefined || this.#acceptor.listening
  }

  #listenBy(open: () => Promise<void>): Promise<this> {
    this.#listening ??= open().then(
      () => this,
      (error) => {
        this.#listening = undefined
        throw error
      },
    )
    return this.#listening
  }

  /** Has worker processes listen; in one of these, listens for the first process. */
  async #openProcesses(count: number): Promise<void> {
    const { seatInProcess } = await import('./prefork-seat.ts')
    const seat = seatInProcess(this)
    if (seat === undefined) {
      const { Prefork } = await import('./prefork.ts')
      const { places, ioloop } = this
      this.#prefork = new Prefork(count, { places, ioloop, events: this.#events, tell: (event) => this.tell(event) })
      return this.#prefork.listening
    }
    this.workFor(seat.superior, seat.numbers)
    void this.#closing.done.then(() => seat.leave())
    await seat.report(this.open())
  }

  async #shut(end: () => Promise<void>): Promise<void> {
    this.#closing.begun = true
    this.#listening = undefined
    this.#acceptor.close()
    await end()
    this.restingSockets.close()
    if (this.#ownsLoop) this.ioloop.close()
    this.#closing.finish()
  }

  #accept(socket: Socket): void {
    const id = this.#nextId
    this.#nextId += this.#idStep
    const receive = (limit: Limit | undefined) => {
      if (this.#closing.begun) socket.destroy()
      else if (limit === undefined) this.serve(socket, id)
      else this.#sessions.refuse(socket, id, limit)
    }
    void andThen(this.#places.takeControl(id, unmapAddress(socket.remoteAddress ?? '')), receive)
  }
}
