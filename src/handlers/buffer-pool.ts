/** As many buffers as are kept for the next transfers. */
const MAX_SPARE = 16

/** Buffers that transfers take and give back, since making a large one costs more than a small transfer. */
export class BufferPool {
  readonly #spare: Buffer[] = []

  take(size: number): Buffer {
    const buffer = this.#spare.pop()
    return buffer?.length === size ? buffer : Buffer.allocUnsafeSlow(size)
  }

  /** Takes a buffer back that nobody writes to or reads from any more. */
  give(buffer: Buffer): void {
    if (this.#spare.length < MAX_SPARE) this.#spare.push(buffer)
  }
}
