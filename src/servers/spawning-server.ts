import type { Socket } from 'node:net'
import { pathToFileURL } from 'node:url'
import { DummyAuthorizer } from '../authorizers/dummy-authorizer.ts'
import type { FtpEvent } from '../handlers/events.ts'
import { TLS_FTPHandler } from '../handlers/tls-ftp-handler.ts'
import { invalidOption, wholeNumber } from '../options/check.ts'
import { FtpFixtureError } from '../options/error.ts'
import { unmapAddress } from '../protocol/address.ts'
import { FTPServer } from './ftp-server.ts'
import type { ListenAddress } from './listen-address.ts'
import type { FTPServerOptions, OptionChanges, ResolvedServerOptions, ServerOptions } from './options.ts'
import { Share } from './places.ts'
import { cannotBeSent, sendable } from './server-parts.ts'
import { unsettled, withinGrace } from './session-set.ts'
import type { SessionWorker, WorkerOwner, WorkerStart } from './session-worker.ts'

/** How a server with a worker for each connection behaves; what holds code is in the module. Every field may be left out. */
export interface SpawningServerOptions extends Omit<ServerOptions, 'banner' | 'sslContext'> {
  /** The greeting's text. Default: that of the module, or 'ftp-fixture <version> ready.' */
  banner?: string
  /** Given to the function that the module exports; it has to be what `structuredClone` takes. */
  data?: unknown
  /** Workers that are started before a client needs them. Default: 1. */
  spareWorkers?: number
  /** Told all that happens, as it happens. */
  onEvent?: (event: FtpEvent) => void
  /** What is written of all that happens: how much, or how in detail. Default: nothing. */
  log?: NonNullable<FTPServerOptions['log']>
}

/** Turns away, in the main thread, those for whom there is no place. */
class Doorkeeper extends TLS_FTPHandler {
  /** The class that serves may speak TLS or not, and may have a context of its own: that is for the workers to judge. */
  static override prepare(server: FTPServer, options: ResolvedServerOptions, changes?: OptionChanges): void {
    if (options.certfile !== undefined) TLS_FTPHandler.prepare(server, options, changes)
  }

  override handleMaxCons(): void {
    if (this.#canSpeak()) super.handleMaxCons()
  }

  override handleMaxConsPerIp(): void {
    if (this.#canSpeak()) super.handleMaxConsPerIp()
  }

  /** A client that waits for a handshake, for which only the module has a certificate, cannot be told why. */
  #canSpeak(): boolean {
    const { implicitTls, certfile } = this.server.options
    const can = !implicitTls || certfile !== undefined
    if (!can) void this.close()
    return can
  }
}

/** A server that has a worker of its own for each connection: code of the user's may block there, and delays nobody else. */
export abstract class SpawningServer extends FTPServer {
  readonly #start: Omit<WorkerStart, 'options'>
  readonly #workers = new Set<SessionWorker>()
  readonly #spares = new Set<SessionWorker>()
  readonly #spareCount: number
  #given: ServerOptions

  constructor(address: ListenAddress, module: URL | string, options: SpawningServerOptions = {}) {
    const { data, spareWorkers = 1, onEvent, log, ...given } = options
    for (const name of ['authorizer', 'handler', 'abstractedFs', 'dtpHandler'])
      if (name in given) throw cannotBeSent(name)
    if ('ioloop' in given) throw invalidOption('ioloop', given.ioloop, 'none, as each worker has the time of its own')
    const sent = sendable(given)
    const watching = { ...(onEvent && { onEvent }), ...(log && { log }) }
    super(address, Doorkeeper, { ...given, ...watching, authorizer: new DummyAuthorizer() })
    this.#spareCount = wholeNumber(0)(spareWorkers, 'spareWorkers')
    this.#start = { module: hrefOf(module), data: checkData(data) }
    this.#given = sent
  }

  /** Changes options here and in the workers, where a handler that does not agree has an `error` event instead. */
  override configure(changes: OptionChanges): void {
    const sent = sendable(changes)
    super.configure(changes)
    this.#given = { ...this.#given, ...(sent as ServerOptions) }
    for (const worker of this.#workers) worker.post({ type: 'configure', changes: sent })
  }

  /** Starts a worker. */
  protected abstract spawn(start: WorkerStart, owner: WorkerOwner): SessionWorker

  protected override checkPrefork(workerProcesses: number): void {
    throw invalidOption('workerProcesses', workerProcesses, '1, as each connection has a worker already')
  }

  /** A first worker shows whether the module will do. */
  protected override async open(): Promise<void> {
    const first = this.#newSpare()
    try {
      await first.ready
    } catch (error) {
      throw error instanceof FtpFixtureError ? error : moduleFailed(error as Error)
    }
    this.#refill()
    await super.open()
  }

  protected override serve(socket: Socket, id: number): void {
    const [worker = this.#newSpare()] = this.#spares
    this.#spares.delete(worker)
    this.freeControl(id)
    worker.share.takeControl(id, unmapAddress(socket.remoteAddress ?? ''))
    worker.serve(socket, id).catch(() => socket.destroy())
    this.#refill()
  }

  protected override async drained(): Promise<void> {
    for (const spare of this.#spares) dismiss(spare)
    await Promise.all([super.drained(), ...this.#ends()])
  }

  /** Those that are still there after the grace are blocked; nothing but force ends them. */
  protected override async disconnected(): Promise<void> {
    for (const worker of this.#workers) dismiss(worker)
    const inTime = await withinGrace(Promise.all(this.#ends()))
    for (const worker of inTime ? [] : this.#workers) {
      if (worker.session > 0 && !worker.isDone) this.emit({ type: 'error', error: unsettled() }, worker.session)
      worker.isDone = true
      worker.kill()
    }
    await Promise.all([super.disconnected(), ...this.#ends()])
  }

  #ends(): Promise<unknown>[] {
    return [...this.#workers].map(({ ended }) => ended)
  }

  #refill(): void {
    while (this.#spares.size < this.#spareCount) this.#newSpare()
  }

  #newSpare(): SessionWorker {
    const { ioloop } = this
    const start = { ...this.#start, options: this.#given }
    const owner = {
      share: new Share(this.places),
      now: () => ioloop.now(),
      tell: (event: FtpEvent) => this.tell(event),
    }
    const worker = this.spawn(start, owner)
    this.#workers.add(worker)
    this.#spares.add(worker)
    void worker.ended.then((crash) => {
      this.#workers.delete(worker)
      this.#spares.delete(worker)
      if (crash === undefined || worker.session === 0) return
      this.emit({ type: 'error', error: crash }, worker.session)
    })
    return worker
  }
}

/** Ends a worker: politely where it can hear that. */
function dismiss(worker: SessionWorker): void {
  if (worker.isReady) worker.post({ type: 'close' })
  else worker.kill()
}

function hrefOf(module: unknown): string {
  if (module instanceof URL) return module.href
  if (typeof module !== 'string') throw invalidOption('module', module, 'the URL or the path of a module')
  return module.startsWith('file:') ? module : pathToFileURL(module).href
}

/** What every worker is given, as it is now. */
function checkData(data: unknown): unknown {
  try {
    return structuredClone(data)
  } catch (error) {
    throw cannotBeSent('data', error)
  }
}

function moduleFailed(error: Error): FtpFixtureError {
  return new FtpFixtureError('ERR_OPTION_INVALID', `module: ${error.message}`, { cause: error })
}
