import type { LineInput } from './line-input.ts'

/** The last line of a screen; the cursor stands between its parts. */
export interface BottomLine {
  readonly before: string
  readonly behind: string
}

/** With fewer for the answer, the question is left out. */
const FEWEST_COLUMNS = 8

/** A text in so many columns, its end left out where it is longer. */
export function fitted(text: string, columns: number): string {
  const characters = [...text]
  if (columns <= 0) return ''
  return characters.length <= columns ? text : `${characters.slice(0, columns - 1).join('')}…`
}

/** A question, what has been typed, and a hint behind it; of a long answer, the part at the cursor is seen. */
export function questionLine(question: string, input: LineInput, hint: string, columns: number): BottomLine {
  const asked = columns < [...question].length + FEWEST_COLUMNS ? '' : question
  const shown = `${asked}${ending(input.before, columns - [...asked].length)}`
  return { before: shown, behind: fitted(`${input.behind}${hint}`, columns - [...shown].length) }
}

/** A text in so many columns, its beginning left out where it is longer. */
function ending(text: string, columns: number): string {
  const characters = [...text]
  return characters.length <= columns ? text : `…${characters.slice(characters.length - columns + 1).join('')}`
}
