import { type Deferred, deferred } from '../ioloop/deferred.ts'

/** The ends of a connection, for those who wait for one. What is waited with is made when somebody asks: few sessions need it. */
export class Lifetime {
  /** The connection is closed: nothing more is read or sent. */
  isOver = false
  /** The client has said all it had to say. */
  hasDeparted = false
  #controller: AbortController | undefined
  #departure: Deferred<void> | undefined

  /** Aborted when the connection is gone. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.isOver) this.#controller.abort()
    return this.#controller.signal
  }

  /** Resolves when the client has said all it had to say, or is gone. */
  get departed(): Promise<void> {
    this.#departure ??= deferred()
    if (this.hasDeparted || this.isOver) this.#departure.resolve()
    return this.#departure.promise
  }

  depart(): void {
    this.hasDeparted = true
    this.#departure?.resolve()
  }

  end(): void {
    this.isOver = true
    this.#controller?.abort()
    this.#departure?.resolve()
  }
}
