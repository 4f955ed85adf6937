import type { IOLoop, ScheduledCall } from '../ioloop/ioloop.ts'
import type { FTPHandler } from './ftp-handler.ts'

/** Rings when nothing has happened for a while; how long is asked for each time, as it may change. */
export class IdleTimer {
  readonly #ioloop: IOLoop
  readonly #limitMs: () => number
  readonly #ring: () => void
  #call: ScheduledCall | undefined
  #callMs = 0

  /** A limit of 0 is never. */
  constructor(ioloop: IOLoop, limitMs: () => number, ring: () => void) {
    this.#ioloop = ioloop
    this.#limitMs = limitMs
    this.#ring = ring
  }

  /** Counts from now on. */
  restart(): void {
    const limitMs = this.#limitMs()
    if (this.#call !== undefined && this.#callMs === limitMs) return this.#call.reset()
    this.cancel()
    this.#callMs = limitMs
    if (limitMs === 0) return
    this.#call = this.#ioloop.callLater(limitMs, () => {
      this.#call = undefined
      this.#ring()
    })
  }

  cancel(): void {
    this.#call?.cancel()
    this.#call = undefined
  }
}

/** Rings when a session has been silent for `timeout`, or has not logged in within it. */
export class SessionTimer extends IdleTimer {
  readonly #handler: FTPHandler

  constructor(handler: FTPHandler, ring: () => void) {
    const { server } = handler
    super(server.ioloop, () => (handler.isGone ? 0 : server.options.timeout), ring)
    this.#handler = handler
  }

  /** The client has said something: that gives it more time once it has logged in. */
  stir(): void {
    if (this.#handler.session.login.step === 'done') this.restart()
  }
}
