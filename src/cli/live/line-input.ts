import type { KeyPress } from './key-press.ts'

/** A line that is being typed: what is before the cursor, and what is behind it. */
export interface LineInput {
  readonly before: string
  readonly behind: string
}

type Edit = (input: LineInput) => LineInput

const LAST_WORD = /\S*\s*$/

const toStart: Edit = ({ before, behind }) => ({ before: '', behind: before + behind })
const toEnd: Edit = ({ before, behind }) => ({ before: before + behind, behind: '' })
const backspace: Edit = ({ before, behind }) => ({ before: [...before].slice(0, -1).join(''), behind })

/** What keys do to a line; others do nothing, unless they write something. */
const edits: ReadonlyMap<string, Edit> = new Map<string, Edit>([
  ['left', ({ before, behind }) => ({ before: backspace({ before, behind }).before, behind: lastOf(before) + behind })],
  ['right', ({ before, behind }) => ({ before: before + firstOf(behind), behind: [...behind].slice(1).join('') })],
  ['home', toStart],
  ['ctrl-a', toStart],
  ['end', toEnd],
  ['ctrl-e', toEnd],
  ['backspace', backspace],
  ['ctrl-h', backspace],
  ['delete', ({ before, behind }) => ({ before, behind: [...behind].slice(1).join('') })],
  ['ctrl-u', ({ behind }) => ({ before: '', behind })],
  ['ctrl-k', ({ before }) => ({ before, behind: '' })],
  ['ctrl-w', ({ before, behind }) => ({ before: before.replace(LAST_WORD, ''), behind })],
])

/** A line as it is before anything is typed. */
export function lineInput(before = ''): LineInput {
  return { before, behind: '' }
}

/** The line after a key. */
export function edited(input: LineInput, { name, text }: KeyPress): LineInput {
  const edit = edits.get(name)
  if (edit !== undefined) return edit(input)
  return text === '' ? input : { before: input.before + text, behind: input.behind }
}

/** All that has been typed. */
export function typed({ before, behind }: LineInput): string {
  return before + behind
}

function firstOf(text: string): string {
  return [...text][0] ?? ''
}

function lastOf(text: string): string {
  return [...text].at(-1) ?? ''
}
