import fc from 'fast-check'
import { expect } from 'vitest'
import { controlAddress, originOf } from '../../src/control-api/client/address.ts'
import { editDistance, nearest, rejectUnknownKeys, shown } from '../../src/options/check.ts'
import { FtpFixtureError } from '../../src/options/error.ts'
import { parseDuration, parseRate, parseSize } from '../../src/options/units.ts'
import { pathFrom, pathText } from '../../src/scenario/source.ts'
import { anyText, numberText, soon } from './inputs.ts'
import { holds } from './runs.ts'

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'kB', 'MB', 'GB', 'ms', 's', 'm', 'h', 'B/s', 'KiB/s', '', '%', '__proto__']
const quantity = fc.oneof(
  fc.tuple(numberText, fc.constantFrom('', ' ', '\t'), fc.constantFrom(...UNITS)).map((parts) => parts.join('')),
  fc.double(),
  fc.anything(),
)
/** What a check makes of a value; the documented error, which names the option, is `undefined`. */
function outcome<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch (error) {
    if (!(error instanceof FtpFixtureError)) throw error
    expect(error.code).toMatch(/^ERR_OPTION_(INVALID|UNKNOWN)$/)
    return undefined
  }
}

holds(
  'a quantity is a number that can be counted with, or the error that names the option',
  fc.property(quantity, (value) => {
    const durationMs = outcome(() => parseDuration(value, 'timeout'))
    if (durationMs !== undefined) expect(durationMs >= 0 && durationMs < 2 ** 31).toBe(true)
    for (const parse of [parseSize, parseRate]) {
      const bytes = outcome(() => parse(value, 'size'))
      if (bytes !== undefined) expect(Number.isSafeInteger(bytes) && bytes >= 0).toBe(true)
    }
  }),
)

holds(
  'a quantity is its number times its unit',
  fc.property(fc.nat(1_000_000), fc.nat(999), fc.constantFrom('', ' '), (whole, thousandths, blank) => {
    const text = `${whole}.${String(thousandths).padStart(3, '0')}`
    expect(parseSize(`${text}${blank}kB`, 'size')).toBe(whole * 1000 + thousandths)
    expect(parseRate(`${text}${blank}kB/s`, 'rate')).toBe(whole * 1000 + thousandths)
    expect(parseDuration(`${text}${blank}s`, 'time')).toBe(whole * 1000 + thousandths)
    expect(outcome(() => parseSize(`${whole}${blank}KiB`, 'size'))).toBe(whole * 1024)
  }),
)

const word = fc.string({ maxLength: 12 })

holds(
  'the distance of words is a distance',
  fc.property(word, word, (one, other) => {
    const distance = editDistance(one, other)
    expect(distance).toBe(editDistance(other, one))
    expect(distance === 0).toBe(one === other)
    expect(distance).toBeLessThanOrEqual(Math.max(one.length, other.length))
    expect(distance).toBeGreaterThanOrEqual(Math.abs(one.length - other.length))
  }),
)

holds(
  'a word has a nearest one of those known, or none',
  fc.property(anyText, fc.array(word), (given, known) => {
    const near = nearest(given, new Set(known))
    if (near !== undefined) expect(known).toContain(near)
    if (known.includes(given)) expect(near).toBe(given)
    outcome(() => rejectUnknownKeys({ [given]: 1 }, known))
  }),
)

const known = Array.from({ length: 50 }, (_, index) => `option number ${index}`)

holds(
  'what is very long is refused as soon as what is short',
  fc.property(
    fc.constantFrom('1', '1.', ' ', 'a', '['),
    fc.constantFrom('', '!', 'B', ']'),
    fc.nat(6),
    (unit, end, size) => {
      const text = unit.repeat(10 ** size) + end
      for (const parse of [parseSize, parseRate, parseDuration]) soon(() => outcome(() => parse(text, 'size')))
      soon(() => outcome(() => rejectUnknownKeys({ [text]: 1 }, known)))
    },
  ),
  // To compare a name of a million letters with each that there is took 10 s.
  { runs: 20, examples: [['a', '', 6]] },
)

holds(
  'what was found can be shown, whatever it is',
  fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }), (value) => {
    expect(typeof shown(value)).toBe('string')
  }),
)

holds(
  'a place reads back to the keys that lead there',
  fc.property(fc.array(fc.oneof(fc.nat(100), anyText)), (path) => {
    expect(pathFrom(pathText(path))).toEqual(path)
  }),
)

const url = fc.oneof(
  fc.webUrl({ validSchemes: ['http', 'https', 'ftp'], withFragments: true, withQueryParameters: true }),
  fc
    .tuple(anyText, anyText, fc.constantFrom('127.0.0.1', '[::1]', 'localhost', ''), numberText, anyText)
    .map(([user, password, host, port, path]) => `http://${user}:${password}@${host}:${port}/${path}`),
  anyText,
  fc.anything(),
)

holds(
  'the address of a control API is read, or refused without its token being told',
  fc.property(url, fc.oneof(fc.constant(undefined), anyText), (url, token) => {
    const secret = 'S3cr3t-S3cr3t'
    const given = typeof url === 'string' ? url.replace('://', `://x:${secret}@`) : url
    try {
      const { host, port } = controlAddress(given, { token }, {})
      expect(port >= 0 && port < 65_536).toBe(true)
      expect(URL.canParse(originOf({ host, port, token: '' }))).toBe(true)
    } catch (error) {
      if (!(error instanceof FtpFixtureError)) throw error
      expect(error.message).not.toContain(secret)
    }
  }),
  {
    examples: [
      ['http://:\0@127.0.0.1:80/', undefined],
      ['http://a/b@c', undefined],
    ],
  },
)

const lane = fc.string({ unit: 'grapheme', minLength: 1 })

holds(
  'the lane of a URL is the one that was meant',
  fc.property(lane, fc.nat(65_535), (lane, port) => {
    const token = 'abc'
    fc.pre(lane !== '.' && lane !== '..')
    const read = controlAddress(`http://127.0.0.1:${port}/lanes/${encodeURIComponent(lane)}`, { token }, {})
    expect(read).toEqual({ host: '127.0.0.1', port: port || 0, token, lane })
  }),
)
