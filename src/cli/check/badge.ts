import { xmlText } from '../xml.ts'

/** From which score on a badge has which colour. */
const COLOURS: readonly (readonly [from: number, colour: string])[] = [
  [95, '#2da44e'],
  [80, '#8a9a1b'],
  [60, '#bf8700'],
  [0, '#cf222e'],
]

const LABEL = 'FTP client'
/** Of a letter, about: what does not fit is squeezed by `textLength`. */
const LETTER_WIDTH = 6.6
const PADDING = 12

/** A badge with a score, as SVG. */
export function badge(client: string, score: number): string {
  const value = `${score} %`
  const [left, right] = [widthOf(LABEL), widthOf(value)]
  const [, colour] = COLOURS.find(([from]) => score >= from) ?? [0, '#57606a']
  const title = xmlText(`${client}: ${value} of the FTP scenarios`)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${title}">
  <title>${title}</title>
  <clipPath id="c"><rect width="${left + right}" height="20" rx="3"/></clipPath>
  <g clip-path="url(#c)">
    <rect width="${left}" height="20" fill="#424a53"/>
    <rect x="${left}" width="${right}" height="20" fill="${colour}"/>
  </g>
  <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
    <text x="${left / 2}" y="14" textLength="${left - PADDING}">${LABEL}</text>
    <text x="${left + right / 2}" y="14" textLength="${right - PADDING}">${value}</text>
  </g>
</svg>
`
}

function widthOf(text: string): number {
  return Math.round(text.length * LETTER_WIDTH) + PADDING
}
