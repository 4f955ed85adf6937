import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { RawClient } from './raw-client.ts'

/** The program, as `npm run build` makes it. */
export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** The processes that another one has started (Linux). */
export function children(pid: number | undefined): number[] {
  const tasks = readdirSync(`/proc/${pid}/task`)
  return tasks
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean))
    .map(Number)
}

/** The command line program, running; killed at the end of the block when it still is. */
export class RunningCli {
  output = ''
  errors = ''
  readonly child: ChildProcess
  readonly #closed: Promise<unknown[]>
  #wake: () => void = () => {}

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // What the test runner wants of colours is not what a test is about.
      env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: undefined, ...env },
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text
      this.#wake()
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text
      this.#wake()
    })
    this.#closed = once(this.child, 'close')
    void this.#closed.then(() => this.#wake())
  }

  /** Resolves when the output, of either kind, holds a text; throws when the program ends before. */
  async shows(text: string | RegExp): Promise<void> {
    const found = () => {
      const all = this.output + this.errors
      return typeof text === 'string' ? all.includes(text) : text.test(all)
    }
    while (!found()) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`ended without showing ${text}:\n${this.output}${this.errors}`)
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** The URL of its introduction, once it listens. */
  async url(): Promise<URL> {
    await this.shows('Ctrl-C')
    return new URL(/ftps?:\/\/\S+/.exec(this.output + this.errors)?.[0] ?? '')
  }

  /** The address that it listens on. */
  async address(): Promise<{ readonly host: string; readonly port: number }> {
    const { hostname, port } = await this.url()
    return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) }
  }

  /** The directory that it serves. */
  async root(): Promise<string> {
    await this.shows('Ctrl-C')
    return /^ {2}files .*, in (.*)$/m.exec(this.output + this.errors)?.[1] ?? ''
  }

  /** A client that has logged in. */
  async login(username = 'user', password = '12345'): Promise<RawClient> {
    return RawClient.login(await this.address(), username, password)
  }

  /** What it wrote for each event, without the introduction and what comes behind it. */
  get lines(): string[] {
    const written = stripVTControlCharacters(this.output).split('\n')
    return written.filter((line) => /^\d\d:\d\d:\d\d|^\{/.test(line))
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

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    await this.stop()
  }
}
