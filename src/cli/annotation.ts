import { stripVTControlCharacters } from 'node:util'

/** A workflow command that has GitHub Actions show an error; where `file` and `line` are given, beside that line. */
export function annotation(properties: Readonly<Record<string, string | number>>, message: string): string {
  const named = Object.entries(properties).map(([name, value]) => `${name}=${escapedProperty(String(value))}`)
  return `::error ${named.join(',')}::${escaped(message)}\n`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '%': '%25',
  '\r': '%0D',
  '\n': '%0A',
  ':': '%3A',
  ',': '%2C',
}

function escaped(text: string): string {
  return stripVTControlCharacters(text).replace(/[%\r\n]/g, (sign) => ESCAPES[sign] ?? sign)
}

function escapedProperty(text: string): string {
  return escaped(text).replace(/[:,]/g, (sign) => ESCAPES[sign] ?? sign)
}
