import { describe, expect, test } from 'vitest'
import { decodeText, ENCODINGS, encodeText } from '../../src/protocol/encoding.ts'

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, i) => i))

test('the encodings an option can name', () => {
  expect(ENCODINGS).toEqual(['utf-8', 'latin1'])
})

describe('latin1', () => {
  test('has a character for every byte, strict or not', () => {
    for (const strict of [true, false]) {
      const text = decodeText(ALL_BYTES, 'latin1', strict) ?? ''
      expect([...text].map((character) => character.codePointAt(0))).toEqual([...ALL_BYTES])
      expect(encodeText(text, 'latin1')).toEqual(ALL_BYTES)
    }
  })

  test.each([
    ['ä', 'e4'],
    ['ÿ', 'ff'],
    ['€', '3f'],
    ['Ā', '3f'],
    ['a日本b', '613f3f62'],
    ['😀', '3f'],
    ['e\u0301', '653f'],
    ['\ud800', '3f'],
    ['\udc00a', '3f61'],
    ['', ''],
  ])('%j is %s: what it does not have becomes one "?" a character', (text, hex) => {
    expect(encodeText(text, 'latin1').toString('hex')).toBe(hex)
  })

  test('no character becomes a line end by losing its upper bits', () => {
    expect(encodeText('\u010a\u010d\u0d0a\u{1000d}', 'latin1').toString()).toBe('????')
  })
})

describe('utf-8', () => {
  test.each([
    ['', ''],
    ['a', '61'],
    ['ä', 'c3a4'],
    ['€', 'e282ac'],
    ['日本', 'e697a5e69cac'],
    ['😀', 'f09f9880'],
    ['\0\x7f', '007f'],
    ['\ufeffa', 'efbbbf61'],
    ['e\u0301', '65cc81'],
  ])('%j is %s, both ways', (text, hex) => {
    expect(encodeText(text, 'utf-8').toString('hex')).toBe(hex)
    expect(decodeText(Buffer.from(hex, 'hex'), 'utf-8', true)).toBe(text)
    expect(decodeText(Buffer.from(hex, 'hex'), 'utf-8', false)).toBe(text)
  })

  test.each([
    ['a byte of latin1', '44454c4520e4', 'DELE \ufffd'],
    ['a cut sequence', '61e282', 'a\ufffd'],
    ['a lone continuation', '8061', '\ufffda'],
    ['an overlong slash', 'c0af', '\ufffd\ufffd'],
    ['an overlong NUL', 'c080', '\ufffd\ufffd'],
    ['a surrogate', 'eda080', '\ufffd\ufffd\ufffd'],
    ['beyond U+10FFFF', 'f4908080', '\ufffd\ufffd\ufffd\ufffd'],
    ['byte 255', 'ff', '\ufffd'],
  ])('%s is refused when strict, else replaced', (_, hex, replaced) => {
    expect(decodeText(Buffer.from(hex, 'hex'), 'utf-8', true)).toBeUndefined()
    expect(decodeText(Buffer.from(hex, 'hex'), 'utf-8', false)).toBe(replaced)
  })

  test('half a surrogate pair, which a host name can hold, becomes U+FFFD', () => {
    expect(encodeText('a\ud800b', 'utf-8').toString()).toBe('a\ufffdb')
  })
})
