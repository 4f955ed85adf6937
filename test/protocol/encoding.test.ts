import { describe, expect, test } from 'vitest'
import { decodeText, encodeText, encodingNamed } from '../../src/protocol/encoding.ts'

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, i) => i))

test.each([
  ['utf-8', 'utf-8'],
  ['UTF8', 'utf-8'],
  ['latin1', 'latin1'],
  ['cp1252', 'cp1252'],
  ['Windows-1252', 'windows-1252'],
  ['shift-jis', 'shift-jis'],
  ['Shift_JIS', 'shift_jis'],
  ['gb18030', 'gb18030'],
  ['big5', 'big5'],
  ['euc-kr', 'euc-kr'],
  ['koi8-r', 'koi8-r'],
])('an option can name %s', (name, encoding) => {
  expect(encodingNamed(name)).toBe(encoding)
})

test.each(['klingon', '', 'utf-16', 'utf-16le', 'ucs2', 'utf-32', 'utf-7', 'base64', 'hex', 'binary'])(
  'none in which a command cannot be read, or a name can break its line: %j',
  (name) => {
    expect(encodingNamed(name)).toBeUndefined()
  },
)

test.each([
  ['cp1252', '€uro', '8075726f'],
  ['shift-jis', '日本ソ', '93fa967b835c'],
  ['gb18030', '中文', 'd6d0cec4'],
  ['koi8-r', 'мир', 'cdc9d2'],
])('%s: %j is %s, both ways', (encoding, text, hex) => {
  expect(encodeText(text, encoding).toString('hex')).toBe(hex)
  expect(decodeText(Buffer.from(hex, 'hex'), encoding, true)).toBe(text)
})

test('what an encoding does not have is replaced, or refused when strict', () => {
  expect(encodeText('a日b', 'cp1252').toString()).toBe('a?b')
  expect(decodeText(Buffer.from([0x61, 0x81, 0x20]), 'shift-jis', false)).toBe('a\ufffd ')
  expect(decodeText(Buffer.from([0x61, 0x81, 0x20]), 'shift-jis', true)).toBeUndefined()
  expect(decodeText(Buffer.from([0x61, 0xff]), 'ascii', true)).toBeUndefined()
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
