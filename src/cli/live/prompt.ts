import type { BottomLine } from './bottom-line.ts'
import type { KeyPress } from './key-press.ts'

/** What a key makes of a prompt. */
export type PromptStep =
  | { readonly is: 'open'; readonly prompt: Prompt }
  | { readonly is: 'answered'; readonly answer: string }
  | { readonly is: 'cancelled' }

/** A question on the last line: a value that keys make other values of. */
export interface Prompt {
  press(key: KeyPress): PromptStep
  /** How it looks in so many columns. */
  line(columns: number): BottomLine
}
