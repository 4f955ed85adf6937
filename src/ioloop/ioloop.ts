import { FtpFixtureError } from '../options/error.ts'
import { type Alarm, type Clock, ManualClock, RealClock, turn } from './clock.ts'

/** A call that lies ahead. */
export interface ScheduledCall {
  /** Takes the call back; a second time does nothing. */
  cancel(): void
  /** Counts the delay from now again. */
  reset(): void
  readonly cancelled: boolean
}

/**
 * The one owner of time: whatever waits, delays, throttles or dates asks its loop. The sockets' events come from Node
 * itself.
 */
export class IOLoop {
  /** Whether its time stands still until `advance` is called. */
  readonly isManual: boolean
  readonly #clock: Clock
  readonly #calls = new Set<Call>()

  constructor(clock: 'real' | 'manual' | Clock = 'real') {
    if (typeof clock === 'object') this.#clock = clock
    else this.#clock = clock === 'manual' ? new ManualClock() : new RealClock()
    this.isManual = this.#clock instanceof ManualClock
  }

  /** Milliseconds since the epoch; never runs backwards. */
  now(): number {
    return this.#clock.now()
  }

  /** Calls once, `delayMs` from now. */
  callLater(delayMs: number, action: () => void): ScheduledCall {
    return this.#schedule(delayMs, action, false)
  }

  /** Calls again and again, each time `intervalMs` (at least 1) after the last. */
  callEvery(intervalMs: number, action: () => void): ScheduledCall {
    return this.#schedule(Math.max(intervalMs, 1), action, true)
  }

  /** Resolves `delayMs` from now (never after `Infinity`), or as soon as `signal` aborts. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const wake = () => {
        call?.cancel()
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const call = delayMs === Number.POSITIVE_INFINITY ? undefined : this.callLater(delayMs, wake)
      signal?.addEventListener('abort', wake)
    })
  }

  /** Resolves once the event loop has turned, so that others get their turn amid long work. */
  turn(): Promise<void> {
    return turn()
  }

  /** Lets the time of a manual clock pass; throws `ERR_CLOCK_NOT_MANUAL` for any other. */
  async advance(byMs: number): Promise<void> {
    if (this.#clock instanceof ManualClock) return this.#clock.advance(byMs)
    throw new FtpFixtureError('ERR_CLOCK_NOT_MANUAL', "only a manual clock can be advanced: start with clock: 'manual'")
  }

  /** How many calls lie ahead. */
  get pending(): number {
    return this.#calls.size
  }

  /** Takes back every call that lies ahead. */
  close(): void {
    for (const call of this.#calls) call.cancel()
  }

  #schedule(delayMs: number, action: () => void, repeat: boolean): ScheduledCall {
    const call = new Call(this.#calls)
    // What is due already may be asked for with a delay below zero, of which Node warns.
    call.alarm = this.#clock.alarm(Math.max(delayMs, 0), () => {
      if (repeat) call.reset()
      else call.cancel()
      action()
    })
    return call
  }
}

class Call implements ScheduledCall {
  alarm: Alarm | undefined
  cancelled = false
  readonly #calls: Set<Call>

  constructor(calls: Set<Call>) {
    this.#calls = calls
    calls.add(this)
  }

  cancel(): void {
    this.cancelled = true
    this.alarm?.cancel()
    this.#calls.delete(this)
  }

  reset(): void {
    if (!this.cancelled) this.alarm?.restart()
  }
}
