import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { MAIN } from './cli.ts'
import { TerminalScreen } from './terminal-screen.ts'

const STOP_LIMIT_MS = 10_000

/** The command line program on a terminal of its own (`script` of util-linux), with somebody at the keys. */
export class RunningTerminal {
  /** All that was written to the terminal. */
  output = ''
  readonly child: ChildProcessWithoutNullStreams
  readonly screen: TerminalScreen
  readonly #closed: Promise<unknown[]>
  #wake: () => void = () => {}

  /** `shell` is what a shell does on the terminal; `PROGRAM`, there and in what is typed, stands for the program. */
  constructor(shell: string, { columns = 100, cwd = '/', env = '' } = {}) {
    const lines = [
      'unset FORCE_COLOR NO_COLOR',
      `export TERM=xterm ${env}`,
      `stty cols ${columns} rows 30`,
      'echo "[tty $(tty)]"',
      withProgram(shell),
    ]
    this.screen = new TerminalScreen(columns)
    const args = ['--quiet', '--return', '--flush', '--command', lines.join('; '), '/dev/null']
    this.child = spawn('script', args, { cwd, env: { ...process.env, SHELL: '/bin/sh' } })
    this.child.stdin.on('error', () => {})
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.output += text
      this.screen.write(text)
      this.#wake()
    })
    this.#closed = once(this.child, 'close')
    void this.#closed.then(() => this.#wake())
  }

  press(keys: string): void {
    this.child.stdin.write(withProgram(keys))
  }

  /** Resolves when there is to see what is wanted; throws when the program ends before. */
  async until(isThere: (screen: TerminalScreen) => boolean, what = String(isThere)): Promise<void> {
    while (!isThere(this.screen)) {
      if (this.child.exitCode !== null)
        throw new Error(`ended without showing ${what}:\n${this.screen.lines.join('\n')}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Resolves when one of the lines has a text in it. */
  shows(text: string | RegExp): Promise<void> {
    const has = (line: string) => (typeof text === 'string' ? line.includes(text) : text.test(line))
    return this.until(({ lines }) => lines.some(has), String(text))
  }

  /** Resolves when the last line, where the cursor is, has a text in it. */
  status(text: string): Promise<void> {
    return this.until(({ cursorLine }) => cursorLine.includes(text), `status ${text}`)
  }

  /** The URL of its introduction, once keys are taken. */
  async url(): Promise<string> {
    await this.status('? keys')
    return /ftp:\/\/user:12345@127\.0\.0\.1:\d+/.exec(this.output)?.[0] ?? ''
  }

  /** What `stty -a` says of the terminal, asked from elsewhere. */
  settings(): string {
    return execFileSync('stty', ['-F', this.#tty(), '-a'], { encoding: 'utf8' })
  }

  resize(columns: number): void {
    execFileSync('stty', ['-F', this.#tty(), 'cols', String(columns)])
  }

  /** Resolves with the exit status. */
  async ended(): Promise<number | null> {
    await this.#closed
    return this.child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null) return
    this.press('\x03')
    // The terminal goes, where that did not do.
    const limit = setTimeout(() => this.child.kill('SIGKILL'), STOP_LIMIT_MS)
    await this.#closed
    clearTimeout(limit)
  }

  #tty(): string {
    return /\[tty ([^\]]+)\]/.exec(this.output)?.[1] ?? ''
  }
}

function withProgram(text: string): string {
  return text.replaceAll('PROGRAM', `${process.execPath} ${MAIN}`)
}
