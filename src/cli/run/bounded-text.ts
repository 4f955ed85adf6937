const HEAD_BYTES = 16 * 1024
const TAIL_BYTES = 48 * 1024

/** What a program writes, however much that is: its beginning and its end. */
export class BoundedText {
  readonly #head: Buffer[] = []
  #headBytes = 0
  #tail: Buffer[] = []
  #tailBytes = 0
  #left = 0

  add(chunk: Buffer): void {
    const first = chunk.subarray(0, HEAD_BYTES - this.#headBytes)
    const rest = chunk.subarray(first.length)
    if (first.length > 0) this.#head.push(first)
    this.#headBytes += first.length
    if (rest.length === 0) return
    this.#tail.push(rest)
    this.#tailBytes += rest.length
    if (this.#tailBytes > 2 * TAIL_BYTES) this.#shorten()
  }

  toString(): string {
    this.#shorten()
    const between = this.#left === 0 ? [] : [Buffer.from(`\n… ${this.#left} bytes left out …\n`)]
    return Buffer.concat([...this.#head, ...between, ...this.#tail]).toString()
  }

  #shorten(): void {
    const tooMany = this.#tailBytes - TAIL_BYTES
    if (tooMany <= 0) return
    this.#tail = [Buffer.concat(this.#tail).subarray(tooMany)]
    this.#tailBytes = TAIL_BYTES
    this.#left += tooMany
  }
}
