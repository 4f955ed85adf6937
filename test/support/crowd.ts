import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('./worker-parts/crowd.mjs', import.meta.url))

/** Some of the clients of a crowd, by their number. */
export interface Some {
  readonly from: number
  readonly count: number
}

/** Very many clients in a process of their own; what they are asked to do is answered with all that went wrong. */
export class Crowd {
  readonly child: ChildProcess

  private constructor(child: ChildProcess) {
    this.child = child
  }

  static async start(): Promise<Crowd> {
    const child = spawn(process.execPath, [PROGRAM], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    await once(child, 'message')
    return new Crowd(child)
  }

  /** So many more connect, log in and stay. */
  open(options: { readonly port: number; readonly count: number; readonly tls?: boolean }): Promise<string[]> {
    return this.#ask('open', options)
  }

  /** All say something, and get a reply of this code. */
  command(line: string, code: number): Promise<string[]> {
    return this.#ask('command', { line, code })
  }

  /** Some have a transfer begin, and leave it amid that: uploads have sent half, of downloads nothing is read. */
  begin(some: readonly Some[], verb: 'RETR' | 'STOR', path: string): Promise<string[]> {
    return this.#ask('begin', { some, verb, path })
  }

  finish(some: readonly Some[]): Promise<string[]> {
    return this.#ask('finish', { some })
  }

  /** How many bytes of downloads each has got. */
  received(some: readonly Some[]): Promise<number[]> {
    return this.#ask('received', { some })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.child, 'close')
    this.child.kill('SIGKILL')
    await closed
  }

  async #ask<T>(name: string, options: object): Promise<T> {
    const answered = once(this.child, 'message') as Promise<[{ answer: T }]>
    this.child.send([name, options])
    return (await answered)[0].answer
  }
}
