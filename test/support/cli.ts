import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** The command line program, running. */
export class RunningCli {
  output = ''
  errors = ''
  readonly child: ChildProcess
  readonly #closed: Promise<unknown[]>
  #wake: () => void = () => {}

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text
      this.#wake()
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text
    })
    this.#closed = once(this.child, 'close')
    void this.#closed.then(() => this.#wake())
  }

  /** Resolves when the output holds a text; throws when the program ends before. */
  async shows(text: string | RegExp): Promise<void> {
    const found = () => (typeof text === 'string' ? this.output.includes(text) : text.test(this.output))
    while (!found()) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`ended without showing ${text}:\n${this.output}${this.errors}`)
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** The address it listens on, from its introduction. */
  async url(): Promise<URL> {
    await this.shows('Ctrl-C')
    return new URL(/ftp:\/\/\S+/.exec(this.output)?.[0] ?? '')
  }

  /** Sends a signal; resolves with the exit status. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    this.child.kill(signal)
    return this.status()
  }

  /** Resolves with the exit status. */
  async status(): Promise<number | null> {
    await this.#closed
    return this.child.exitCode
  }
}
