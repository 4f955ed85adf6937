import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { connectFtpServer, type RemoteFtpServer, type StartFtpServerOptions } from '../../src/index.ts'

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
    const address = await addressFrom(once(child, 'message'), ended)
    return new ControlledServer(address, () => child.connected && child.disconnect(), ended)
  }

  static async inThread(options: StartFtpServerOptions = {}): Promise<ControlledServer> {
    const worker = new Worker(PROGRAM, { workerData: options, execArgv: [] })
    const ended = once(worker, 'exit')
    const address = await addressFrom(once(worker, 'message'), ended)
    return new ControlledServer(address, () => worker.postMessage('stop'), ended)
  }

  /** A hold on it. */
  connect(): Promise<RemoteFtpServer> {
    return connectFtpServer(this.url, { token: this.token })
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

/** What a program tells first; throws when it ends before. */
async function addressFrom(message: Promise<unknown[]>, ended: Promise<unknown>): Promise<Address> {
  const [address] = await Promise.race([message, ended.then(() => [])])
  if (address === undefined) throw new Error('the program ended before its control API was there')
  return address as Address
}
