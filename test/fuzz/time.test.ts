import fc from 'fast-check'
import { afterEach, expect, vi } from 'vitest'
import { formatListTime, formatTimeValue, parseTimeValue } from '../../src/protocol/time.ts'
import { TimeWriter } from '../../src/protocol/time-writer.ts'
import { anyText, numberText } from './inputs.ts'
import { holds } from './runs.ts'

const LAST = Date.UTC(9999, 11, 31, 23, 59, 59)
const FIRST = new Date('0000-01-01T00:00:00Z').getTime()
const second = fc.integer({ min: FIRST / 1000, max: Math.floor(LAST / 1000) })
/** UTC, or local time somewhere: whole hours off, or not, or by odd seconds long ago. */
const zone = fc.constantFrom('UTC', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Europe/Amsterdam')

/** Any number that a file system may give as a time. */
const epochMs = fc.oneof(
  second.map((each) => each * 1000),
  fc.double({ min: FIRST, max: LAST, noNaN: true }),
  fc.double(),
  fc.constantFrom(8.64e15, -8.64e15, 8.64e15 + 1, -0.5, 0.5, 253402300800000),
)

afterEach(() => void vi.unstubAllEnvs())

function isUtc(zone: string): boolean {
  vi.stubEnv('TZ', zone)
  return zone === 'UTC'
}

holds(
  'a time reads back to its second, in UTC',
  fc.property(second, fc.nat(999), (seconds, ms) => {
    const text = formatTimeValue(seconds * 1000 + ms, true)
    expect(text).toMatch(/^\d{14}$/)
    expect(parseTimeValue(text, true)).toBe(seconds * 1000)
    expect(text).toBe(new Date(seconds * 1000).toISOString().replaceAll(/[-:T]|\.\d+Z/g, ''))
  }),
)

holds(
  'a fraction of a second is taken to the millisecond and no further',
  fc.property(second, fc.nat(999), fc.stringMatching(/^\d{0,6}$/), (seconds, ms, rest) => {
    const fraction = String(ms).padStart(3, '0')
    expect(parseTimeValue(`${formatTimeValue(seconds * 1000, true)}.${fraction}${rest}`, true)).toBe(
      seconds * 1000 + ms,
    )
  }),
)

holds(
  'what is no time is none, and what is one is that time',
  fc.property(fc.oneof(anyText, numberText, fc.stringMatching(/^\d{12,16}(\.\d{0,3})?$/)), zone, (text, zone) => {
    const utc = isUtc(zone)
    const found = parseTimeValue(text, utc)
    if (found === undefined) return
    expect(Number.isInteger(found)).toBe(true)
    expect(formatTimeValue(found, utc)).toBe(text.slice(0, 14))
  }),
  { runs: 300 },
)

holds(
  'a writer of many times writes each as if it were the only one',
  fc.property(fc.array(fc.tuple(epochMs, epochMs), { maxLength: 20 }), zone, (times, zone) => {
    const utc = isUtc(zone)
    const writer = new TimeWriter(utc)
    for (const [time, now] of times) {
      expect(writer.timeValue(time)).toBe(formatTimeValue(time, utc))
      expect(writer.listTime(time, now)).toBe(formatListTime(time, now, utc))
    }
  }),
)

holds(
  'the date of a listing has a form that clients read, whatever the file system says',
  fc.property(epochMs, epochMs, zone, (time, now, zone) => {
    const utc = isUtc(zone)
    expect(formatListTime(time, now, utc)).toMatch(/^[A-Z][a-z]{2} \d\d (?:\d\d:\d\d| \d{4})$/)
    expect(formatTimeValue(time, utc)).toMatch(/^\d{14}$/)
  }),
  {
    examples: [
      // On tmpfs, `touch -d @99999999999999` makes such a file.
      [99_999_999_999_999_000, 0, 'UTC'],
      [-99_999_999_999_999_000, 0, 'UTC'],
      [253_402_300_800_000, 0, 'UTC'],
    ],
  },
)
