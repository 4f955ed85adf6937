import { stripVTControlCharacters } from 'node:util'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Everything but what XML 1.0 allows, which has no way to write the rest. */
const NO_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu

/** Any text as XML has it, in elements and in attributes in double quotes. */
export function xmlText(text: string): string {
  const plain = stripVTControlCharacters(text).replace(/\r\n?/g, '\n')
  return plain.replace(NO_XML, '\ufffd').replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign)
}
