import type { IOLoop } from '../ioloop/ioloop.ts'
import type { Stage } from './stages.ts'

/** What a throttle asks and does. */
export interface Pace {
  readonly ioloop: IOLoop
  /** Bytes per second, asked before each slice; 0 is no limit. */
  readonly limit: () => number
  /** Lets time pass while bytes are held back. */
  readonly hold: (delayMs: number, signal: AbortSignal) => Promise<void>
  /** Whether the time until the first byte counts, which is not the client's then. Default: false. */
  readonly countsFromStart?: boolean
}

/** As much as is passed on at once, in time, where that is many bytes still and where it is few; a single byte may take longer. */
const SLICE_MS = { least: 2, most: 10 }
/** What is worth a turn: a slice is as short as it can be with so many bytes. */
const SLICE_BYTES = 16 * 1024
/** As much time as is made up for when bytes could not be passed on, be it that the client or the machine was slow. */
const MAX_LAG_MS = 100

/** A stage that lets so many bytes per second pass, in small slices, each when the time for all its bytes is over. */
export function throttle({ ioloop, limit, hold, countsFromStart = false }: Pace): Stage {
  return async function* (chunks, signal) {
    const schedule = new Schedule()
    if (countsFromStart) schedule.next(0, limit(), ioloop.now())
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; ) {
        const slice = schedule.next(chunk.length - at, limit(), ioloop.now())
        // Timers may ring a little early.
        while (ioloop.now() < slice.dueMs && !signal.aborted) await hold(slice.dueMs - ioloop.now(), signal)
        if (signal.aborted) return
        yield chunk.subarray(at, at + slice.bytes)
        at += slice.bytes
      }
    }
  }
}

/** Which byte is due when. It counts from one fixed moment on, so that no error of a slice adds up. */
class Schedule {
  /** Bytes per second; 0 while there is no limit, and at the start. */
  #rate = 0
  /** When counting began, and the bytes since then. */
  #startMs = 0
  #count = 0

  /** The next slice of the bytes at hand. */
  next(available: number, limit: number, nowMs: number): { readonly bytes: number; readonly dueMs: number } {
    const isLimited = limit > 0 && Number.isFinite(limit)
    this.#align(isLimited ? limit : 0, nowMs)
    if (!isLimited) return { bytes: available, dueMs: nowMs }
    const bytes = Math.min(available, this.#sliceEnd() - this.#count)
    this.#count += bytes
    return { bytes, dueMs: this.#dueMs() }
  }

  /** Counts anew when the rate has changed, or when too much time was lost. */
  #align(rate: number, nowMs: number): void {
    const earliestMs = nowMs - MAX_LAG_MS
    const dueMs = this.#rate === 0 ? nowMs : this.#dueMs()
    if (rate === this.#rate && dueMs >= earliestMs) return
    this.#rate = rate
    this.#startMs = Math.max(dueMs, earliestMs)
    this.#count = 0
  }

  /** When the last byte counted has had its time. */
  #dueMs(): number {
    return this.#startMs + (this.#count * 1000) / this.#rate
  }

  /** Slices end where a whole number of them would, whatever the chunks: each second has just its bytes then. */
  #sliceEnd(): number {
    const sliceMs = Math.min(Math.max((SLICE_BYTES * 1000) / this.#rate, SLICE_MS.least), SLICE_MS.most)
    const sliceBytes = (this.#rate * sliceMs) / 1000
    const slices = Math.floor(this.#count / sliceBytes) + 1
    return Math.max(Math.floor(slices * sliceBytes), this.#count + 1)
  }
}
