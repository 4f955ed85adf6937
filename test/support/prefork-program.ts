import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { FtpEvent, OptionChanges, ServeForeverOptions, ServerOptions } from '../../src/server.ts'
import { type Tree, tempTree } from '../filesystems/temp-tree.ts'
import { quit } from './models.ts'
import { RawClient } from './raw-client.ts'

const PROGRAM = fileURLToPath(new URL('./worker-parts/prefork.mjs', import.meta.url))

interface ProgramOptions extends ServerOptions {
  readonly serve: ServeForeverOptions
  readonly files?: Tree
  readonly port?: number
  /** Whether its workers end before they serve. */
  readonly dieAtStart?: boolean
  /** The types of event that it listens to, in place of all; it then tells what its processes send each other, too. */
  readonly hear?: readonly FtpEvent['type'][]
}

/** A program that serves with `serveForever`, and what it tells. */
export class PreforkProgram {
  readonly host = '127.0.0.1'
  port = 0
  readonly lines: string[] = []
  /** What it says on its other output. */
  errors = ''
  readonly root: string
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown[]>
  #wake: () => void = () => {}

  private constructor(root: string, options: ProgramOptions) {
    this.root = root
    const { files: _, ...rest } = options
    this.#child = fork(PROGRAM, [JSON.stringify({ root, ...rest })], {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    let pending = ''
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const parts = (pending + text).split('\n')
      pending = parts.pop() ?? ''
      this.lines.push(...parts)
      this.#wake()
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text
    })
    this.#closed = once(this.#child, 'close')
    void this.#closed.then(() => this.#wake())
  }

  /** Starts it, and waits until it listens or has ended. */
  static async start(options: ProgramOptions): Promise<PreforkProgram> {
    const program = new PreforkProgram(await tempTree(options.files), options)
    const line = await program.line(/^listening/)
    program.port = Number(line.split(' ')[1])
    return program
  }

  /** The first line that matches; throws when the program ends without it. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => pattern.test(line))
      if (found !== undefined) return found
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`no ${pattern} in:\n${this.lines.join('\n')}\n${this.errors}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  configure(changes: OptionChanges | { readonly on: FtpEvent['type'] } | { readonly off: FtpEvent['type'] }): void {
    this.#child.send(changes)
  }

  /** How many of its lines match. */
  count(pattern: RegExp): number {
    return this.lines.filter((line) => pattern.test(line)).length
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Resolves with how it has ended: its exit status or a signal. */
  async ended(): Promise<number | string | null> {
    await this.#closed
    return this.#child.signalCode ?? this.#child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#closed
  }
}

/** A client, and the process that serves it. */
export interface ServedClient {
  readonly client: RawClient
  readonly pid: number
}

/** Logs a client in. */
export async function clientOf(program: PreforkProgram): Promise<ServedClient> {
  const client = await RawClient.connect(program)
  const { text } = await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  return { client, pid: Number(/Process (\d+)/.exec(text)?.[1]) }
}

/** Clients in both of two processes. */
export async function oneEach(program: PreforkProgram): Promise<[ServedClient, ServedClient]> {
  const first = await clientOf(program)
  for (;;) {
    const second = await clientOf(program)
    if (second.pid !== first.pid) return [first, second]
    await quit(second.client)
  }
}

/** Has the process crash that serves a client: `serve: two` does so at the end of this upload. */
export async function crash({ client }: ServedClient): Promise<void> {
  const data = await client.passive()
  client.send('STOR crash.txt')
  data.end()
  await client.closed()
  data.destroy()
}
