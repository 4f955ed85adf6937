import type { WireReply } from '../../support/raw-client.ts'

/** Keeps replies apart, however their bytes come; throws for what is none. */
export class ReplyReader {
  readonly #onReply: (reply: WireReply) => void
  #pending = ''
  #lines: string[] = []

  constructor(onReply: (reply: WireReply) => void) {
    this.#onReply = onReply
  }

  push(bytes: Buffer): void {
    // Latin-1 keeps every byte, also where a character is cut in two.
    const parts = (this.#pending + bytes.toString('latin1')).split('\r\n')
    this.#pending = parts.pop() ?? ''
    for (const part of parts) this.#take(Buffer.from(part, 'latin1').toString())
  }

  #take(line: string): void {
    if (/[\r\n\0]/.test(line)) throw new Error(`a control character in ${JSON.stringify(line)}`)
    this.#lines.push(line)
    const [first = ''] = this.#lines
    if (!/^[1-5]\d\d[- ]/.test(first)) throw new Error(`no reply: ${JSON.stringify(first)}`)
    const code = first.slice(0, 3)
    const isLast = this.#lines.length === 1 ? first[3] === ' ' : line.startsWith(`${code} `)
    if (!isLast) return
    const lines = this.#lines
    this.#lines = []
    this.#onReply({ code: Number(code), lines, text: lines.join('\n') })
  }
}
