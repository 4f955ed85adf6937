import { type BottomLine, questionLine } from './bottom-line.ts'
import type { KeyPress } from './key-press.ts'
import { edited, type LineInput, lineInput, typed } from './line-input.ts'
import type { Prompt, PromptStep } from './prompt.ts'

/** What stands for no scenario among the names. */
export const NO_SCENARIO = 'none'

/** How far a key goes in the list. */
const STEPS: ReadonlyMap<string, number> = new Map([
  ['up', -1],
  ['down', 1],
  ['pageup', -10],
  ['pagedown', 10],
])

/** Asks for a scenario: finds names by what has been typed, and takes what is no name as a file. */
export class ScenarioPrompt implements Prompt {
  readonly #names: readonly string[]
  readonly #input: LineInput
  readonly #found: readonly string[]
  readonly #selected: number

  /** `names` are all that there are; `selected` is the place among those found. */
  constructor(names: readonly string[], input: LineInput = lineInput(), selected = 0) {
    this.#names = names
    this.#input = input
    this.#found = find(names, typed(input))
    this.#selected = Math.min(Math.max(selected, 0), Math.max(this.#found.length - 1, 0))
  }

  press(key: KeyPress): PromptStep {
    const chosen = this.#found[this.#selected]
    if (key.name === 'escape') return { is: 'cancelled' }
    if (key.name === 'return') return { is: 'answered', answer: chosen ?? typed(this.#input).trim() }
    const step = STEPS.get(key.name)
    if (step !== undefined) return this.#next(this.#input, this.#selected + step)
    if (key.name === 'tab') return this.#next(lineInput(chosen ?? typed(this.#input)))
    const input = edited(this.#input, key)
    return typed(input) === typed(this.#input) ? this.#next(input, this.#selected) : this.#next(input)
  }

  line(columns: number): BottomLine {
    return questionLine('Scenario: ', this.#input, `  ${this.#hint()}`, columns)
  }

  #hint(): string {
    const [chosen, ...others] = this.#found.slice(this.#selected)
    if (chosen === undefined) return '(no such name; Enter takes it as a file)'
    return `${this.#selected + 1}/${this.#found.length}  [${chosen}]  ${others.join('  ')}`
  }

  #next(input: LineInput, selected = 0): PromptStep {
    return { is: 'open', prompt: new ScenarioPrompt(this.#names, input, selected) }
  }
}

/** The names that have all words of a text in them, those that begin with it first. */
function find(names: readonly string[], text: string): readonly string[] {
  const words = text.toLowerCase().split(/\s+/)
  const found = names.filter((name) => words.every((word) => name.includes(word)))
  const begins = (name: string) => name.startsWith(words.join(' '))
  return [...found.filter(begins), ...found.filter((name) => !begins(name))]
}
