import type { Socket } from 'node:net'
import { type MessagePort, parentPort } from 'node:worker_threads'
import type { FromWorker, ToWorker } from './worker-messages.ts'

type Listener = (message: ToWorker, socket?: Socket) => void

/** A worker's connection to the server that it belongs to. */
export class WorkerLink {
  readonly #port: MessagePort | undefined
  readonly #waiting: Parameters<Listener>[] = []
  #listener: Listener = (...message) => void this.#waiting.push(message)

  constructor() {
    this.#port = parentPort ?? undefined
    if (this.#port) this.#port.on('message', (message: ToWorker) => this.#listener(message))
    else process.on('message', (message: ToWorker, socket?: Socket) => this.#listener(message, socket))
  }

  readonly post = (message: FromWorker): void => {
    if (this.#port) this.#port.postMessage(message)
    else if (process.connected) process.send?.(message)
  }

  /** Resolves with the first message; those behind it wait for `listen`. */
  first(): Promise<ToWorker> {
    return new Promise((resolve) => {
      const queue = this.#listener
      this.listen((message) => {
        this.#listener = queue
        resolve(message)
      })
    })
  }

  /** Has messages heard, those first that nobody has heard yet. */
  listen(listener: Listener): void {
    this.#listener = listener
    for (const message of this.#waiting.splice(0)) listener(...message)
  }

  /** Says the last word; the worker ends when nothing else keeps it. */
  close(last: FromWorker): void {
    if (this.#port) {
      this.#port.postMessage(last)
      this.#port.close()
    } else if (process.connected) process.send?.(last, undefined, undefined, () => process.channel?.unref())
  }
}
