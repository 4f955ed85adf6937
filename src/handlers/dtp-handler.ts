import type { Socket } from 'node:net'
import type { Awaitable } from '../authorizers/authorizer.ts'
import { Connector } from '../ioloop/connector.ts'
import { invalidOption } from '../options/check.ts'
import { type HostPort, unmapAddress } from '../protocol/address.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import type { FTPServer } from '../servers/ftp-server.ts'
import type { ResolvedServerOptions } from '../servers/options.ts'
import { type AwaitedConnection, DeferredConnection } from './deferred-connection.ts'
import { DataConnectionError } from './error-reply.ts'
import { PassiveListener } from './passive-listener.ts'
import type { ConnectPlan, Seams } from './seams.ts'
import type { Session } from './session.ts'
import type { Stage } from './stages.ts'
import { closeFile, type PendingConnection, type Route, Transfer } from './transfer.ts'

/** Where the data connection of a session stands. */
export type DataConnectionState =
  | { readonly is: 'closed' }
  | { readonly is: 'listening'; readonly listener: AwaitedConnection }
  | { readonly is: 'connecting'; readonly connector: Connector }
  | ({ readonly is: 'open' } & PendingConnection)
  | { readonly is: 'transferring'; readonly transfer: Transfer }

/** Standstill after which an upload still running when its successor is set up counts as given up. */
const OVERLAP_GRACE_MS = 100
/** How long such an upload is waited for at most: until it ends, no other command is read, ABOR neither. */
const OVERLAP_LIMIT_MS = 2000

/** The data connection of a session (server-DTP, RFC 959 §2.3): at most one at a time, at most one transfer over it. */
export class DTPHandler {
  /** Asked at the start of a server, and when its options change: throws for options that this class cannot keep. */
  static prepare(_server: FTPServer, { readLimit, writeLimit }: ResolvedServerOptions): void {
    for (const [name, limit] of Object.entries({ readLimit, writeLimit })) {
      if (limit > 0) throw invalidOption(name, limit, '0, as the dtpHandler is no ThrottledDTPHandler')
    }
  }

  readonly session: Session
  /** Whether the server itself holds the bytes of the transfer back: no standstill that ends the session. */
  isHoldingBack = false
  #state: DataConnectionState = { is: 'closed' }
  #counted = false
  /** Of the connection as it was set up: PROT and REIN count for the next one. */
  #protection: Session['protection'] = 'C'
  #seams: Seams | undefined
  /** One that is done, and whose connection is open still. */
  #kept: Transfer | undefined

  constructor(session: Session) {
    this.session = session
  }

  get state(): DataConnectionState {
    return this.#state
  }

  /** What the bytes of a transfer go through, in the order of the wire; a subclass may slow them down, say. */
  stages(_route: Route): readonly Stage[] {
    return []
  }

  /** Lets time pass amid a transfer, or something be done, for a stage; ends at once when the signal says so. */
  async holdBack(until: number | Promise<void>, signal: AbortSignal): Promise<void> {
    this.isHoldingBack = true
    const limitMs = typeof until === 'number' ? until : Number.POSITIVE_INFINITY
    const isOver = this.session.ioloop.sleep(limitMs, signal)
    await Promise.race(typeof until === 'number' ? [isOver] : [until, isOver]).finally(() => {
      this.isHoldingBack = false
    })
  }

  /** What a new connection is spoken over: itself, unless a subclass encrypts it as was said when it was set up. */
  protected secure(plain: Socket, _protection: Session['protection'], _seams: Seams | undefined): Awaitable<Socket> {
    return plain
  }

  /** Whether a transfer can start: there is a connection or one is awaited, and none is busy. */
  ready(): Awaitable<boolean> {
    const { is } = this.#state
    if (is !== 'transferring') return is === 'listening' || is === 'open'
    return this.#finishUpload().then(() => false)
  }

  /** Opens a port for the client to connect to, in place of any earlier data connection. */
  async listen(): Promise<HostPort> {
    await this.#replace()
    const listener = await this.#openListener()
    if (this.session.isGone) listener.close()
    this.#await(listener)
    const { host, port } = listener.address
    this.session.handler.emit({ type: 'data-listen', address: unmapAddress(host), port })
    const told = await this.#seams?.listening?.(listener)
    return { host, port: told ?? port }
  }

  /** Connects to the client, in place of any earlier data connection. */
  async connect(target: HostPort): Promise<void> {
    await this.#replace()
    const { ioloop, options } = this.session
    const plan = this.#seams?.connecting?.()
    const opened = (socket: Socket) => this.#seams?.opened?.(socket)
    if (plan?.after !== undefined) {
      const { after, ignore } = plan
      const deferment = { after, ignore, connect: () => this.#connect(target, plan), opened }
      return this.#await(new DeferredConnection(ioloop, deferment, options.activeTimeout))
    }
    try {
      const socket = await this.#connect(target, plan)
      await opened(socket)
      this.#open(socket)
    } catch (error) {
      if (this.#state.is === 'connecting') this.#setClosed()
      throw error
    }
  }

  /** Starts a transfer: 125 over a connection that is open, 150 while it is awaited. */
  async transfer(route: Route): Promise<Reply> {
    const state = this.#state
    if (state.is !== 'open' && state.is !== 'listening') {
      // It was there when the command began, and went while a file was being opened.
      await closeFile(route)
      throw new DataConnectionError('The data connection was closed.')
    }
    if (state.is === 'listening') state.listener.restartExpiry()
    const transfer = await this.#begin(route, state.is === 'open' ? state : this.#awaited(state.listener))
    this.#state = { is: 'transferring', transfer }
    void transfer.completion.then(() => {
      if (transfer.isKept) this.#kept = transfer
      this.#setClosed()
    })
    const text = 'announcement' in route ? route.announcement : undefined
    const { completion } = transfer
    if (state.is === 'open')
      return { code: 125, lines: [text ?? 'Data connection already open. Transfer starting.'], completion }
    return { code: 150, lines: [text ?? 'File status okay. About to open data connection.'], completion }
  }

  /** Closes the connection, or the attempt at one; a transfer ends with 426. */
  async close(): Promise<void> {
    const state = this.#state
    this.#kept?.hangUp()
    this.#kept = undefined
    switch (state.is) {
      case 'closed':
        return
      case 'listening':
        state.listener.close()
        break
      case 'connecting':
        state.connector.close()
        break
      case 'open':
        state.close()
        break
      case 'transferring':
        await state.transfer.abort(reply(426, 'Connection closed; transfer aborted.'))
    }
    this.#setClosed()
  }

  /** One line for STAT. */
  describe(): string {
    const state = this.#state
    if (state.is === 'transferring') {
      const { bytes, direction, path } = state.transfer
      return ` Data connection: transferring, ${bytes} bytes of "${path}" ${direction} so far`
    }
    return ` Data connection: ${state.is}`
  }

  /** Makes an active connection. */
  async #connect(target: HostPort, plan: ConnectPlan | undefined): Promise<Socket> {
    const { ioloop, options, localAddress, handler } = this.session
    const local = { localAddress: plan?.localAddress ?? localAddress, noDelay: options.tcpNoDelay }
    const connector = new Connector(ioloop, { ...target, ...local }, options.activeTimeout)
    const giveUp = () => connector.close()
    if (plan?.after === undefined) this.#state = { is: 'connecting', connector }
    else this.session.signal.addEventListener('abort', giveUp)
    try {
      const socket = await connector.connected
      handler.emit({ type: 'data-open', mode: 'active', remoteAddress: target.host, remotePort: target.port })
      return socket
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      const origin = plan?.localAddress === undefined ? '' : ` from ${plan.localAddress}`
      throw new DataConnectionError(`Can't connect to ${target.host}:${target.port}${origin}: ${code ?? message}.`)
    } finally {
      if (plan?.after !== undefined) this.session.signal.removeEventListener('abort', giveUp)
    }
  }

  /** A connection will come. */
  #await(listener: AwaitedConnection): void {
    this.#state = { is: 'listening', listener }
    listener.socket.then(
      (socket) => this.#arrived(listener, socket),
      () => this.#isStill(listener) && this.#setClosed(),
    )
  }

  async #begin(route: Route, connection: PendingConnection): Promise<Transfer> {
    try {
      return new Transfer(this.session, route, connection, this.stages(route))
    } catch (error) {
      await closeFile(route)
      throw error
    }
  }

  /** Makes room for the next data connection: the one before it goes, and it must be within `maxCons`. */
  async #replace(): Promise<void> {
    await this.#finishUpload()
    await this.close()
    this.#counted = await this.session.handler.server.takeDataConnection()
    if (!this.#counted) throw new DataConnectionError("Too many connections. Can't open data channel.")
    this.#protection = this.session.protection
    this.#seams = this.session.seams
  }

  async #openListener(): Promise<PassiveListener> {
    try {
      return await PassiveListener.open(this.session, this.#seams)
    } catch (error) {
      this.#setClosed()
      throw error
    }
  }

  /**
   * Waits a while for an upload whose bytes flow. A client may close its data connection and set up the next one before it
   * has read the 226: what it sent is then all here but not all read, and must not be lost.
   */
  async #finishUpload(): Promise<void> {
    const state = this.#state
    if (state.is !== 'transferring' || state.transfer.direction !== 'received' || state.transfer.isGivenUp) return
    const { transfer } = state
    const { ioloop } = this.session
    const giveUpMs = ioloop.now() + OVERLAP_LIMIT_MS
    const moves = (before: number) => before !== transfer.bytes && ioloop.now() < giveUpMs
    for (let before = -1; moves(before) && this.#state === state && !this.session.isGone; ) {
      before = transfer.bytes
      await new Promise<void>((resolve) => {
        const grace = ioloop.callLater(OVERLAP_GRACE_MS, resolve)
        void transfer.completion.then(() => {
          grace.cancel()
          resolve()
        })
      })
    }
  }

  #arrived(listener: AwaitedConnection, socket: Socket): void {
    if (this.#isStill(listener)) this.#open(socket)
    else if (this.#state.is !== 'transferring') socket.destroy()
  }

  #isStill(listener: AwaitedConnection): boolean {
    return this.#state.is === 'listening' && this.#state.listener === listener
  }

  #open(socket: Socket): void {
    if (this.session.isGone) {
      socket.destroy()
      return this.#setClosed()
    }
    this.#state = { is: 'open', ...this.#secured(socket) }
  }

  #secured(plain: Socket): PendingConnection {
    const socket = Promise.resolve(this.secure(plain, this.#protection, this.#seams))
    // Where there is a transfer, it is told what went wrong.
    socket.catch(() => {})
    return { socket, plain: () => plain, close: () => void plain.destroy() }
  }

  /** A connection that has still to come. */
  #awaited(listener: AwaitedConnection): PendingConnection {
    let arrived: PendingConnection | undefined
    const socket = listener.socket.then((plain) => {
      arrived = this.#secured(plain)
      return arrived.socket
    })
    return {
      socket,
      plain: () => arrived?.plain(),
      close: () => {
        listener.close()
        arrived?.close()
      },
    }
  }

  #setClosed(): void {
    this.#state = { is: 'closed' }
    if (this.#counted) this.session.handler.server.freeDataConnection()
    this.#counted = false
  }
}
