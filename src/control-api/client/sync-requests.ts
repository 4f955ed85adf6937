import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { SYNC_WORKER } from './sync-worker.ts'

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

/** What came back: an answer, or why there is none. */
export type WireAnswer =
  | { readonly status: number; readonly text: string }
  | { readonly code: string | undefined; readonly message: string }

/** The thread that does the requests, and the ways to it. */
interface Helper {
  readonly worker: Worker
  readonly port: MessagePort
  /** 1 once the answer has been posted. */
  readonly done: Int32Array
}

/**
 * Requests that this thread waits for, standing still: a thread of their own makes them, started by the first one. All
 * holds that come of one share it, and the last to let go ends it.
 */
export class SyncRequests {
  readonly #host: string
  readonly #port: number
  readonly #limitMs: number
  #helper: Helper | undefined
  #holders = 1

  constructor({ host, port }: { readonly host: string; readonly port: number }, limitMs: number) {
    this.#host = host
    this.#port = port
    this.#limitMs = limitMs
  }

  /** The answer; `undefined` when none came within the limit. */
  send(request: WireRequest): WireAnswer | undefined {
    this.#helper ??= this.#start()
    const { port, done } = this.#helper
    Atomics.store(done, 0, 0)
    port.postMessage(request)
    Atomics.wait(done, 0, 0, this.#limitMs)
    const received = receiveMessageOnPort(port) as { readonly message: WireAnswer } | undefined
    // An answer that comes too late must not be taken for that of the next request.
    if (received === undefined) void this.#close()
    return received?.message
  }

  /** The same for one holder more. */
  shared(): this {
    this.#holders++
    return this
  }

  /** Told once by each holder that it needs this no more. */
  async release(): Promise<void> {
    this.#holders--
    if (this.#holders === 0) await this.#close()
  }

  async #close(): Promise<void> {
    const helper = this.#helper
    this.#helper = undefined
    helper?.port.close()
    await helper?.worker.terminate()
  }

  #start(): Helper {
    const { port1: port, port2 } = new MessageChannel()
    const done = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(SYNC_WORKER, {
      eval: true,
      workerData: { port: port2, done, host: this.#host, hostPort: this.#port },
      transferList: [port2],
      // What this process was started with, loaders and debuggers say, is not meant for it.
      execArgv: [],
      env: {},
    })
    worker.unref()
    port.unref()
    return { worker, port, done }
  }
}
