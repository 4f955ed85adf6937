import { emitKeypressEvents, type Interface, type Key } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'
import type { BottomLine } from './bottom-line.ts'
import { isForeground } from './foreground.ts'
import { type KeyPress, keyPress } from './key-press.ts'
import { Screen } from './screen.ts'

/** What is to be on a terminal, and who takes its keys. */
export interface TerminalUser {
  bottom(columns: number): BottomLine
  press(key: KeyPress): void
}

/** So long after an Esc, it is not the beginning of what another key sends. */
const ESCAPE_MS = 100
/** When a stop was not heeded, as in a session without a shell, keys are taken again after so long. */
const NOT_STOPPED_MS = 200

/** The terminal as long as it is the program's: single keys, and a last line. */
export class Terminal {
  readonly #stdin: ReadStream
  readonly #stdout: WriteStream
  readonly #screen: Screen
  readonly #press: (text: string | undefined, key: Key) => void
  #isOpen = false

  constructor(stdin: ReadStream, stdout: WriteStream, user: TerminalUser) {
    this.#stdin = stdin
    this.#stdout = stdout
    this.#screen = new Screen(stdout, (columns) => user.bottom(columns))
    this.#press = (text, key) => {
      // Several keys may have come at once, and one of them have closed it.
      if (this.#isOpen) user.press(keyPress(text, key))
    }
  }

  /** Takes keys and shows the last line, from here on until `close`. */
  open(): void {
    // `readline` asks its second argument for this alone.
    emitKeypressEvents(this.#stdin, { escapeCodeTimeout: ESCAPE_MS } as unknown as Interface)
    this.#stdin.on('keypress', this.#press)
    // A terminal that goes away is told of by SIGHUP.
    this.#stdin.on('error', () => {})
    this.#stdout.on('resize', this.#resized)
    process.on('SIGCONT', this.#enter)
    this.#enter()
  }

  /** Gives the terminal back as it was. */
  close(): void {
    this.#stdin.off('keypress', this.#press)
    this.#stdout.off('resize', this.#resized)
    process.off('SIGCONT', this.#enter)
    this.#leave()
  }

  /** Stops as a program does that knows nothing of keys, with all that the shell started along with it. */
  suspend(): void {
    if (process.platform === 'win32') return
    this.#leave()
    process.kill(0, 'SIGTSTP')
    setTimeout(() => {
      if (this.#stdin.listeners('keypress').includes(this.#press)) this.#enter()
    }, NOT_STOPPED_MS).unref()
  }

  print(line: string): void {
    this.#screen.print(line)
  }

  /** Has the last line drawn anew. */
  changed(): void {
    this.#screen.changed()
  }

  /** Empties the screen. */
  clear(): void {
    this.#screen.clear()
  }

  readonly #resized = () => this.#screen.changed()

  readonly #enter = () => {
    // Whoever had the terminal in between may have changed it: it is asked for anew in any case.
    this.#leave()
    if (!isForeground()) return
    this.#isOpen = true
    this.#stdin.setRawMode(true)
    this.#stdin.resume()
    this.#screen.open()
  }

  #leave(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#screen.close()
    this.#stdin.pause()
    if (isForeground()) this.#stdin.setRawMode(false)
  }
}
