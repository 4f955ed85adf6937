import { performance } from 'node:perf_hooks'
import timers from 'node:timers'

// Not the global ones, and taken when the module loads: a test that fakes timers must not stop the server's time.
const { setTimeout, clearTimeout, setImmediate, clearImmediate } = timers

/** A source of time: milliseconds since the epoch that never run backwards, and alarms. */
export interface Clock {
  now(): number
  /** Calls back once, after `delayMs`; the alarm can be put off to the same delay from now again, or taken back. */
  alarm(delayMs: number, ring: () => void): Alarm
}

export interface Alarm {
  restart(): void
  cancel(): void
}

/** The machine's time. */
export class RealClock implements Clock {
  now(): number {
    return performance.timeOrigin + performance.now()
  }

  alarm(delayMs: number, ring: () => void): Alarm {
    let due: NodeJS.Immediate | undefined
    // What came in time is heard first. A process that was halted (by a debugger, say, or by its own work) would else find
    // a client silent whose command it had only not read. Of a delay, Node would leave the fraction out and ring early.
    const timer = setTimeout(() => {
      due = setImmediate(ring)
    }, Math.ceil(delayMs))
    return {
      restart: () => {
        clearImmediate(due)
        timer.refresh()
      },
      cancel: () => {
        clearImmediate(due)
        clearTimeout(timer)
      },
    }
  }
}

/** Time that stands still until it is told to pass. */
export class ManualClock implements Clock {
  #now: number
  readonly #alarms = new Set<ManualAlarm>()

  constructor(startMs: number = new RealClock().now()) {
    this.#now = startMs
  }

  now(): number {
    return this.#now
  }

  alarm(delayMs: number, ring: () => void): Alarm {
    const alarm: ManualAlarm = {
      dueMs: this.#now + delayMs,
      ring,
      restart: () => {
        alarm.dueMs = this.#now + delayMs
        this.#alarms.delete(alarm)
        this.#alarms.add(alarm)
      },
      cancel: () => void this.#alarms.delete(alarm),
    }
    this.#alarms.add(alarm)
    return alarm
  }

  /**
   * Lets time pass, ringing on its way each alarm at its own moment. Before time goes on from a moment, all that was
   * set off there is let come to rest, so that it happens (a reply, a write to a file, the next alarm of a series) at
   * its time and not at the end.
   */
  async advance(byMs: number): Promise<void> {
    const until = this.#now + byMs
    const rest = new Rest()
    for (;;) {
      await turn()
      if (this.#next(this.#now) === undefined) await rest.reached()
      const next = this.#next(until)
      if (next === undefined) break
      this.#now = Math.max(this.#now, next.dueMs)
      this.#alarms.delete(next)
      next.ring()
    }
    // Another `advance` at the same time may have gone further.
    this.#now = Math.max(this.#now, until)
  }

  /** The first alarm that is due by then. */
  #next(byMs: number): ManualAlarm | undefined {
    let next: ManualAlarm | undefined
    for (const alarm of this.#alarms) {
      if (alarm.dueMs <= byMs && (next === undefined || alarm.dueMs < next.dueMs)) next = alarm
    }
    return next
  }
}

interface ManualAlarm extends Alarm {
  dueMs: number
  readonly ring: () => void
}

/** Turns of the event loop, with no file operation under way, after which nothing more is expected of a moment. */
const QUIET_TURNS = 20
/** How long, in real time, file operations are waited for: one that hangs must not hang the clock. */
const REST_LIMIT_MS = 2000

/**
 * Knows when what a moment set off is done: all that goes by promises, by files, and by sockets within the process. What
 * another process does at that moment is not waited for.
 */
class Rest {
  #hanging = 0

  async reached(): Promise<void> {
    const giveUpMs = performance.now() + REST_LIMIT_MS
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      await turn()
      const busy = filesUnderWay()
      if (busy <= this.#hanging) continue
      if (performance.now() > giveUpMs) this.#hanging = busy
      quiet = 0
    }
  }
}

/** Operations on files that a thread is at; how many turns one takes depends on the machine and its load. */
function filesUnderWay(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('FSReq') || name === 'CloseReq').length
}

/** Resolves once the event loop has turned. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
