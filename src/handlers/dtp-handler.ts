import type { Socket } from 'node:net'
import type { Awaitable } from '../authorizers/authorizer.ts'
import { andThen } from '../ioloop/awaitable.ts'
import type { Connector } from '../ioloop/connector.ts'
import { invalidOption } from '../options/check.ts'
import { type HostPort, unmapAddress } from '../protocol/address.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import type { FTPServer } from '../servers/ftp-server.ts'
import type { ResolvedServerOptions } from '../servers/options.ts'
import { connectToClient } from './active-connection.ts'
import { sendAtOnce } from './at-once.ts'
import { AwaitedArrival } from './awaited-arrival.ts'
import { type AwaitedConnection, DeferredConnection } from './deferred-connection.ts'
import { DataConnectionError } from './error-reply.ts'
import { finishUpload, isOverlapping } from './overlap.ts'
import { PassiveListener } from './passive-listener.ts'
import { RawArrival } from './raw-arrival.ts'
import type { ConnectPlan, Seams } from './seams.ts'
import type { Session } from './session.ts'
import type { Stage } from './stages.ts'
import { closeFile, type PendingConnection, type Route, Transfer } from './transfer.ts'
import { TransferRecord } from './transfer-record.ts'

/** Where the data connection of a session stands. */
export type DataConnectionState =
  | { readonly is: 'closed' }
  | { readonly is: 'listening'; readonly listener: AwaitedConnection }
  | { readonly is: 'connecting'; readonly connector: Connector }
  | { readonly is: 'open'; readonly connection: PendingConnection }
  | { readonly is: 'transferring'; readonly transfer: Transfer }

const AWAITED = 'File status okay. About to open data connection.'

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

  /** Encrypts a new connection, for which PROT P was given when it was set up. */
  protected secure(_plain: Socket, _seams: Seams | undefined): Promise<Socket> {
    throw new Error('only a TLS_DTPHandler can encrypt its connections')
  }

  /** Whether a transfer can start: there is a connection or one is awaited, and none is busy. */
  ready(): Awaitable<boolean> {
    const { is } = this.#state
    if (is !== 'transferring') return is === 'listening' || is === 'open'
    return this.#finishUpload().then(() => false)
  }

  /** Opens a port for the client to connect to, in place of any earlier data connection. */
  listen(): Awaitable<HostPort> {
    return andThen(this.#replace(), () => andThen(this.#openListener(), (listener) => this.#listens(listener)))
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

  /** Notices a connection that has come while nobody watched. */
  look(): void {
    const state = this.#state
    const raw = state.is === 'listening' ? state.listener.take() : undefined
    if (raw === undefined) return
    // Who was told of it may have closed it.
    if (this.#state !== state) return raw.close()
    this.#state = { is: 'open', connection: new RawArrival(raw, this.session.options.tcpNoDelay) }
  }

  /** Starts a transfer: 125 over a connection that is open, 150 while it is awaited. */
  transfer(route: Route): Awaitable<Reply> {
    this.look()
    const state = this.#state
    if (state.is === 'open') return this.#begin(route, state.connection, 125)
    if (state.is !== 'listening') {
      // It was there when the command began, and went while a file was being opened.
      return this.#fail(route, new DataConnectionError('The data connection was closed.'))
    }
    state.listener.restartExpiry()
    return this.#begin(route, new AwaitedArrival(state.listener, (plain) => this.#secured(plain)), 150)
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
        state.connection.close()
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

  #connect(target: HostPort, plan: ConnectPlan | undefined): Promise<Socket> {
    return connectToClient(this.session, target, plan, (connector) => {
      this.#state = { is: 'connecting', connector }
    })
  }

  #listens(listener: PassiveListener): Awaitable<HostPort> {
    if (this.session.isGone) listener.close()
    this.#await(listener)
    const { host, port } = listener.address
    this.session.handler.emit({ type: 'data-listen', address: unmapAddress(host), port })
    return andThen(this.#seams?.listening?.(listener), (told) => ({ host, port: told ?? port }))
  }

  /** A connection will come. */
  #await(listener: AwaitedConnection): void {
    this.#state = { is: 'listening', listener }
    listener.socket.then(
      (socket) => this.#arrived(listener, socket),
      () => this.#isStill(listener) && this.#setClosed(),
    )
  }

  #begin(route: Route, connection: PendingConnection, code: 125 | 150): Awaitable<Reply> {
    let record: TransferRecord
    let stages: readonly Stage[]
    try {
      stages = this.stages(route)
      record = new TransferRecord(this.session, route)
    } catch (error) {
      return this.#fail(route, error)
    }
    const text = code === 125 ? 'Data connection already open. Transfer starting.' : AWAITED
    const lines = ['announcement' in route ? (route.announcement ?? text) : text]
    if (connection.raw && stages.length === 0 && this.session.seams === undefined) {
      const sent = sendAtOnce(record, connection.raw, { code, lines })
      if (sent !== undefined) {
        this.#setClosed()
        return sent
      }
    }
    const transfer = new Transfer(record, connection, stages)
    this.#state = { is: 'transferring', transfer }
    void transfer.completion.then(() => {
      if (transfer.isKept) this.#kept = transfer
      this.#setClosed()
    })
    return { code, lines, completion: transfer.completion }
  }

  async #fail(route: Route, error: unknown): Promise<never> {
    await closeFile(route)
    throw error
  }

  /** Makes room for the next data connection: the one before it goes, and it must be within `maxCons`. */
  #replace(): Awaitable<void> {
    const { is } = this.#state
    const isFree = (is === 'closed' || is === 'listening' || is === 'open') && this.#kept === undefined
    if (!isFree) return this.#makeRoom().then(() => this.#takePlace())
    void this.close()
    return this.#takePlace()
  }

  async #makeRoom(): Promise<void> {
    await this.#finishUpload()
    await this.close()
  }

  #takePlace(): Awaitable<void> {
    return andThen(this.session.handler.server.takeDataConnection(), (counted) => {
      this.#counted = counted
      if (!counted) throw new DataConnectionError("Too many connections. Can't open data channel.")
      this.#protection = this.session.protection
      this.#seams = this.session.seams
    })
  }

  #openListener(): Awaitable<PassiveListener> {
    const listener = PassiveListener.open(this.session, this.#seams)
    if (!(listener instanceof Promise)) return listener
    return listener.catch((error: unknown) => {
      this.#setClosed()
      throw error
    })
  }

  async #finishUpload(): Promise<void> {
    const state = this.#state
    if (state.is === 'transferring' && isOverlapping(state.transfer)) await finishUpload(this.session, state.transfer)
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
    this.#state = { is: 'open', connection: this.#secured(socket) }
  }

  #secured(plain: Socket): PendingConnection {
    const isClear = this.#protection === 'C'
    const socket = isClear ? Promise.resolve(plain) : this.secure(plain, this.#seams)
    // Where there is a transfer, it is told what went wrong.
    socket.catch(() => {})
    return { socket, plain: () => plain, close: () => void plain.destroy() }
  }

  #setClosed(): void {
    this.#state = { is: 'closed' }
    if (this.#counted) this.session.handler.server.freeDataConnection()
    this.#counted = false
  }
}
