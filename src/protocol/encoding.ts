import { isUtf8 } from 'node:buffer'
import { createRequire } from 'node:module'

/** The name of an encoding that command lines, replies and listings can be in: 'utf-8', 'latin1', 'cp1252', 'shift-jis' … */
export type Encoding = string

type Codec = Pick<typeof import('iconv-lite'), 'decode' | 'encode' | 'encodingExists'>

/** Every character of ASCII: a control connection must read the same in any encoding (RFC 959 §5.3.1). */
const ASCII = Buffer.from(Array.from({ length: 128 }, (_, code) => code))
/** What a decoder puts for bytes that are not in its encoding. */
const REPLACEMENT = '\uFFFD'

let loaded: Codec | undefined

/** The library for all but the two encodings that Node has itself; loaded when first needed, as it takes a while. */
function codec(): Codec {
  loaded ??= createRequire(import.meta.url)('iconv-lite') as Codec
  return loaded
}

/**
 * The encoding of a name, `undefined` where there is none in which commands can be read: it must have ASCII as it is, and
 * must not make a line end of another character by dropping its upper bits.
 */
export function encodingNamed(name: string): Encoding | undefined {
  const plain = name.toLowerCase()
  if (plain === 'utf-8' || plain === 'utf8') return 'utf-8'
  if (plain === 'latin1') return 'latin1'
  if (!codec().encodingExists(plain)) return undefined
  const keepsAscii = codec().encode(ASCII.toString('latin1'), plain).equals(ASCII)
  return keepsAscii && !/[\r\n]/.test(codec().encode('\u010a\u010d', plain).toString('latin1')) ? plain : undefined
}

/** The text of a line, or `undefined` where `strict` forbids bytes that the encoding does not have. */
export function decodeText(bytes: Buffer, encoding: Encoding, strict: boolean): string | undefined {
  if (encoding === 'latin1') return bytes.toString('latin1')
  if (encoding === 'utf-8') return strict && !isUtf8(bytes) ? undefined : bytes.toString('utf8')
  const text = codec().decode(bytes, encoding)
  return strict && text.includes(REPLACEMENT) ? undefined : text
}

/** The bytes of a text; what the encoding does not have becomes `?`. */
export function encodeText(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text, 'utf8')
  if (encoding === 'latin1') return Buffer.from(text.replace(/[^\0-\xff]/gu, '?'), 'latin1')
  return codec().encode(text, encoding)
}
