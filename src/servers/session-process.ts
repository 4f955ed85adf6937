import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { stopReading } from '../ioloop/hand-over.ts'
import { inheritable, SessionWorker, WORKER_MAIN, type WorkerOwner, type WorkerStart } from './session-worker.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

/** A process that serves one client, to which the control connection goes over. */
export class SessionProcess extends SessionWorker {
  readonly #child: ChildProcess
  #exit: string | undefined
  #error: Error | undefined

  constructor(start: WorkerStart, owner: WorkerOwner) {
    super(owner)
    this.#child = fork(fileURLToPath(WORKER_MAIN), {
      serialization: 'advanced',
      execArgv: inheritable(process.execArgv),
    })
    this.#child.on('message', (message) => this.receive(message as FromWorker))
    this.#child.on('error', (error) => {
      this.#error = error
      if (this.#child.pid === undefined) this.#ended('it did not start')
    })
    this.#child.on('exit', (code, signal) => this.#ended(signal ?? `exit code ${code}`))
    // Its last messages may come after its exit, but not after this.
    this.#child.on('disconnect', () => this.#ended())
    this.post({ type: 'start', ...start })
  }

  override post(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => {})
  }

  override kill(): void {
    this.#child.kill('SIGKILL')
  }

  protected override take(socket: Socket, id: number): void {
    const early = stopReading(socket)
    const message: ToWorker = { type: 'serve', id, ...(early && { early }) }
    this.#child.send(message, socket, { keepOpen: false }, () => socket.destroy())
  }

  #ended(how?: string): void {
    this.#exit ??= how
    if (this.#exit === undefined || this.#child.connected) return
    this.end(this.#exit, this.#error)
  }
}
