import { isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { expect } from 'vitest'
import {
  formatExtendedPassive,
  formatHostPort,
  formatPassive,
  networkProtocolOf,
  parseExtendedPort,
  parsePort,
  sameAddress,
  unmapAddress,
} from '../../src/protocol/address.ts'
import { anyText, numberText } from './inputs.ts'
import { holds } from './runs.ts'

const port = fc.nat(65_535)
const hostPort = fc.record({ host: fc.ipV4(), port })
const delimiter = fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code))

holds(
  'PORT reads what 227 writes',
  fc.property(hostPort, (target) => {
    const [, numbers = ''] = /\(([\d,]+)\)/.exec(formatPassive(target)) ?? []
    expect(parsePort(numbers)).toEqual(target)
  }),
)

holds(
  'PORT takes six numbers from 0 to 255 and nothing else',
  fc.property(fc.array(fc.oneof(fc.nat(300).map(String), numberText), { minLength: 5, maxLength: 7 }), (numbers) => {
    const isPort = numbers.length === 6 && numbers.every((each) => /^[0-9]{1,3}$/.test(each) && Number(each) < 256)
    const found = parsePort(numbers.join(','))
    expect(found !== undefined).toBe(isPort)
    if (found === undefined) return
    expect(isIPv4(found.host)).toBe(true)
    expect(found.port).toBeLessThan(65_536)
  }),
)

holds(
  'EPRT reads an address of either protocol between any delimiters',
  fc.property(delimiter, fc.oneof(fc.ipV4(), fc.ipV6()), port, (between, host, port) => {
    const networkProtocol = isIPv4(host) ? 1 : 2
    const text = ['', networkProtocol, host, port, ''].join(between)
    const isAmbiguous = [String(networkProtocol), host, String(port)].some((part) => part.includes(between))
    expect(parseExtendedPort(text)).toEqual(isAmbiguous ? 'malformed' : { networkProtocol, host, port })
  }),
)

holds(
  'EPRT refuses by a word what is no address, and never throws',
  fc.property(
    delimiter,
    fc.array(fc.oneof(anyText, numberText, fc.ipV4(), fc.ipV6(), fc.constantFrom('1', '2', '')), { maxLength: 6 }),
    (between, parts) => {
      const found = parseExtendedPort(parts.join(between))
      if (typeof found === 'string') return
      expect(found.networkProtocol === 1 ? isIPv4(found.host) : isIPv6(found.host)).toBe(true)
      expect(Number.isInteger(found.port) && found.port >= 0 && found.port < 65_536).toBe(true)
    },
  ),
)

holds(
  '229 tells the port and nothing that could be taken for an address',
  fc.property(port, (port) => {
    expect(/\((.)\1\1(\d+)\1\)/.exec(formatExtendedPassive(port))?.[2]).toBe(String(port))
  }),
)

holds(
  'two spellings of an address are the same, mapped into IPv6 or not',
  fc.property(fc.ipV4(), fc.ipV6(), (v4, v6) => {
    const [a, b, c, d] = v4.split('.').map(Number) as [number, number, number, number]
    const hex = `::ffff:${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
    expect(unmapAddress(`::ffff:${v4}`)).toBe(v4)
    expect(sameAddress(hex, v4) && sameAddress(`::FFFF:${v4}`, v4)).toBe(true)
    expect(sameAddress(v6, v6.toUpperCase()) && sameAddress(v6, new URL(`http://[${v6}]`).hostname.slice(1, -1))).toBe(
      true,
    )
    expect(networkProtocolOf(`::ffff:${v4}`)).toBe(networkProtocolOf(v4))
  }),
)

holds(
  'what is said of an address that is none is still text',
  fc.property(anyText, anyText, (one, other) => {
    expect(sameAddress(one, one)).toBe(true)
    expect(sameAddress(one, other)).toBe(sameAddress(other, one))
    expect([1, 2]).toContain(networkProtocolOf(one))
    expect(formatHostPort(one, 21)).toContain(one)
  }),
)
