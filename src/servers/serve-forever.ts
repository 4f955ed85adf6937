import { availableParallelism } from 'node:os'
import { deferred } from '../ioloop/deferred.ts'
import { check, isBoolean, isObject, rejectUnknownKeys, resolveBy } from '../options/check.ts'

/** How `serveForever` serves. */
export interface ServeForeverOptions {
  /** Whether SIGINT and SIGTERM end the sessions and the server; a second one ends the process hard. Default: false. */
  handleExit?: boolean
  /**
   * Processes that serve the same port, each of which runs the main script (node:cluster); 0, a negative number or
   * `undefined` is one for each processor. Default: 1.
   */
  workerProcesses?: number | undefined
}

const isCount = check('a whole number, 0 for one process for each processor', (value): value is number =>
  Number.isSafeInteger(value),
)

/** The options complete, with a number of processes that is at least 1; throws `FtpFixtureError`. */
export function resolveServing(options: ServeForeverOptions): { handleExit: boolean; workerProcesses: number } {
  const checks = { handleExit: isBoolean, workerProcesses: isCount }
  rejectUnknownKeys(isObject(options, 'options'), Object.keys(checks))
  const many = 'workerProcesses' in options ? 0 : 1
  const { handleExit, workerProcesses } = resolveBy(checks, options, { handleExit: false, workerProcesses: many })
  return { handleExit, workerProcesses: workerProcesses > 0 ? workerProcesses : availableParallelism() }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Waits for the first signal that asks the process to exit; those behind it do what they do by default. */
export class ExitSignals {
  /** The signal that came. */
  received: NodeJS.Signals | undefined
  readonly #listener: (signal: NodeJS.Signals) => void

  constructor(onSignal: () => void) {
    this.#listener = (signal) => {
      this.received = signal
      this.stop()
      onSignal()
    }
    for (const signal of SIGNALS) process.on(signal, this.#listener)
  }

  /** Waits no more. */
  stop(): void {
    for (const signal of SIGNALS) process.off(signal, this.#listener)
  }
}

/** The end of a server, for those who wait for it. */
export class Closing {
  begun = false
  readonly #end = deferred()

  get done(): Promise<void> {
    return this.#end.promise
  }

  /** Notes that the server is closed. */
  finish(): void {
    this.#end.resolve()
  }
}
