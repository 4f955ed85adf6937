import { formatListTime, formatTimeValue, isRecent } from './time.ts'

const DAY_S = 86_400
/** As far as a `Date` reaches, either way. */
const LAST_MS = 8.64e15
const PAIRS: readonly string[] = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'))

/**
 * Writes the times of one listing as `formatTimeValue` and `formatListTime` do. Of files that are made at one time, or
 * on one day, the calendar is asked once.
 */
export class TimeWriter {
  readonly #utc: boolean
  readonly #values = new Remembered()
  readonly #recent = new Remembered()
  readonly #old = new Remembered()

  constructor(utc: boolean) {
    this.#utc = utc
  }

  /** YYYYMMDDHHMMSS. */
  timeValue(epochMs: number): string {
    const second = secondOf(epochMs)
    const values = this.#values
    if (second !== values.second) {
      values.second = second
      values.text = this.#hasPlainDays(epochMs)
        ? values.ofDay(second, () => formatTimeValue(epochMs, true).slice(0, -6)) + timeOfDay(second, '', true)
        : formatTimeValue(epochMs, this.#utc)
    }
    return values.text
  }

  /** The date of a LIST line. */
  listTime(epochMs: number, now: number): string {
    const second = secondOf(epochMs)
    const recent = isRecent(epochMs, now)
    const dates = recent ? this.#recent : this.#old
    if (second !== dates.second) {
      dates.second = second
      const whole = () => formatListTime(epochMs, now, this.#utc)
      if (!this.#hasPlainDays(epochMs)) dates.text = whole()
      else if (recent) dates.text = dates.ofDay(second, () => whole().slice(0, -5)) + timeOfDay(second, ':', false)
      else dates.text = dates.ofDay(second, whole)
    }
    return dates.text
  }

  /** Not so in local time, where a day may have 23 hours, or the clock be off by some minutes. */
  #hasPlainDays(epochMs: number): boolean {
    return this.#utc && Math.abs(epochMs) <= LAST_MS
  }
}

/** What was written last. */
class Remembered {
  second = Number.NaN
  text = ''
  #day = Number.NaN
  #dayText = ''

  /** The part of the text that is the same for a whole day. */
  ofDay(second: number, write: () => string): string {
    const day = Math.floor(second / DAY_S)
    if (day !== this.#day) {
      this.#day = day
      this.#dayText = write()
    }
    return this.#dayText
  }
}

/** As `Date` has it, which drops the fraction of a millisecond. */
function secondOf(epochMs: number): number {
  return Math.floor(Math.trunc(epochMs) / 1000)
}

function timeOfDay(second: number, between: string, withSeconds: boolean): string {
  const rest = second - Math.floor(second / DAY_S) * DAY_S
  const time = `${PAIRS[Math.floor(rest / 3600)]}${between}${PAIRS[Math.floor(rest / 60) % 60]}`
  return withSeconds ? `${time}${between}${PAIRS[rest % 60]}` : time
}
