import { writeFile } from 'node:fs/promises'
import { styleText } from 'node:util'
import type { FtpFixture } from '../../fixture/ftp-fixture.ts'
import { visible } from '../../handlers/event-text.ts'
import type { FtpEvent } from '../../handlers/events.ts'
import { FtpFixtureError } from '../../options/error.ts'
import { scenarioNames } from '../../scenario/catalogue.ts'
import type { OpenSessions } from '../open-sessions.ts'
import type { BottomLine } from './bottom-line.ts'
import { FilePrompt } from './file-prompt.ts'
import { HeldLines } from './held-lines.ts'
import { KeptEvents } from './kept-events.ts'
import type { KeyPress } from './key-press.ts'
import { keysText, liveKeys } from './live-keys.ts'
import type { Prompt } from './prompt.ts'
import { endScenario, putOn } from './put-on.ts'
import { NO_SCENARIO, ScenarioPrompt } from './scenario-prompt.ts'
import { statusText } from './status-line.ts'
import { Terminal } from './terminal.ts'

const MOST_HELD_LINES = 5000
const MOST_EVENTS = 10_000
/** How often to look which scenario is in use: of one that is put on from elsewhere, no event tells. */
const LOOK_EVERY_MS = 200

/** What a live view shows and acts on. */
export interface LiveParts {
  readonly stdin: typeof process.stdin
  readonly stdout: typeof process.stdout
  readonly colour: boolean
  readonly sessions: OpenSessions
  /** Whether scenarios can be played: where sessions run elsewhere, they cannot. */
  readonly hasScenarios: boolean
  /** Told the key that asked for the end. */
  readonly stop: (key: string) => void
}

interface Question {
  readonly prompt: Prompt
  readonly answer: (text: string) => void
}

/** What is shown on a terminal while clients come and go, and what can be done with keys meanwhile. */
export class LiveView {
  readonly #parts: LiveParts
  readonly #terminal: Terminal
  readonly #events = new KeptEvents(MOST_EVENTS)
  #held: HeldLines | undefined
  #question: Question | undefined
  #ftp: FtpFixture | undefined
  #looking: NodeJS.Timeout | undefined

  constructor(parts: LiveParts) {
    this.#parts = parts
    this.#terminal = new Terminal(parts.stdin, parts.stdout, {
      bottom: (columns) => this.#bottom(columns),
      press: (key) => this.#press(key),
    })
  }

  /** Takes keys from here on until `end`. */
  begin(ftp: FtpFixture): void {
    this.#ftp = ftp
    this.#terminal.open()
    let { scenario } = ftp
    this.#looking = setInterval(() => {
      if (ftp.scenario === scenario) return
      scenario = ftp.scenario
      this.#terminal.changed()
    }, LOOK_EVERY_MS)
  }

  /** Gives the terminal back, with all that was held on it; a second call does nothing more. */
  end(): void {
    clearInterval(this.#looking)
    this.#release()
    this.#terminal.close()
  }

  /** Shows a line of the log, or holds it during a pause. */
  write(line: string): void {
    if (this.#held === undefined) this.#terminal.print(line)
    else this.#held.add(line)
  }

  note(event: FtpEvent): void {
    this.#events.add(event)
    this.#terminal.changed()
  }

  stop(key: string): void {
    this.#parts.stop(key)
  }

  chooseScenario(): void {
    if (!this.#parts.hasScenarios) return this.#complain('scenarios go with --concurrency async')
    const names = [...scenarioNames(), NO_SCENARIO]
    const prompt = new ScenarioPrompt(names, undefined, names.indexOf(this.#ftp?.scenario ?? ''))
    this.#question = { prompt, answer: (chosen) => this.#try((ftp) => putOn(ftp, chosen)) }
  }

  endScenario(): void {
    this.#try(endScenario)
  }

  explain(): void {
    this.#try((ftp) => ftp.explain().toString())
  }

  listSessions(): void {
    this.#say(this.#parts.sessions.toString())
  }

  pause(): void {
    if (this.#held === undefined) this.#held = new HeldLines(MOST_HELD_LINES)
    else this.#release()
  }

  clear(): void {
    if (this.#held !== undefined) this.#held = new HeldLines(MOST_HELD_LINES)
    this.#events.clear()
    this.#ftp?.transcript.clear()
    this.#terminal.clear()
  }

  writeTranscript(name = defaultName(new Date())): void {
    this.#question = { prompt: new FilePrompt(name), answer: (file) => void this.#writeTo(file) }
  }

  showKeys(): void {
    this.#say(keysText())
  }

  #press(key: KeyPress): void {
    if (key.name === 'ctrl-z') return this.#terminal.suspend()
    if (key.name === 'ctrl-c') this.stop('SIGINT')
    else if (key.name === 'ctrl-d') this.stop('Ctrl-D')
    else if (this.#question !== undefined) this.#answer(this.#question, key)
    else liveKeys.get(key.name.toLowerCase())?.run(this)
    this.#terminal.changed()
  }

  #answer({ prompt, answer }: Question, key: KeyPress): void {
    const step = prompt.press(key)
    this.#question = step.is === 'open' ? { prompt: step.prompt, answer } : undefined
    if (step.is === 'answered') answer(step.answer)
  }

  #bottom(columns: number): BottomLine {
    if (this.#question !== undefined) return this.#question.prompt.line(columns)
    const { count, inTransfer } = this.#parts.sessions
    const status = { scenario: this.#ftp?.scenario, sessions: count, transfers: inTransfer, held: this.#held?.count }
    return { before: '', behind: this.#style('inverse', visible(statusText(status, columns))) }
  }

  #release(): void {
    const lines = this.#held?.release() ?? []
    this.#held = undefined
    for (const line of lines) this.#terminal.print(line)
  }

  /** Writes to a new file only; where there is one already, asks again. */
  async #writeTo(file: string): Promise<void> {
    try {
      await writeFile(file, this.#events.toString(), { flag: 'wx' })
      this.#say(`Written to ${file}`)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      this.#complain(code === 'EEXIST' ? `${file} is there already: choose another name` : message)
      this.writeTranscript(file)
    }
  }

  /** Does what may be refused, and tells how it went. */
  #try(action: (ftp: FtpFixture) => string): void {
    if (this.#ftp === undefined) return
    try {
      this.#say(action(this.#ftp))
    } catch (error) {
      if (!(error instanceof FtpFixtureError)) throw error
      this.#complain(error.message)
    }
  }

  #say(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.#terminal.print(`${this.#style('bold', '--')} ${visible(line)}`)
  }

  #complain(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.#terminal.print(this.#style('red', `!! ${visible(line)}`))
  }

  #style(style: 'bold' | 'inverse' | 'red', text: string): string {
    return this.#parts.colour ? styleText(style, text, { validateStream: false }) : text
  }
}

/** `ftp-transcript-2026-11-21-180430.txt`, by local time. */
function defaultName(now: Date): string {
  const two = (number: number) => String(number).padStart(2, '0')
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
  return `ftp-transcript-${date}-${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('')}.txt`
}
