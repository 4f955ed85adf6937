import type { Exchange, Fault } from '../faults/fault.ts'
import { outgoing, type ScriptedReply } from '../faults/scripted-reply.ts'
import type { RecognizedCommand } from '../handlers/dispatch.ts'
import type { Seams } from '../handlers/seams.ts'
import type { Session } from '../handlers/session.ts'
import type { ActiveRule, Occasion } from './rule.ts'

/** What all faults of one exchange share. */
export interface Shared {
  readonly scenario: string
  readonly occasion: Occasion
  /** All that is made of the exchange; there once every fault has had its say. */
  seams: Seams
  /** The final reply has been sent by a fault. */
  isConcluded: boolean
  readonly last: (seams: Seams) => void
}

/** An exchange, as one fault of one rule sees it. */
export class PlayedExchange implements Exchange {
  readonly session: Session
  readonly command: RecognizedCommand | undefined
  readonly path: string
  readonly memory: Map<string, unknown>
  readonly #shared: Shared
  readonly #rule: ActiveRule
  readonly #fault: Fault
  readonly #beganMs: number
  #drawn = 0

  constructor(shared: Shared, rule: ActiveRule, fault: Fault) {
    const { session, command, path } = shared.occasion
    this.session = session
    this.command = command
    this.path = path
    this.memory = rule.memory
    this.#shared = shared
    this.#rule = rule
    this.#fault = fault
    this.#beganMs = session.ioloop.now()
  }

  random(): number {
    return this.#rule.random(this.session, (this.#rule.applied << 16) + this.#drawn++)
  }

  sleep(delayMs: number): Promise<void> {
    const { ioloop, signal } = this.session
    return ioloop.sleep(delayMs, signal)
  }

  gone(): Promise<void> {
    const { signal } = this.session
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  }

  note(effect: string): void {
    const { scenario } = this.#shared
    const verb = this.command?.verb ?? ''
    const { name: fault } = this.#fault
    this.session.handler.emit({ type: 'fault', scenario, rule: this.#rule.label, fault, effect, verb })
  }

  async say(...replies: readonly ScriptedReply[]): Promise<void> {
    const { wire } = this.session.handler.connection
    const { write } = this.#shared.seams
    const seams = write === undefined ? undefined : { write }
    const exchange = { verb: this.command?.verb ?? '', beganMs: this.#beganMs, seams }
    const { encoding } = this.session.options
    // In one segment: whoever wants them apart says them apart.
    const written = wire.together(() => replies.map((reply) => wire.write(outgoing(reply, encoding), exchange)))
    await Promise.all(written)
  }

  conclude(...replies: readonly ScriptedReply[]): Promise<void> {
    this.#shared.isConcluded = true
    return this.say(...replies)
  }

  last(seams: Seams): void {
    this.#shared.last(seams)
  }
}
