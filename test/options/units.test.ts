import { describe, expect, test } from 'vitest'
import { FtpFixtureError } from '../../src/options/error.ts'
import { parseDuration, parseSize } from '../../src/options/units.ts'

describe('durations', () => {
  test.each([
    [0, 0],
    [250, 250],
    [0.5, 0.5],
    ['0s', 0],
    ['250ms', 250],
    ['5s', 5000],
    ['1.5s', 1500],
    ['2.01s', 2010],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['5 s', 5000],
    [2 ** 31 - 1, 2 ** 31 - 1],
    ['2147483647ms', 2 ** 31 - 1],
    ['24.5h', 88_200_000],
  ])('%j is %d ms', (given, milliseconds) => {
    expect(parseDuration(given, 'timeout')).toBe(milliseconds)
  })

  test.each([
    -1,
    '-1s',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 31,
    '25d',
    '600h',
    '5',
    's',
    '5S',
    '5sec',
    '1e3ms',
    '.5s',
    '5.s',
    ' 5s',
    '5s ',
    '5s\n',
    '5constructor',
    '',
    true,
    null,
    undefined,
    5n,
    {},
    [5],
  ])('%o is none', (given) => {
    expect(() => parseDuration(given, 'timeout')).toThrow(FtpFixtureError)
  })

  test('the error names the option, what was found and what would do', () => {
    expect(() => parseDuration('5 minutes', 'timeout')).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTION_INVALID',
        message:
          "timeout: expected milliseconds from 0 to 24 days, or a string such as '250ms', '5s', '2m' or '1h', " +
          'found "5 minutes"',
      }),
    )
  })
})

describe('sizes', () => {
  test.each([
    [0, 0],
    [4096, 4096],
    ['0B', 0],
    ['512B', 512],
    ['64KiB', 65_536],
    ['10MiB', 10_485_760],
    ['1GiB', 1_073_741_824],
    ['1kB', 1000],
    ['1MB', 1_000_000],
    ['1GB', 1_000_000_000],
    ['1.5KiB', 1536],
    ['64 KiB', 65_536],
    ['9007199254740991B', Number.MAX_SAFE_INTEGER],
  ])('%j is %d bytes', (given, bytes) => {
    expect(parseSize(given, 'size')).toBe(bytes)
  })

  test('a decimal is exact where binary arithmetic is not', () => {
    for (let tenths = 1; tenths < 1000; tenths++) {
      expect(parseSize(`${tenths / 10}kB`, 'size')).toBe(tenths * 100)
      expect(parseSize(`${tenths / 10}MB`, 'size')).toBe(tenths * 100_000)
    }
  })

  test.each([
    -1,
    0.5,
    '0.5B',
    '1.1KiB',
    '1.0005kB',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    '9007199254740992B',
    '9999999GiB',
    '64',
    '64K',
    '64kb',
    '64KB',
    '64TiB',
    'KiB',
    '-1B',
    '0x10B',
    '',
    null,
    undefined,
    true,
  ])('%o is none', (given) => {
    expect(() => parseSize(given, 'size')).toThrow(FtpFixtureError)
  })

  test('the error names the option, what was found and what would do', () => {
    expect(() => parseSize(0.5, 'bytesPerSecond')).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTION_INVALID',
        message: "bytesPerSecond: expected whole bytes ≥ 0, or a string such as '512B', '64KiB' or '10MiB', found 0.5",
      }),
    )
  })
})
