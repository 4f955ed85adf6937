import type { WriteStream } from 'node:tty'
import { milliseconds } from '../../handlers/event-text.ts'
import { shortened } from '../../scenario/words.ts'
import type { PlayResult } from './play.ts'
import type { RunReport } from './report.ts'
import { closing, type Look, resultText } from './reporters/pretty.ts'

/** Where progress is told, as far as it is asked for. */
export type ProgressStream = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number }

const CLEAR = '\r\x1b[K'
const COLUMNS = 80

/** Tells people how a run goes: on a terminal by a line that changes, and what failed; elsewhere by a line a scenario. */
export class Progress {
  readonly #stream: ProgressStream
  readonly #look: Look
  readonly #command: readonly string[]
  readonly #total: number
  readonly #playing = new Set<string>()
  readonly #began = performance.now()
  #played = 0
  #failed = 0

  constructor(stream: ProgressStream, command: readonly string[], total: number, look: Look) {
    this.#stream = stream
    this.#command = command
    this.#total = total
    this.#look = look
  }

  begin(scenario: string): void {
    this.#playing.add(scenario)
    this.#showStatus()
  }

  result(result: PlayResult): void {
    this.#playing.delete(result.scenario)
    this.#played++
    if (!result.passed) this.#failed++
    const isTold = !this.#stream.isTTY || !result.passed || this.#look.shown === 'all'
    if (isTold) this.#write(resultText(result, this.#command, this.#look))
    this.#showStatus()
  }

  /** Says how all of it went. */
  end(report: RunReport): void {
    this.#write(closing(report, this.#look))
  }

  /** Leaves nothing of a line that was to change. */
  clear(): void {
    this.#write('')
  }

  #write(text: string): void {
    this.#stream.write(this.#stream.isTTY ? `${CLEAR}${text}` : text)
  }

  #showStatus(): void {
    const { isTTY, columns } = this.#stream
    if (!isTTY) return
    const failed = this.#failed === 0 ? '' : `, ${this.#failed} failed`
    const time = milliseconds(performance.now() - this.#began)
    const status = `[${this.#played}/${this.#total}${failed}, ${time}] ${[...this.#playing].join(', ')}`
    // Some terminals do not say how wide they are, or say 0.
    this.#write(shortened(status, (columns || COLUMNS) - 1))
  }
}
