import type { Socket } from 'node:net'
import type { FtpEvent } from '../handlers/events.ts'
import { deferred } from '../ioloop/deferred.ts'
import { LostSessions } from './lost-sessions.ts'
import type { ServerOptions } from './options.ts'
import type { Share } from './places.ts'
import { unpackError } from './portable-event.ts'
import { heed, type Report } from './superior.ts'
import type { FromWorker, Outbound, ToWorker } from './worker-messages.ts'

/** What a worker begins with. */
export interface WorkerStart {
  readonly module: string
  readonly data: unknown
  readonly options: ServerOptions
}

/** What a worker needs of the server that it belongs to. */
export interface WorkerOwner {
  readonly share: Share
  now(): number
  tell(event: FtpEvent): void
}

/** The file that a worker runs: always the ES module, as CommonJS has no `import()` in this package. */
export const WORKER_MAIN: URL = new URL(
  import.meta.url.replace(/dist-cjs(\/chunks\/[^/]+)$/, 'dist$1').replace(/[^/]+(\.\w+)$/, 'worker-main$1'),
)

/** A thread or a process that serves one client, seen from the server that it belongs to. */
export abstract class SessionWorker {
  /** Resolves when it can be given a client; rejects when it cannot start. */
  readonly ready: Promise<void>
  /** Resolves when it has ended: with the reason, if that was a crash. */
  readonly ended: Promise<Error | undefined>
  /** The number of its session, 0 while it has none. */
  session = 0
  /** Whether it has said all that it had to say. */
  isDone = false
  /** Whether it can be given a client. */
  isReady = false
  readonly #owner: WorkerOwner
  readonly #lost = new LostSessions()
  readonly #readiness = deferred()
  readonly #end = deferred<Error | undefined>()
  #crash: Error | undefined

  constructor(owner: WorkerOwner) {
    this.#owner = owner
    this.ready = this.#readiness.promise
    this.ready.catch(() => {})
    this.ended = this.#end.promise
  }

  /** The places that it has. */
  get share(): Share {
    return this.#owner.share
  }

  /** Tells it something. */
  abstract post(message: ToWorker): void

  /** Ends it at once. */
  abstract kill(): void

  /** Gives it a client that has its place, once it is ready. */
  async serve(socket: Socket, id: number): Promise<void> {
    this.session = id
    void this.ended.then(() => socket.destroy())
    // A client that goes while it waits: the worker will notice.
    socket.on('error', () => {})
    await this.ready
    if (socket.destroyed) this.post({ type: 'close' })
    else this.take(socket, id)
  }

  /** Hands a connection over. */
  protected abstract take(socket: Socket, id: number): void

  /** Does what the worker asks for on behalf of its control connection. */
  protected relay(_message: Outbound): void {}

  /** Takes what the worker tells. */
  protected receive(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.isReady = true
        return this.#readiness.resolve()
      case 'failed':
        this.isDone = true
        return this.#readiness.reject(unpackError(message.error))
      case 'done':
        this.isDone = true
        return
      case 'crash':
        this.#crash = unpackError(message.error)
        return
      case 'read':
      case 'bytes':
      case 'end':
      case 'destroy':
        return this.relay(message)
      default:
        return this.#heed(message)
    }
  }

  /** Notes that it has ended, and how; `cause` is the error it ended of, where that is known. */
  protected end(how: string, cause?: Error): void {
    const { share, now, tell } = this.#owner
    share.giveBack()
    this.isReady = false
    const crash = new Error(`it ended before its time (${how})`, { cause: this.#crash ?? cause })
    this.#readiness.reject(crash)
    for (const event of this.#lost.end(now(), crash.message)) tell(event)
    this.#end.resolve(this.isDone ? undefined : crash)
  }

  #heed(report: Report): void {
    const { share, tell } = this.#owner
    const answer = heed(report, share, (event) => {
      this.#lost.note(event)
      tell(event)
    })
    if (answer) this.post(answer)
  }
}

/** The arguments of Node that a worker has in common with this process: how to load modules, not what to run or debug. */
export function inheritable(execArgv: readonly string[]): string[] {
  const withValue = /^(-e|--eval|-p|--print|-pe|--input-type)$/
  const alone = /^(--(inspect|test|watch|check)(-[\w-]+)?(=.*)?|(--eval|--print|--input-type)=.*|-c|-i|--interactive)$/
  return execArgv.filter((argument, index) => {
    const before = execArgv[index - 1] ?? ''
    return !withValue.test(argument) && !withValue.test(before) && !alone.test(argument)
  })
}
