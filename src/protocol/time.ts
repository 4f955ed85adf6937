const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAY_MS = 86_400_000

/** A time value, YYYYMMDDHHMMSS (RFC 3659 §2.3): in UTC, or in local time where a server is told so. */
export function formatTimeValue(epochMs: number, utc: boolean): string {
  const { year, month, day, hours, minutes, seconds } = calendar(epochMs, utc)
  return `${pad(year, 4)}${pad(month + 1)}${pad(day)}${pad(hours)}${pad(minutes)}${pad(seconds)}`
}

/** Milliseconds since the epoch of a time value, with or without a fraction; `undefined` when it is no real time. */
export function parseTimeValue(text: string, utc: boolean): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d+))?$/.exec(text)
  if (!match) return undefined
  const [year, month, day, hours, minutes, seconds] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const fields: Calendar = { year, month: month - 1, day, hours, minutes, seconds }
  const date = new Date(0)
  // The setters, since the constructor takes a year below 100 for one of the 20th century.
  if (utc) {
    date.setUTCFullYear(year, month - 1, day)
    date.setUTCHours(hours, minutes, seconds)
  } else {
    date.setFullYear(year, month - 1, day)
    date.setHours(hours, minutes, seconds)
  }
  const epochMs = date.getTime()
  // A field out of range rolls over into its neighbour; the date then reads differently from the text.
  if (!sameCalendar(calendar(epochMs, utc), fields)) return undefined
  return epochMs + Math.trunc(Number(`0.${match[7] ?? 0}`) * 1000)
}

/** The date of a LIST line as `ls` has it: the time within 180 days of now, else the year (and for the future, from a day on). */
export function formatListTime(epochMs: number, now: number, utc: boolean): string {
  const { year, month, day, hours, minutes } = calendar(epochMs, utc)
  return `${MONTHS[month]} ${pad(day)} ${isRecent(epochMs, now) ? `${pad(hours)}:${pad(minutes)}` : ` ${pad(year, 4)}`}`
}

/** Whether a LIST line has the time rather than the year. */
export function isRecent(epochMs: number, now: number): boolean {
  const age = now - epochMs
  return age <= 180 * DAY_MS && age >= -DAY_MS
}

interface Calendar {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hours: number
  readonly minutes: number
  readonly seconds: number
}

/** The first and the last time that four digits of a year can tell. */
const FIRST: Calendar = { year: 0, month: 0, day: 1, hours: 0, minutes: 0, seconds: 0 }
const LAST: Calendar = { year: 9999, month: 11, day: 31, hours: 23, minutes: 59, seconds: 59 }

/** What of a time can be told: a file system may have one that is further off, or that no `Date` can hold. */
function calendar(epochMs: number, utc: boolean): Calendar {
  const found = dateOf(new Date(epochMs), utc)
  if (found.year >= 0 && found.year <= 9999) return found
  return epochMs > 0 ? LAST : FIRST
}

function dateOf(date: Date, utc: boolean): Calendar {
  if (utc) {
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth(),
      day: date.getUTCDate(),
      hours: date.getUTCHours(),
      minutes: date.getUTCMinutes(),
      seconds: date.getUTCSeconds(),
    }
  }
  return {
    year: date.getFullYear(),
    month: date.getMonth(),
    day: date.getDate(),
    hours: date.getHours(),
    minutes: date.getMinutes(),
    seconds: date.getSeconds(),
  }
}

function sameCalendar(one: Calendar, other: Calendar): boolean {
  return (Object.keys(one) as (keyof Calendar)[]).every((field) => one[field] === other[field])
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0')
}
