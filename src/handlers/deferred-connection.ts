import type { Socket } from 'node:net'
import type { Awaitable } from '../authorizers/authorizer.ts'
import { deferred } from '../ioloop/deferred.ts'
import type { IOLoop, ScheduledCall } from '../ioloop/ioloop.ts'
import { DataConnectionError, isExpected } from './error-reply.ts'
import type { PassiveListener } from './passive-listener.ts'

/** A data connection that will come, from the client or to it. */
export type AwaitedConnection = PassiveListener | DeferredConnection

/** How a connection is made later. */
export interface Deferment {
  /** Resolves when the time has come. */
  readonly after: Promise<void>
  connect(): Promise<Socket>
  /** Called in place of all that follows: the connection is left alone, though one is still waited for. */
  readonly ignore?: (() => void) | undefined
  /** What is done to the connection before anybody uses it. */
  opened(socket: Socket): Awaitable<void>
}

/** A connection to the client that is made later than it was asked for. */
export class DeferredConnection {
  /** Rejects with `DataConnectionError` when it is not there in time. */
  readonly socket: Promise<Socket>
  readonly #made = deferred<Socket>()
  readonly #expiry: ScheduledCall | undefined
  /** One that is there and not passed on yet. */
  #held: Socket | undefined
  #isOver = false

  constructor(ioloop: IOLoop, deferment: Deferment, timeoutMs: number) {
    this.socket = this.#made.promise
    this.socket.catch(() => {})
    this.#expiry = timeoutMs === 0 ? undefined : ioloop.callLater(timeoutMs, () => this.close())
    this.#make(deferment).catch((error: unknown) => {
      this.#made.reject(error)
      this.close()
    })
  }

  /** None comes unnoticed. */
  take(): undefined {}

  /** Counts the time to wait from now on: a transfer has been asked for. */
  restartExpiry(): void {
    this.#expiry?.reset()
  }

  /** Gives it up. */
  close(): void {
    this.#isOver = true
    this.#expiry?.cancel()
    this.#held?.destroy()
    this.#made.reject(new DataConnectionError("Can't open data connection."))
  }

  async #make({ after, connect, ignore, opened }: Deferment): Promise<void> {
    await after
    if (this.#isOver) return
    this.#held = await connect()
    if (this.#isOver) return void this.#held.destroy()
    if (ignore !== undefined) return ignore()
    const socket = this.#held
    // It is there: what is waited for now is nobody's delay but the server's.
    this.#expiry?.cancel()
    try {
      await opened(socket)
    } catch (error) {
      if (isExpected(error)) this.#held = undefined
      throw error
    }
    this.#held = undefined
    this.#made.resolve(socket)
  }
}
