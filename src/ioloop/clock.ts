// Taken when the module loads: a test that fakes the global timers later on must not stop the server's time.
const { setTimeout, clearTimeout, setImmediate, performance } = globalThis

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
    const timer = setTimeout(ring, delayMs)
    return {
      restart: () => void timer.refresh(),
      cancel: () => clearTimeout(timer),
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
   * Lets time pass, ringing on its way each alarm at its own moment. Between two moments the event loop turns, so that
   * what an alarm set off (a reply, the next alarm of a series) happens at its time and not at the end.
   */
  async advance(byMs: number): Promise<void> {
    const until = this.#now + byMs
    for (;;) {
      await turn()
      const next = this.#next()
      if (next === undefined || next.dueMs > until) break
      this.#now = Math.max(this.#now, next.dueMs)
      this.#alarms.delete(next)
      next.ring()
    }
    // Another `advance` at the same time may have gone further.
    this.#now = Math.max(this.#now, until)
  }

  #next(): ManualAlarm | undefined {
    let next: ManualAlarm | undefined
    for (const alarm of this.#alarms) if (next === undefined || alarm.dueMs < next.dueMs) next = alarm
    return next
  }
}

interface ManualAlarm extends Alarm {
  dueMs: number
  readonly ring: () => void
}

/** Resolves once the event loop has turned. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
