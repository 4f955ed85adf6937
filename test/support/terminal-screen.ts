// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const TOKEN = /\x1b\[\??[\d;]*[A-Za-z]|\x1b[78]|./gsu
const STYLE = /\[[\d;]*m$/

/** What a terminal shows of what is written to it: as much of one as the program needs. */
export class TerminalScreen {
  readonly #columns: number
  #lines: string[][] = [[]]
  #row = 0
  #column = 0
  #saved = [0, 0] as readonly [number, number]
  #wraps = true

  constructor(columns: number) {
    this.#columns = columns
  }

  /** All lines since it was last emptied, those that have scrolled out of sight too. */
  get lines(): string[] {
    return this.#lines.map((line) => line.join('').trimEnd())
  }

  /** The line that the cursor is on, and what is before it there. */
  get cursorLine(): string {
    return this.lines[this.#row] ?? ''
  }

  get beforeCursor(): string {
    return (this.#lines[this.#row] ?? []).slice(0, this.#column).join('')
  }

  write(text: string): void {
    for (const [token] of text.matchAll(TOKEN)) this.#take(token)
  }

  #take(token: string): void {
    if (token === '\r') this.#column = 0
    else if (token === '\n') this.#to(this.#row + 1, this.#column)
    else if (token === '\x1b7') this.#saved = [this.#row, this.#column]
    else if (token === '\x1b8') this.#to(...this.#saved)
    else if (token === '\x1b[?7l' || token === '\x1b[?7h') this.#wraps = token.endsWith('h')
    else if (token === '\x1b[J') this.#eraseBelow()
    else if (token === '\x1b[H') this.#to(0, 0)
    else if (token.length > 1 && STYLE.test(token)) return
    else if (/\p{Cc}/u.test(token)) throw new Error(`the screen does not know ${JSON.stringify(token)}`)
    else this.#put(token)
  }

  #put(character: string): void {
    if (this.#column >= this.#columns) {
      if (this.#wraps) this.#to(this.#row + 1, 0)
      else this.#column = this.#columns - 1
    }
    const line = this.#lines[this.#row] ?? []
    while (line.length < this.#column) line.push(' ')
    line[this.#column++] = character
  }

  #eraseBelow(): void {
    this.#lines.length = this.#row + 1
    this.#lines[this.#row]?.splice(this.#column)
  }

  #to(row: number, column: number): void {
    while (this.#lines.length <= row) this.#lines.push([])
    this.#row = row
    this.#column = column
  }
}
