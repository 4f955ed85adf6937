import type { Socket } from 'node:net'
import { Acceptor } from '../ioloop/acceptor.ts'
import { deferred } from '../ioloop/deferred.ts'
import type { ScheduledCall } from '../ioloop/ioloop.ts'
import { sameAddress } from '../protocol/address.ts'
import { DataConnectionError, isExpected } from './error-reply.ts'
import type { Seams } from './seams.ts'
import type { Session } from './session.ts'

/** Waits for one data connection, from the client's own address unless others are permitted. */
export class PassiveListener {
  /** The connection that came; rejects with `DataConnectionError` when none did in time. */
  readonly socket: Promise<Socket>
  readonly #session: Session
  readonly #acceptor: Acceptor
  #expiry: ScheduledCall | undefined
  readonly #arrival = deferred<Socket>()
  #stranger: string | undefined
  readonly #seams: Seams | undefined
  /** A connection that came and is not passed on yet. */
  #held: Socket | undefined
  #ignore: (() => void) | undefined
  #givenUp = false

  /** Listens on the address that the control connection came in by, on a port of `passivePorts` where there are any. */
  static async open(session: Session, seams?: Seams): Promise<PassiveListener> {
    for (const port of [...shuffled(session.options.passivePorts ?? []), 0]) {
      if (port === 0 && session.options.passivePorts) {
        session.handler.emit({ type: 'warning', message: 'no port of passivePorts is free; took another one' })
      }
      const listener = new PassiveListener(session, seams)
      try {
        // A process of node:cluster would share the port with others, whose clients it would get.
        await listener.#acceptor.listen({ host: session.localAddress, port, exclusive: true })
        return listener
      } catch (error) {
        listener.close()
        if (port === 0) throw new DataConnectionError(`Can't listen for a data connection: ${codeOf(error)}.`)
      }
    }
    throw new Error('unreachable: the last port tried is 0')
  }

  private constructor(session: Session, seams: Seams | undefined) {
    this.#session = session
    this.#seams = seams
    this.#acceptor = new Acceptor({
      onAccept: (socket) => this.#accept(socket),
      noDelay: () => session.options.tcpNoDelay,
    })
    this.socket = this.#arrival.promise
    this.socket.catch(() => {})
    const { passiveTimeout } = session.options
    if (passiveTimeout === 0) return
    this.#expiry = session.ioloop.callLater(passiveTimeout, () => this.#giveUp(this.#whyNobodyCame()))
  }

  get address(): { readonly host: string; readonly port: number } {
    return this.#acceptor.address
  }

  /** Counts the time to wait from now on: a transfer has been asked for. */
  restartExpiry(): void {
    this.#expiry?.reset()
  }

  /** The connection that comes is left alone, though one is still waited for; `taken` is called when it is there. */
  ignore(taken: () => void): void {
    this.#ignore = taken
  }

  /** Stops waiting. */
  close(): void {
    this.#giveUp('Data connection closed.')
  }

  #accept(socket: Socket): void {
    socket.on('error', () => {})
    const { handler, options, remoteAddress } = this.#session
    const peer = { remoteAddress: socket.remoteAddress ?? '', remotePort: socket.remotePort ?? 0 }
    if (!options.permitForeignAddresses && !sameAddress(peer.remoteAddress, remoteAddress)) {
      // Waits on: whoever it was, the client is not to blame. A reply nobody asked for would only confuse it.
      this.#stranger = peer.remoteAddress
      handler.emit({ type: 'data-refused', ...peer, reason: 'foreign address' })
      socket.destroy()
    } else {
      this.#acceptor.close()
      handler.emit({ type: 'data-open', mode: 'passive', ...peer })
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
          else handler.report(error)
          this.#giveUp((error as Error).message)
        },
      )
    }
  }

  #pass(socket: Socket): void {
    this.#held = undefined
    this.#expiry?.cancel()
    // Who is told of it may have closed it.
    if (this.#givenUp) socket.destroy()
    else this.#arrival.resolve(socket)
  }

  #whyNobodyCame(): string {
    if (this.#stranger === undefined) return 'Passive data connection timed out.'
    return `Passive data connection timed out; one from foreign address ${this.#stranger} was rejected.`
  }

  #giveUp(reason: string): void {
    this.#givenUp = true
    this.#held?.destroy()
    this.#expiry?.cancel()
    this.#acceptor.close()
    this.#arrival.reject(new DataConnectionError(reason))
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
