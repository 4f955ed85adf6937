import { afterEach, describe, expect, test, vi } from 'vitest'
import { formatListTime, formatTimeValue } from '../../src/protocol/time.ts'
import { TimeWriter } from '../../src/protocol/time-writer.ts'

afterEach(() => void vi.unstubAllEnvs())

const DAY = 86_400_000
const NOW = Date.UTC(2024, 2, 10, 12)
const EDGES = [
  0,
  -0.5,
  -1,
  -1000,
  -1000.5,
  DAY,
  -DAY,
  NOW,
  NOW + DAY,
  NOW + DAY + 1,
  NOW - 180 * DAY,
  NOW - 180 * DAY - 1,
]
const FAR = [Date.UTC(9999, 11, 31), -62_167_219_200_000, -62_167_219_200_001, 8.64e15 + 1, 8.64e15, -8.64e15, 2 ** 63]
const SPANS = [500, 5000, 90_000, 2 * DAY, 400 * DAY, 80_000 * DAY]

/** Times near others, as those of a directory's files are. */
function times(): number[] {
  const random = [...EDGES, ...FAR].flatMap((edge) =>
    SPANS.flatMap((span) => Array.from({ length: 6 }, () => edge + (Math.random() - 0.5) * span)),
  )
  return [...EDGES, ...FAR, ...random, ...random.slice(0, 50)]
}

// Far from UTC, with a summer time; and a place whose clocks were off by odd seconds.
describe.each(['UTC', 'America/New_York', 'Asia/Kathmandu', 'Europe/Amsterdam'])('in %s', (zone) => {
  test.each([true, false])('each time is what it would be by itself (GMT: %s)', (utc) => {
    vi.stubEnv('TZ', zone)
    const writer = new TimeWriter(utc)
    for (const time of times()) {
      expect(writer.timeValue(time), String(time)).toBe(formatTimeValue(time, utc))
      expect(writer.listTime(time, NOW), String(time)).toBe(formatListTime(time, NOW, utc))
    }
  })
})

test('a listing goes on while time passes', () => {
  const writer = new TimeWriter(true)
  const time = NOW - 180 * DAY
  for (const now of [NOW, NOW + 1, NOW]) expect(writer.listTime(time, now)).toBe(formatListTime(time, now, true))
})
