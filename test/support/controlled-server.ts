import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { StartFtpServerOptions } from '../../src/index.ts'

const PROGRAM = fileURLToPath(new URL('./worker-parts/control.mjs', import.meta.url))

/** Where a control API is. */
interface Address {
  readonly url: string
  readonly token: string
}

/** A server with a control API in a process or a thread of its own, stopped at the end of the block. */
export class ControlledServer implements Address {
  readonly url: string
  readonly token: string
  readonly #tellToStop: () => void
  readonly #ended: Promise<unknown>

  private constructor({ url, token }: Address, tellToStop: () => void, ended: Promise<unknown>) {
    this.url = url
    this.token = token
    this.#tellToStop = tellToStop
    this.#ended = ended
  }

  static async inProcess(options: StartFtpServerOptions = {}): Promise<ControlledServer> {
    const child: ChildProcess = fork(PROGRAM, [JSON.stringify(options)], { execArgv: [] })
    const ended = once(child, 'exit')
    const [address] = (await once(child, 'message')) as [Address]
    return new ControlledServer(address, () => child.connected && child.disconnect(), ended)
  }

  static async inThread(options: StartFtpServerOptions = {}): Promise<ControlledServer> {
    const worker = new Worker(PROGRAM, { workerData: options, execArgv: [] })
    const ended = once(worker, 'exit')
    const [address] = (await once(worker, 'message')) as [Address]
    return new ControlledServer(address, () => worker.postMessage('stop'), ended)
  }

  /** Resolves when its process or thread has ended, by itself. */
  async ended(): Promise<void> {
    await this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#tellToStop()
    await this.#ended
  }
}
