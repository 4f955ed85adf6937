import type { LineInput } from './line-input.ts'

/** The last line of a screen; the cursor stands between its parts. */
export interface BottomLine {
  readonly before: string
  readonly behind: string
}

/** So much of a line that is typed is seen at least, when it is too long. */
const FEWEST_COLUMNS = 8

/** A text in so many columns, its end left out where it is longer. */
export function fitted(text: string, columns: number): string {
  const characters = [...text]
  return characters.length <= columns ? text : `${characters.slice(0, Math.max(columns - 1, 0)).join('')}…`
}

/** A question, what has been typed, and a hint behind it; of a long answer, the part at the cursor is seen. */
export function questionLine(question: string, input: LineInput, hint: string, columns: number): BottomLine {
  const room = columns - [...question].length
  const before = [...input.before]
  const tail = before.length < room ? input.before : `…${before.slice(-Math.max(room - 2, FEWEST_COLUMNS)).join('')}`
  const shown = `${question}${tail}`
  return { before: shown, behind: fitted(`${input.behind}${hint}`, Math.max(columns - [...shown].length, 0)) }
}
