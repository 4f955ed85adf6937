/** Keeps the lines of a pause, the last ones of many. */
export class HeldLines {
  readonly #most: number
  #lines: string[] = []
  #leftOut = 0

  constructor(most: number) {
    this.#most = most
  }

  get count(): number {
    return this.#lines.length + this.#leftOut
  }

  add(line: string): void {
    this.#lines.push(line)
    // Not one by one: that would move all others each time.
    if (this.#lines.length >= 2 * this.#most) this.#trim()
  }

  /** Gives them back, behind a line on those that were too many. */
  release(): string[] {
    this.#trim()
    const lines = this.#leftOut === 0 ? this.#lines : [`… ${this.#leftOut} lines left out …`, ...this.#lines]
    this.#lines = []
    this.#leftOut = 0
    return lines
  }

  #trim(): void {
    const tooMany = Math.max(this.#lines.length - this.#most, 0)
    this.#lines.splice(0, tooMany)
    this.#leftOut += tooMany
  }
}
