import type { BottomLine } from './bottom-line.ts'

/** What a screen needs of a terminal. */
export interface Display {
  write(text: string): unknown
  readonly columns?: number
}

/** For a terminal that does not know its width. */
const USUAL_COLUMNS = 80

/** Beginning of the line; all that is from there on goes. */
const ERASE = '\r\x1b[J'
const TO_TOP = '\x1b[H\x1b[J'
/** What is too wide ends at the edge, rather than on another line. */
const TO_EDGE = '\x1b[?7l'
const WRAPPING = '\x1b[?7h'
const MARK_CURSOR = '\x1b7'
const BACK_TO_MARK = '\x1b8'

/** Lines that scroll, above a last line that stays. What scrolls is as clean as without it. */
export class Screen {
  readonly #display: Display
  readonly #bottom: (columns: number) => BottomLine
  #waiting = ''
  #isScheduled = false
  #isOpen = false

  /** `bottom` is asked for the last line whenever it is drawn. */
  constructor(display: Display, bottom: (columns: number) => BottomLine) {
    this.#display = display
    this.#bottom = bottom
  }

  /** Draws the last line, from here on until `close`. */
  open(): void {
    this.#isOpen = true
    this.#draw()
  }

  /** Leaves nothing of the last line. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#display.write(`${ERASE}${this.#taken()}`)
  }

  print(line: string): void {
    if (!this.#isOpen) {
      this.#display.write(`${line}\n`)
      return
    }
    this.#waiting += `${line}\n`
    this.changed()
  }

  /** Has the last line drawn anew, once for all that changes in one turn. */
  changed(): void {
    if (this.#isScheduled || !this.#isOpen) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      if (this.#isOpen) this.#draw()
    })
  }

  /** Empties the screen; what has scrolled out of it stays. */
  clear(): void {
    this.#waiting = ''
    this.#display.write(TO_TOP)
    this.#draw()
  }

  #draw(): void {
    // One column less: with the last one, some terminals begin a new line.
    const { before, behind } = this.#bottom((this.#display.columns || USUAL_COLUMNS) - 1)
    this.#display.write(`${ERASE}${this.#taken()}${TO_EDGE}${before}${MARK_CURSOR}${behind}${BACK_TO_MARK}${WRAPPING}`)
  }

  #taken(): string {
    const text = this.#waiting
    this.#waiting = ''
    return text
  }
}
