import { formatListTime, formatTimeValue, isRecent } from './time.ts'

const DAY_S = 86_400
/** Well within the years that four digits can tell, in any time zone. */
const FIRST_MS = Date.parse('0001-01-01')
const LAST_MS = Date.parse('9999-01-01')
const PAIRS: readonly string[] = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'))

/**
 * Writes the times of one listing as `formatTimeValue` and `formatListTime` do. Of files that were made at one time, or
 * on one day, the calendar is asked once.
 */
export class TimeWriter {
  readonly #utc: boolean
  readonly #values = new Written()
  readonly #recent = new Written()
  readonly #old = new Written()

  constructor(utc: boolean) {
    this.#utc = utc
  }

  /** YYYYMMDDHHMMSS. */
  timeValue(epochMs: number): string {
    if (isBeyondCalendar(epochMs)) return formatTimeValue(epochMs, this.#utc)
    const second = secondOf(epochMs)
    const values = this.#values
    if (second === values.second) return values.text
    // In local time, a day may have 23 hours, or the clock be off by some minutes.
    if (!this.#utc) return values.keep(second, formatTimeValue(epochMs, this.#utc))
    if (values.isNewDay(second)) values.dayText = formatTimeValue(epochMs, true).slice(0, -'HHMMSS'.length)
    const rest = second - values.day * DAY_S
    return values.keep(second, `${values.dayText}${hours(rest)}${minutes(rest)}${PAIRS[rest % 60]}`)
  }

  /** The date of a LIST line. */
  listTime(epochMs: number, now: number): string {
    if (isBeyondCalendar(epochMs)) return formatListTime(epochMs, now, this.#utc)
    const second = secondOf(epochMs)
    const recent = isRecent(epochMs, now)
    const dates = recent ? this.#recent : this.#old
    if (second === dates.second) return dates.text
    if (!this.#utc) return dates.keep(second, formatListTime(epochMs, now, this.#utc))
    if (dates.isNewDay(second)) {
      const text = formatListTime(epochMs, now, true)
      dates.dayText = recent ? text.slice(0, -'HH:MM'.length) : text
    }
    const rest = second - dates.day * DAY_S
    return dates.keep(second, recent ? `${dates.dayText}${hours(rest)}:${minutes(rest)}` : dates.dayText)
  }
}

/** What was written last. */
class Written {
  second = Number.NaN
  text = ''
  day = Number.NaN
  /** The part of the text that is the same for the whole day. */
  dayText = ''

  keep(second: number, text: string): string {
    this.second = second
    this.text = text
    return text
  }

  isNewDay(second: number): boolean {
    const day = Math.floor(second / DAY_S)
    const isNew = day !== this.day
    this.day = day
    return isNew
  }
}

/** There, what a second or a day has in common is not told of each of its times. */
function isBeyondCalendar(epochMs: number): boolean {
  return !(epochMs >= FIRST_MS && epochMs <= LAST_MS)
}

/** As `Date` has it, which drops the fraction of a millisecond. */
function secondOf(epochMs: number): number {
  return Math.floor(Math.trunc(epochMs) / 1000)
}

function hours(rest: number): string | undefined {
  return PAIRS[Math.floor(rest / 3600)]
}

function minutes(rest: number): string | undefined {
  return PAIRS[Math.floor(rest / 60) % 60]
}
