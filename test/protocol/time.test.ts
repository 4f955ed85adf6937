import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { formatListTime, formatTimeValue, parseTimeValue } from '../../src/protocol/time.ts'

const DAY = 86_400_000
const MINUTE = 60_000

// Far from UTC, with a summer time: what is local must differ from what is not.
beforeEach(() => void vi.stubEnv('TZ', 'America/New_York'))
afterEach(() => void vi.unstubAllEnvs())

describe('time values in UTC', () => {
  test.each([
    ['19700101000000', 0],
    ['19691231235959', -1000],
    ['20240229235959', Date.UTC(2024, 1, 29, 23, 59, 59)],
    ['20000229000000', Date.UTC(2000, 1, 29)],
    ['19991231235959', Date.UTC(1999, 11, 31, 23, 59, 59)],
    ['20380119031408', 2 ** 31 * 1000],
    ['99991231235959', Date.UTC(9999, 11, 31, 23, 59, 59)],
    ['00990102030405', Date.parse('0099-01-02T03:04:05Z')],
    ['00000229000000', Date.parse('0000-02-29T00:00:00Z')],
    ['20240310023000', Date.UTC(2024, 2, 10, 2, 30)],
  ])('%s both ways', (text, epochMs) => {
    expect(parseTimeValue(text, true)).toBe(epochMs)
    expect(formatTimeValue(epochMs, true)).toBe(text)
  })

  test.each([
    ['20240101000000.5', 500],
    ['20240101000000.05', 50],
    ['20240101000000.123', 123],
    ['20240101000000.1239', 123],
    ['20240101000000.999999', 999],
    ['20240101000000.0', 0],
    ['20240101000000.00000000000000000001', 0],
  ])('%s has a fraction, kept to the millisecond', (text, milliseconds) => {
    expect(parseTimeValue(text, true)).toBe(Date.UTC(2024, 0, 1) + milliseconds)
  })

  test('every millisecond survives, written as a fraction', () => {
    for (let ms = 0; ms < 1000; ms++) {
      expect(parseTimeValue(`20240101000000.${String(ms).padStart(3, '0')}`, true)).toBe(Date.UTC(2024, 0, 1) + ms)
    }
  })

  test('what is below a second is not written', () => {
    expect(formatTimeValue(Date.UTC(2024, 0, 1) + 999, true)).toBe('20240101000000')
    expect(formatTimeValue(Date.UTC(2024, 0, 1) + 0.5, true)).toBe('20240101000000')
  })

  test.each([
    '20230229000000',
    '19000229000000',
    '20240230000000',
    '20240431000000',
    '20240132000000',
    '20240100000000',
    '20240001000000',
    '20241301000000',
    '20240101240000',
    '20240101006000',
    '20240101000060',
    '20240101000061',
    '99999999999999',
    '2024010100000',
    '202401010000000',
    '20240101000000.',
    '20240101000000.x',
    '20240101000000,5',
    '20240101000000Z',
    '20240101000000+01',
    ' 20240101000000',
    '20240101000000 ',
    '20240101000000\n',
    '2024-01-01 00:00',
    '-2024010100000',
    '+0240101000000',
    '٢٠٢٤٠١٠١٠٠٠٠٠٠',
    '',
  ])('%j is no time', (text) => {
    expect(parseTimeValue(text, true)).toBeUndefined()
    expect(parseTimeValue(text, false)).toBeUndefined()
  })
})

describe('time values in local time', () => {
  test.each([
    ['20240115120000', Date.UTC(2024, 0, 15, 17)],
    ['20240715120000', Date.UTC(2024, 6, 15, 16)],
    ['20231231230000', Date.UTC(2024, 0, 1, 4)],
    ['20240229190000', Date.UTC(2024, 2, 1)],
    ['19700101000000', 5 * 3_600_000],
  ])('%s both ways', (text, epochMs) => {
    expect(parseTimeValue(text, false)).toBe(epochMs)
    expect(formatTimeValue(epochMs, false)).toBe(text)
  })

  test('a year below 100 is not one of the 20th century', () => {
    const epochMs = parseTimeValue('00500607080910', false) ?? Number.NaN
    expect(new Date(epochMs).getFullYear()).toBe(50)
    expect(formatTimeValue(epochMs, false)).toBe('00500607080910')
  })

  test('an hour that the clocks skip is no time', () => {
    expect(parseTimeValue('20240310023000', false)).toBeUndefined()
    expect(parseTimeValue('20240310033000', false)).toBe(Date.UTC(2024, 2, 10, 7, 30))
  })

  test('an hour that comes twice is one of the two', () => {
    expect(formatTimeValue(parseTimeValue('20241103013000', false) ?? 0, false)).toBe('20241103013000')
  })
})

describe('the date of a LIST line', () => {
  const now = Date.UTC(2024, 6, 1, 12)

  test.each([
    ['now', now, 'Jul 01 12:00'],
    ['a minute ago', now - MINUTE, 'Jul 01 11:59'],
    ['180 days ago, to the millisecond', now - 180 * DAY, 'Jan 03 12:00'],
    ['a millisecond longer ago', now - 180 * DAY - 1, 'Jan 03  2024'],
    ['last year', Date.UTC(2023, 11, 25, 8, 30), 'Dec 25  2023'],
    ['the epoch', 0, 'Jan 01  1970'],
    ['before the year 1000', Date.parse('0099-05-06T00:00:00Z'), 'May 06  0099'],
    ['in an hour, as a clock that is a little off says', now + 60 * MINUTE, 'Jul 01 13:00'],
    ['in a day', now + DAY, 'Jul 02 12:00'],
    ['a millisecond later', now + DAY + 1, 'Jul 02  2024'],
    ['far off', Date.UTC(2040, 1, 29), 'Feb 29  2040'],
  ])('%s', (_, epochMs, expected) => {
    expect(formatListTime(epochMs, now, true)).toBe(expected)
  })

  test('is as long with a time as with a year', () => {
    expect(formatListTime(now, now, true)).toHaveLength(formatListTime(0, now, true).length)
  })

  test('in local time', () => {
    expect(formatListTime(Date.UTC(2024, 6, 1, 3, 5), now, false)).toBe('Jun 30 23:05')
    expect(formatListTime(Date.UTC(2023, 0, 1, 4), now, false)).toBe('Dec 31  2022')
  })

  test('names every month', () => {
    const months = Array.from({ length: 12 }, (_, month) => formatListTime(Date.UTC(2000, month, 9), now, true))
    expect(months.join(',')).toBe(
      'Jan 09  2000,Feb 09  2000,Mar 09  2000,Apr 09  2000,May 09  2000,Jun 09  2000,' +
        'Jul 09  2000,Aug 09  2000,Sep 09  2000,Oct 09  2000,Nov 09  2000,Dec 09  2000',
    )
  })
})
