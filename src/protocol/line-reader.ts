const LF = 0x0a
const CR = 0x0d
const IAC = 0xff
const EMPTY = Buffer.alloc(0)
const ABOR = 'ABOR\r'

/** The longest line taken, in bytes, its end not counted. */
export const MAX_LINE_BYTES = 2048

/** One line of the control connection without its end, or the news that a line was longer than `MAX_LINE_BYTES`. */
export type Line = Buffer | 'too long'

/**
 * Cuts the bytes of a control connection into lines (RFC 959 §5.3): CRLF ends a line, a bare LF does too; Telnet
 * commands (RFC 854) are taken out. Chunks may be cut anywhere. Of an overlong line nothing is kept.
 */
export class LineReader {
  #buffer: Buffer = EMPTY
  #scanned = 0
  #discarding = false
  /** A line was taken before its LF, which comes next or never. */
  #owesLF = false

  /** Bytes held that no call of `next` has taken yet. */
  get size(): number {
    return this.#buffer.length
  }

  push(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk])
  }

  /** The next whole line, or `undefined` until more bytes come. */
  next(): Line | undefined {
    if (this.#owesLF && this.#buffer.length > 0) {
      this.#owesLF = false
      if (this.#buffer[0] === LF) this.#drop(1)
    }
    for (;;) {
      const end = this.#buffer.indexOf(LF, this.#scanned)
      if (end === -1) return this.#unfinished()
      const line = withoutCR(this.#buffer.subarray(0, end))
      this.#drop(end + 1)
      if (this.#discarding) this.#discarding = false
      else return line.length > MAX_LINE_BYTES ? 'too long' : withoutTelnet(line)
    }
  }

  /** Forgets all bytes held, as AUTH demands of what came in clear behind it. */
  clear(): void {
    this.#drop(this.#buffer.length)
    this.#discarding = false
    this.#owesLF = false
  }

  #unfinished(): Line | undefined {
    const abor = this.#aborWithoutLF()
    if (abor) return abor
    const overlong = !this.#discarding && withoutCR(this.#buffer).length > MAX_LINE_BYTES
    if (overlong) this.#discarding = true
    if (this.#discarding) this.#drop(this.#buffer.length)
    this.#scanned = this.#buffer.length
    return overlong ? 'too long' : undefined
  }

  /**
   * Python's ftplib sends ABOR as urgent data. TCP has one urgent byte, the last: the kernel takes the LF out of the
   * stream, and it takes SO_OOBINLINE to get it back, which servers in C set and Node cannot.
   */
  #aborWithoutLF(): Line | undefined {
    const line = this.#buffer
    if (this.#discarding || line.length !== ABOR.length || line.toString('latin1').toUpperCase() !== ABOR)
      return undefined
    this.#drop(line.length)
    this.#owesLF = true
    return withoutCR(line)
  }

  #drop(count: number): void {
    this.#buffer = count === this.#buffer.length ? EMPTY : this.#buffer.subarray(count)
    this.#scanned = 0
  }
}

function withoutCR(line: Buffer): Buffer {
  return line[line.length - 1] === CR ? line.subarray(0, -1) : line
}

/**
 * Takes Telnet's two-byte commands (IAC NOP … IAC GA) and three-byte negotiations (IAC WILL … IAC DONT x) out of a
 * line; IAC IAC is a byte 255. Any other IAC stays: when DM is sent as urgent data, it stands alone before ABOR.
 */
function withoutTelnet(line: Buffer): Buffer {
  if (!line.includes(IAC)) return line
  const kept: number[] = []
  for (let i = 0; i < line.length; i++) {
    const byte = line[i] ?? 0
    const following = line[i + 1] ?? 0
    if (byte !== IAC || following < 0xf1) kept.push(byte)
    else if (following === IAC) kept.push(line[++i] ?? 0)
    else i += following >= 0xfb ? 2 : 1
  }
  return Buffer.from(kept)
}
