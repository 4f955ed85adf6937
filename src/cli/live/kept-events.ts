import { formatDialogue } from '../../fixture/dialogue.ts'
import type { FtpEvent } from '../../handlers/events.ts'

/** Keeps what happened to be written down later, the last of it when it is much. */
export class KeptEvents {
  readonly #most: number
  #events: FtpEvent[] = []
  #leftOut = 0

  constructor(most: number) {
    this.#most = most
  }

  add(event: FtpEvent): void {
    this.#events.push(event)
    // Not one by one: that would move all others each time.
    if (this.#events.length < 2 * this.#most) return
    this.#leftOut += this.#most
    this.#events = this.#events.slice(this.#most)
  }

  clear(): void {
    this.#events = []
    this.#leftOut = 0
  }

  /** The dialogue. */
  toString(): string {
    const start = this.#leftOut === 0 ? '' : `# the first ${this.#leftOut} events are left out\n`
    return `${start}${formatDialogue(this.#events)}`
  }
}
