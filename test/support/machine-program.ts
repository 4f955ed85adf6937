import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ServerOptions } from '../../src/server.ts'
import { tempTree } from '../filesystems/temp-tree.ts'

const PROGRAM = fileURLToPath(new URL('./worker-parts/machine.mjs', import.meta.url))

/** How a server is run in a process of its own. */
export interface MachineProgramOptions extends Omit<ServerOptions, 'authorizer'> {
  readonly root?: string
  readonly certfile?: string
  /** What stands before the command: `prlimit --nofile=80`, say. */
  readonly under?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/** What a server can be asked for in its process: see `worker-parts/machine.mjs`. */
export type MachineQuestion = 'hold' | 'release' | 'turns' | 'now' | 'sessions' | 'memory' | 'peak' | 'delay'

/** What a server takes, in bytes. */
export interface Weight {
  readonly pss: number
  readonly heap: number
}

/** A server in a process of its own, which a test may spoil. */
export class MachineProgram {
  readonly host = '127.0.0.1'
  readonly root: string
  readonly child: ChildProcess
  port = 0
  readonly #closed: Promise<unknown[]>

  private constructor(root: string, { under = [], env, ...options }: MachineProgramOptions) {
    this.root = root
    const [command = '', ...args] = [...under, process.execPath, PROGRAM, JSON.stringify({ ...options, root })]
    this.child = spawn(command, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...env },
    })
    this.#closed = once(this.child, 'close')
  }

  /** Starts it, and waits until it listens. */
  static async start(options: MachineProgramOptions = {}): Promise<MachineProgram> {
    const program = new MachineProgram(options.root ?? (await tempTree()), options)
    const [{ port }] = (await once(program.child, 'message')) as [{ port: number }]
    program.port = port
    return program
  }

  /** Has it do something, and gives its answer. */
  async ask<T = null>(name: MachineQuestion, ...args: readonly number[]): Promise<T> {
    const answered = once(this.child, 'message') as Promise<[{ answer: T }]>
    this.child.send([name, ...args])
    return (await answered)[0].answer
  }

  /** Kills it as nothing else can; resolves when it is gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.#closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}
