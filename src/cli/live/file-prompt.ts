import { type BottomLine, questionLine } from './bottom-line.ts'
import type { KeyPress } from './key-press.ts'
import { edited, type LineInput, lineInput, typed } from './line-input.ts'
import type { Prompt, PromptStep } from './prompt.ts'

/** Asks for the name of a file to write. */
export class FilePrompt implements Prompt {
  readonly #input: LineInput

  constructor(input: LineInput | string) {
    this.#input = typeof input === 'string' ? lineInput(input) : input
  }

  press(key: KeyPress): PromptStep {
    const answer = typed(this.#input).trim()
    if (key.name === 'escape') return { is: 'cancelled' }
    if (key.name === 'return') return answer === '' ? { is: 'cancelled' } : { is: 'answered', answer }
    return { is: 'open', prompt: new FilePrompt(edited(this.#input, key)) }
  }

  line(columns: number): BottomLine {
    return questionLine('Write to: ', this.#input, '  (Enter writes, Esc does not)', columns)
  }
}
