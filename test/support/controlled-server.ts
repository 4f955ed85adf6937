import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { connectFtpServer, type RemoteFtpServer, type StartFtpServerOptions } from '../../src/index.ts'

const PROGRAM = fileURLToPath(new URL('./worker-parts/control.mjs', import.meta.url))

/** Where a control API is. */
interface Address {
  readonly url: string
  readonly token: string
}

/** A server with a control API in a process of its own, stopped at the end of the block. */
export class ControlledServer implements Address {
  readonly url: string
  readonly token: string
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  private constructor({ url, token }: Address, child: ChildProcess, ended: Promise<unknown>) {
    this.url = url
    this.token = token
    this.#child = child
    this.#ended = ended
  }

  static async start(options: StartFtpServerOptions = {}): Promise<ControlledServer> {
    const child: ChildProcess = fork(PROGRAM, [JSON.stringify(options)], { execArgv: [] })
    const ended = once(child, 'exit')
    const [address] = await Promise.race([once(child, 'message'), ended.then(() => [])])
    if (address === undefined) throw new Error('the program ended before its control API was there')
    return new ControlledServer(address as Address, child, ended)
  }

  /** A hold on it. */
  connect(): Promise<RemoteFtpServer> {
    return connectFtpServer(this.url, { token: this.token })
  }

  /** Resolves when its process has ended, by itself. */
  async ended(): Promise<void> {
    await this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#ended
  }
}
