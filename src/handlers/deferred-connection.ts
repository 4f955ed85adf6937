import type { Socket } from 'node:net'
import { deferred } from '../ioloop/deferred.ts'
import type { IOLoop, ScheduledCall } from '../ioloop/ioloop.ts'
import { DataConnectionError } from './error-reply.ts'

/** A connection to the client that is made later than it was asked for. */
export class DeferredConnection {
  /** Rejects with `DataConnectionError` when it is not there in time. */
  readonly socket: Promise<Socket>
  readonly #made = deferred<Socket>()
  readonly #expiry: ScheduledCall | undefined
  #isOver = false

  constructor(ioloop: IOLoop, after: Promise<void>, make: () => Promise<Socket>, timeoutMs: number) {
    this.socket = this.#made.promise
    this.socket.catch(() => {})
    this.#expiry = timeoutMs === 0 ? undefined : ioloop.callLater(timeoutMs, () => this.close())
    after.then(() => (this.#isOver ? undefined : make().then((socket) => this.#use(socket)))).catch(this.#made.reject)
  }

  /** Counts the time to wait from now on: a transfer has been asked for. */
  restartExpiry(): void {
    this.#expiry?.reset()
  }

  /** Gives it up. */
  close(): void {
    this.#isOver = true
    this.#expiry?.cancel()
    this.#made.reject(new DataConnectionError("Can't open data connection."))
  }

  #use(socket: Socket): void {
    if (this.#isOver) return void socket.destroy()
    this.#expiry?.cancel()
    this.#made.resolve(socket)
  }
}
