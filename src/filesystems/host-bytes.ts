import { isUtf8 } from 'node:buffer'

/** A byte of a name that is not UTF-8, as half of a surrogate pair: no text has one alone. */
const ODD_BYTE = /[\udc80-\udcff]/u
const SURROGATE = 0xdc00

/** A path as the host tells it, of which nothing is lost where a name in it is not UTF-8; `pathOf` finds it again. */
export function textOf(told: string, bytes: () => Buffer): string {
  return told.includes('\uFFFD') ? textOfBytes(bytes()) : told
}

/** What node:fs takes for a path that `textOf` may have made. */
export function pathOf(text: string): string | Buffer {
  if (!ODD_BYTE.test(text)) return text
  return Buffer.concat(text.split('/').flatMap((name, at) => [Buffer.from(at === 0 ? '' : '/'), bytesOfName(name)]))
}

function textOfBytes(hostPath: Buffer): string {
  return hostPath.toString('latin1').split('/').map(textOfName).join('/')
}

function textOfName(latin1: string): string {
  const bytes = Buffer.from(latin1, 'latin1')
  if (isUtf8(bytes)) return bytes.toString()
  return latin1.replace(/[\x80-\xff]/g, (byte) => String.fromCharCode(SURROGATE + byte.charCodeAt(0)))
}

function bytesOfName(name: string): Buffer {
  // Of 0xDCE9 it takes the last eight bits.
  return Buffer.from(name, ODD_BYTE.test(name) ? 'latin1' : 'utf8')
}
