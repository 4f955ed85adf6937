import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { expect } from 'vitest'
import { FromNetworkAscii, ToNetworkAscii } from '../../src/protocol/ascii.ts'
import { decodeText, encodeText, encodingNamed } from '../../src/protocol/encoding.ts'
import { anyText, inPieces } from './inputs.ts'
import { holds } from './runs.ts'

const NAMES = [
  'utf-8',
  'latin1',
  'cp1252',
  'shift-jis',
  'gbk',
  'gb18030',
  'big5',
  'euc-kr',
  'koi8-r',
  'iso-8859-15',
  'cp437',
]
const encoding = fc.constantFrom(...NAMES)
const bytes = fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each))
const lineBreaks = fc.constantFrom('\r\n', '\r', '\n', '\r\r\n', '\n\r', 'x', '')
const text = fc.array(lineBreaks, { maxLength: 20 }).map((parts) => Buffer.from(parts.join('')))

holds(
  'bytes become text and text becomes bytes, whatever they are',
  fc.property(encoding, bytes, anyText, (encoding, bytes, text) => {
    const read = decodeText(bytes, encoding, false)
    expect(typeof read).toBe('string')
    expect(Buffer.isBuffer(encodeText(text, encoding))).toBe(true)
    const strict = decodeText(bytes, encoding, true)
    if (strict !== undefined) expect(strict).toBe(read)
    if (encoding === 'utf-8') expect(strict !== undefined).toBe(isUtf8(bytes))
    if (encoding === 'latin1') expect(encodeText(read ?? '', encoding)).toEqual(bytes)
  }),
)

holds(
  'ASCII is the same in all encodings, and no other character makes a line end',
  fc.property(encoding, fc.string({ unit: 'binary-ascii' }), anyText, (encoding, ascii, text) => {
    expect(encodeText(ascii, encoding).toString('latin1')).toBe(ascii)
    expect(decodeText(Buffer.from(ascii), encoding, true)).toBe(ascii)
    const ends = (of: string) => of.replaceAll(/[^\r\n\0]/g, '')
    expect(ends(encodeText(text, encoding).toString('latin1'))).toBe(ends(text))
  }),
)

holds(
  'an encoding is known by any name or not at all',
  fc.property(
    fc.oneof(anyText, fc.constantFrom('__proto__', 'constructor', 'UTF8', 'hex', 'utf-16', 'utf-7')),
    (name) => {
      const found = encodingNamed(name)
      if (found === undefined) return
      expect(encodingNamed(found)).toBe(found)
      expect(decodeText(Buffer.from('RETR a'), found, true)).toBe('RETR a')
    },
  ),
)

holds(
  'text has CRLF on the network, however it is cut, and LF again on the host',
  fc.property(inPieces(text), ({ whole, pieces }) => {
    const out = new ToNetworkAscii()
    const sent = Buffer.concat(pieces.map((piece) => out.convert(Buffer.from(piece))))
    expect(sent.toString()).toBe(whole.toString().replaceAll(/\r?\n/g, '\r\n'))
    expect(received(pieces)).toBe(whole.toString().replaceAll('\r\n', '\n'))
    if (!whole.includes('\r')) expect(received([sent])).toBe(whole.toString())
  }),
)

function received(pieces: readonly Buffer[]): string {
  const from = new FromNetworkAscii()
  const parts = pieces.map((piece) => Buffer.from(from.convert(Buffer.from(piece))))
  return Buffer.concat([...parts, from.flush()]).toString()
}
