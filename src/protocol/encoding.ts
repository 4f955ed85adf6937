import { isUtf8 } from 'node:buffer'

/** The encodings that command lines, replies and listings can be in. */
export type Encoding = 'utf-8' | 'latin1'

/** The names accepted for each encoding, as options spell them. */
export const ENCODINGS: readonly Encoding[] = ['utf-8', 'latin1']

/** The text of a line, or `undefined` where `strict` forbids bytes that the encoding does not have. */
export function decodeText(bytes: Buffer, encoding: Encoding, strict: boolean): string | undefined {
  if (encoding === 'latin1') return bytes.toString('latin1')
  return strict && !isUtf8(bytes) ? undefined : bytes.toString('utf8')
}

/** The bytes of a text; what the encoding does not have becomes `?`. */
export function encodeText(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text, 'utf8')
  return Buffer.from(text.replace(/[^\0-\xff]/gu, '?'), 'latin1')
}
