import { isIPv4, type Socket } from 'node:net'
import type { Awaitable } from '../authorizers/authorizer.ts'
import { Acceptor } from '../ioloop/acceptor.ts'
import { type Alarm, RealClock } from '../ioloop/clock.ts'
import { ConnectionQueue } from '../ioloop/connection-queue.ts'
import { deferred } from '../ioloop/deferred.ts'
import type { ScheduledCall } from '../ioloop/ioloop.ts'
import type { RawConnection } from '../ioloop/raw-connection.ts'
import { systemSocketsWhenWorthwhile } from '../native/sockets.ts'
import { sameAddress } from '../protocol/address.ts'
import { DataConnectionError, isExpected } from './error-reply.ts'
import type { Seams } from './seams.ts'
import type { Session } from './session.ts'

/** How long, in real time, a queue is left unwatched: most clients have connected and asked for a transfer by then. */
const UNWATCHED_MS = 5

/** Waits for one data connection, from the client's own address unless others are permitted. */
export class PassiveListener {
  /** The connection that came; rejects with `DataConnectionError` when none did in time. */
  readonly socket: Promise<Socket>
  readonly #session: Session
  #acceptor: Acceptor | undefined
  #expiry: ScheduledCall | undefined
  readonly #arrival = deferred<Socket>()
  #stranger: string | undefined
  readonly #seams: Seams | undefined
  /** A connection that came and is not passed on yet. */
  #held: Socket | undefined
  #ignore: (() => void) | undefined
  #givenUp = false
  /** What connections wait in while nobody watches for them. */
  #queue: ConnectionQueue | undefined
  #unwatched: Alarm | undefined

  /** Listens on the address that the control connection came in by, on a port of `passivePorts` where there are any. */
  static open(session: Session, seams?: Seams): Awaitable<PassiveListener> {
    return PassiveListener.#withQueue(session, seams) ?? PassiveListener.#withAcceptor(session, seams)
  }

  /**
   * Listens without being told of connections: a small transfer is done before an object of Node's for the port and one
   * for the connection would be made. Not where somebody has a hand in the connection, or it begins with a handshake.
   */
  static #withQueue(session: Session, seams?: Seams): PassiveListener | undefined {
    const { localAddress, options, protection } = session
    if (seams !== undefined || protection === 'P' || !isIPv4(localAddress)) return undefined
    const sockets = systemSocketsWhenWorthwhile()
    if (sockets === undefined) return undefined
    for (const port of options.passivePorts ? shuffled(options.passivePorts) : [0]) {
      const queue = ConnectionQueue.open(sockets, localAddress, port, session.handler.server.restingSockets)
      if (queue !== undefined) return new PassiveListener(session, seams, queue)
    }
    return undefined
  }

  static async #withAcceptor(session: Session, seams?: Seams): Promise<PassiveListener> {
    for (const port of [...shuffled(session.options.passivePorts ?? []), 0]) {
      if (port === 0 && session.options.passivePorts) {
        session.handler.emit({ type: 'warning', message: 'no port of passivePorts is free; took another one' })
      }
      const listener = new PassiveListener(session, seams)
      try {
        // A process of node:cluster would share the port with others, whose clients it would get.
        await listener.#makeAcceptor().listen({ host: session.localAddress, port, exclusive: true })
        return listener
      } catch (error) {
        listener.close()
        if (port === 0) throw new DataConnectionError(`Can't listen for a data connection: ${codeOf(error)}.`)
      }
    }
    throw new Error('unreachable: the last port tried is 0')
  }

  private constructor(session: Session, seams: Seams | undefined, queue?: ConnectionQueue) {
    this.#session = session
    this.#seams = seams
    this.#queue = queue
    this.socket = this.#arrival.promise
    this.socket.catch(() => {})
    if (queue !== undefined)
      this.#unwatched = new RealClock().alarm(UNWATCHED_MS, () => this.#passTaken() || this.#watch())
    const { passiveTimeout } = session.options
    if (passiveTimeout === 0) return
    this.#expiry = session.ioloop.callLater(passiveTimeout, () => this.#expire())
  }

  get address(): { readonly host: string; readonly port: number } {
    return (this.#acceptor ?? this.#queue)?.address ?? { host: '', port: 0 }
  }

  /** The connection that has come while nobody watched. */
  take(): RawConnection | undefined {
    const connection = this.#next()
    if (connection !== undefined) this.#stop()
    return connection
  }

  /** A transfer has been asked for: the time to wait counts from now on, and the connection is watched for. */
  restartExpiry(): void {
    this.#watch()
    this.#expiry?.reset()
  }

  /** The connection that comes is left alone, though one is still waited for; `taken` is called when it is there. */
  ignore(taken: () => void): void {
    this.#ignore = taken
  }

  /** Stops waiting. */
  close(): void {
    // Left in the queue it would be reset, and not closed as any other.
    this.#next()?.close()
    this.#giveUp('Data connection closed.')
  }

  #makeAcceptor(): Acceptor {
    const noDelay = () => this.#session.options.tcpNoDelay
    this.#acceptor = new Acceptor({ onAccept: (socket) => this.#accept(socket), noDelay })
    return this.#acceptor
  }

  /** The next connection of the queue from somebody who may. */
  #next(): RawConnection | undefined {
    for (;;) {
      const connection = this.#queue?.next()
      if (connection === undefined || this.#admits(connection)) return connection
      connection.close()
    }
  }

  /** Has Node tell of connections from here on. */
  #watch(): void {
    this.#unwatched?.cancel()
    const fd = this.#queue?.release()
    this.#queue = undefined
    if (fd !== undefined)
      this.#makeAcceptor()
        .listenOn(fd)
        .catch((error: Error) => this.#giveUp(error.message))
  }

  #accept(socket: Socket): void {
    socket.on('error', () => {})
    const { remoteAddress, remotePort = 0 } = socket
    // Reset before anybody looked: whose it was is not to be known any more, and nothing can come over it.
    if (remoteAddress === undefined || !this.#admits({ remoteAddress, remotePort })) return void socket.destroy()
    this.#acceptor?.close()
    if (this.#ignore !== undefined) {
      this.#held = socket
      return this.#ignore()
    }
    const opened = this.#seams?.opened?.(socket)
    if (!(opened instanceof Promise)) return this.#pass(socket)
    this.#held = socket
    // It has come: what is waited for now is not the client's doing.
    this.#expiry?.cancel()
    opened.then(
      () => this.#pass(socket),
      (error: unknown) => {
        if (isExpected(error)) this.#held = undefined
        else this.#session.handler.report(error)
        this.#giveUp((error as Error).message)
      },
    )
  }

  /** Whether a connection is one to wait for, which the time line is told. */
  #admits({ remoteAddress, remotePort }: Pick<RawConnection, 'remoteAddress' | 'remotePort'>): boolean {
    const { handler, options } = this.#session
    const peer = { remoteAddress, remotePort }
    if (options.permitForeignAddresses || sameAddress(remoteAddress, this.#session.remoteAddress)) {
      handler.emit({ type: 'data-open', mode: 'passive', ...peer })
      return true
    }
    // Waits on: whoever it was, the client is not to blame. A reply nobody asked for would only confuse it.
    this.#stranger = remoteAddress
    handler.emit({ type: 'data-refused', ...peer, reason: 'foreign address' })
    return false
  }

  #pass(socket: Socket): void {
    this.#held = undefined
    this.#expiry?.cancel()
    // Who is told of it may have closed it.
    if (this.#givenUp) socket.destroy()
    else this.#arrival.resolve(socket)
  }

  #expire(): void {
    // It may have been there in time, only nobody has looked.
    if (!this.#passTaken()) this.#giveUp(this.#whyNobodyCame())
  }

  /** Passes on a connection that has come while nobody watched; whether there was one. */
  #passTaken(): boolean {
    const connection = this.take()
    if (connection !== undefined) this.#pass(connection.toSocket(this.#session.options.tcpNoDelay))
    return connection !== undefined
  }

  #whyNobodyCame(): string {
    if (this.#stranger === undefined) return 'Passive data connection timed out.'
    return `Passive data connection timed out; one from foreign address ${this.#stranger} was rejected.`
  }

  #giveUp(reason: string): void {
    this.#givenUp = true
    this.#held?.destroy()
    this.#stop()
    this.#arrival.reject(new DataConnectionError(reason))
  }

  #stop(): void {
    this.#expiry?.cancel()
    this.#unwatched?.cancel()
    this.#queue?.close()
    this.#queue = undefined
    this.#acceptor?.close()
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}

function shuffled(ports: readonly number[]): number[] {
  const result = [...ports]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    ;[result[i], result[j]] = [result[j] as number, result[i] as number]
  }
  return result
}
