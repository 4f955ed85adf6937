import { DirectLoad } from './direct-load.ts'

/** As many bytes as are kept for the next transfers. */
const MAX_SPARE_BYTES = 8 * 1024 * 1024

/** Buffers that transfers take and give back, since making a large one costs more than a small transfer. */
export class BufferPool {
  readonly load: DirectLoad = new DirectLoad()
  readonly #spare = new Map<number, Buffer[]>()
  #spareBytes = 0

  take(size: number): Buffer {
    const buffer = this.#spare.get(size)?.pop()
    if (buffer === undefined) return Buffer.allocUnsafeSlow(size)
    this.#spareBytes -= size
    return buffer
  }

  /** Takes a buffer back that nobody writes to or reads from any more. */
  give(buffer: Buffer): void {
    const size = buffer.length
    if (this.#spareBytes + size > MAX_SPARE_BYTES) return
    this.#spareBytes += size
    const spare = this.#spare.get(size)
    if (spare) spare.push(buffer)
    else this.#spare.set(size, [buffer])
  }
}
