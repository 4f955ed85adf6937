import type { ScenarioScore } from './scorecard.ts'

/** Of a terminal that does not say how wide it is, or says 0. */
const COLUMNS = 80

/** Shows how far a check is: on a terminal in one line, elsewhere in a line for each scenario. */
export class Progress {
  readonly #total: number
  readonly #stream: NodeJS.WriteStream
  #count = 0

  constructor(total: number, stream: NodeJS.WriteStream) {
    this.#total = total
    this.#stream = stream
  }

  /** A scenario is over. */
  note({ scenario, verdict }: Pick<ScenarioScore, 'scenario' | 'verdict'>): void {
    this.#count++
    const line = `[${this.#count}/${this.#total}] ${verdict}: ${scenario}`
    const { isTTY, columns } = this.#stream
    this.#stream.write(isTTY ? `\r\x1b[K${line.slice(0, (columns || COLUMNS) - 1)}` : `${line}\n`)
  }

  /** Nothing more is coming: leaves a line to write in. */
  end(): void {
    if (this.#stream.isTTY && this.#count > 0) this.#stream.write('\r\x1b[K')
  }
}
