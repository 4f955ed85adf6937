import { describe, expect, test } from 'vitest'
import {
  check,
  invalidOption,
  isBoolean,
  isFunction,
  isString,
  oneOf,
  optional,
  rejectUnknownKeys,
  wholeNumber,
} from '../../src/options/check.ts'
import { FtpFixtureError } from '../../src/options/error.ts'

const KNOWN = ['timeout', 'maxCons', 'maxConsPerIp', 'banner']

describe('unknown keys', () => {
  test.each([
    [{ timeuot: 1 }, 'timeuot: unknown option; did you mean "timeout"?'],
    [{ Timeout: 1 }, 'Timeout: unknown option; did you mean "timeout"?'],
    [{ max_cons_per_ip: 1 }, 'max_cons_per_ip: unknown option; did you mean "maxConsPerIp"?'],
    [{ maxCon: 1 }, 'maxCon: unknown option; did you mean "maxCons"?'],
    [{ timeout: 1, baner: 2 }, 'baner: unknown option; did you mean "banner"?'],
    [{ wholly: 1 }, 'wholly: unknown option; one of: banner, maxCons, maxConsPerIp, timeout'],
    [{ timeout: 1, banner: undefined, '': 2 }, ': unknown option; one of: banner, maxCons, maxConsPerIp, timeout'],
  ])('%j is refused with a hint', (given, message) => {
    expect(() => rejectUnknownKeys(given, KNOWN)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_UNKNOWN', message }),
    )
  })

  test.each([
    ['name', ['home', 'username', 'password'], 'username'],
    ['pass', ['pasv', 'password'], 'pasv'],
    ['Pass', ['home', 'password', 'username'], 'password'],
    ['byte', ['bytes', 'bytesPer'], 'bytes'],
    ['root', ['foot', 'rootDir', 'rootDirectory'], 'foot'],
    ['time', ['times', 'timeout'], 'times'],
  ])('what %j was to be: a letter off, or a longer word that it is half of', (key, names, meant) => {
    expect(() => rejectUnknownKeys({ [key]: 1 }, names)).toThrow(`did you mean "${meant}"?`)
  })

  test('a word of a few letters is in too many others by chance', () => {
    expect(() => rejectUnknownKeys({ ber: 1 }, ['number'])).toThrow('one of: number')
  })

  test('a key counts even when its value is undefined', () => {
    expect(() => rejectUnknownKeys({ timeuot: undefined }, KNOWN)).toThrow('timeuot')
  })

  test('a name that every object inherits is no option', () => {
    expect(() => rejectUnknownKeys({ constructor: 1 }, KNOWN)).toThrow('constructor: unknown option')
  })

  test('says what it is that is unknown', () => {
    expect(() => rejectUnknownKeys({ bod: {} }, ['bob'], 'user')).toThrow('bod: unknown user; did you mean "bob"?')
  })

  test('known keys and none at all pass', () => {
    expect(() => rejectUnknownKeys({}, KNOWN)).not.toThrow()
    expect(() => rejectUnknownKeys({ timeout: 1, banner: 'hello' }, KNOWN)).not.toThrow()
    expect(() => rejectUnknownKeys({ timeout: 1 }, new Map([['timeout', 1]]).keys())).not.toThrow()
  })
})

describe('the error for an option', () => {
  test('is an FtpFixtureError with a code', () => {
    const error = invalidOption('port', -1, 'a port')
    expect(error).toBeInstanceOf(FtpFixtureError)
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe('FtpFixtureError')
    expect(error.code).toBe('ERR_OPTION_INVALID')
  })

  test.each([
    ['4k', '"4k"'],
    ['a "quoted"\nline', '"a \\"quoted\\"\\nline"'],
    [-1, '-1'],
    [undefined, 'undefined'],
    [null, 'null'],
    [10n, '10n'],
    [[1, 2], '[ 1, 2 ]'],
    [{ a: { b: { c: 1 } } }, '{ a: { b: [Object] } }'],
  ])('shows %o as it would be written', (found, shown) => {
    expect(invalidOption('port', found, 'a port').message).toBe(`port: expected a port, found ${shown}`)
  })

  test('keeps its cause', () => {
    const cause = new Error('EADDRINUSE')
    expect(new FtpFixtureError('ERR_LISTEN_FAILED', 'cannot listen', { cause }).cause).toBe(cause)
  })
})

describe('checkers', () => {
  test.each([
    [isBoolean, [true, false], [0, 'true', undefined, null], 'true or false'],
    [isString, ['', 'a'], [0, undefined, null, {}], 'a string'],
    [isFunction, [() => {}, class {}], [{}, 'f', undefined], 'a function'],
    [wholeNumber(0), [0, 1, Number.MAX_SAFE_INTEGER], [-1, 0.5, Number.NaN, '1', 2 ** 53], 'a whole number ≥ 0'],
    [wholeNumber(1, 65_535), [1, 65_535], [0, 65_536], 'a whole number from 1 to 65535'],
    [oneOf('utf-8', 'latin1'), ['utf-8', 'latin1'], ['utf8', 'LATIN1', '', 1], "'utf-8' or 'latin1'"],
    [optional(isBoolean), [undefined, true], [null, 0], 'true or false'],
  ])('%#: takes what it is for and names the option for the rest', (checker, good, bad, expected) => {
    for (const value of good) expect(checker(value, 'name')).toBe(value)
    for (const value of bad) {
      expect(() => checker(value, 'name')).toThrow(invalidOption('name', value, expected).message)
    }
  })

  test('one can be made from a question', () => {
    const isEven = check('an even number', (value): value is number => typeof value === 'number' && value % 2 === 0)
    expect(isEven(2, 'count')).toBe(2)
    expect(() => isEven(3, 'count')).toThrow('count: expected an even number, found 3')
  })
})

test('a class or a function is shown by its name', () => {
  class Wrong {
    readonly table = { a: 1 }
  }
  expect(invalidOption('handler', Wrong, 'another').message).toBe('handler: expected another, found class Wrong')
  expect(invalidOption('handler', isBoolean, 'another').message).toBe('handler: expected another, found function')
})
