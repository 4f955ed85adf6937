import type { Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { Relay } from './relay.ts'
import { inheritable, SessionWorker, WORKER_MAIN, type WorkerOwner, type WorkerStart } from './session-worker.ts'
import type { FromWorker, Outbound, ToWorker } from './worker-messages.ts'

/** A thread that serves one client, whose control connection it reaches through this one. */
export class SessionThread extends SessionWorker {
  readonly #thread: Worker
  #relay: Relay | undefined
  #error: Error | undefined

  constructor(start: WorkerStart, owner: WorkerOwner) {
    super(owner)
    const { execArgv } = process
    const isText = execArgv.some((argument) => argument.startsWith('--input-type'))
    // What is inherited need not be fit for a thread, what is given has to be: so only where nothing else will do.
    this.#thread = new Worker(WORKER_MAIN, { name: 'FTP session', ...(isText && { execArgv: inheritable(execArgv) }) })
    this.#thread.on('message', (message: FromWorker) => this.receive(message))
    this.#thread.on('error', (error) => {
      this.#error = error
    })
    this.#thread.on('exit', (code) => this.end(`exit code ${code}`, this.#error))
    this.post({ type: 'start', ...start })
  }

  override post(message: ToWorker): void {
    this.#thread.postMessage(message, 'bytes' in message ? [message.bytes.buffer as ArrayBuffer] : [])
  }

  override kill(): void {
    void this.#thread.terminate()
  }

  protected override take(socket: Socket, id: number): void {
    const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = socket
    this.#relay = new Relay(socket, (message) => this.post(message))
    this.post({ type: 'serve', id, addresses: { remoteAddress, remotePort, localAddress, localPort } })
  }

  protected override relay(message: Outbound): void {
    this.#relay?.receive(message)
  }
}
