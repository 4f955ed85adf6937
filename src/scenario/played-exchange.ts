import type { Awaitable } from '../authorizers/authorizer.ts'
import type { Exchange, Send } from '../faults/fault.ts'
import { outgoing, type ScriptedReply, silence } from '../faults/scripted-reply.ts'
import type { RecognizedCommand } from '../handlers/dispatch.ts'
import type { OutgoingReply, Seams } from '../handlers/seams.ts'
import type { Session } from '../handlers/session.ts'
import type { Deferred } from '../ioloop/deferred.ts'
import type { ActiveRule, Occasion, Step } from './rule.ts'

/** What all faults of one exchange share. */
export interface Shared {
  readonly scenario: string
  readonly occasion: Occasion
  /** All that faults make of the exchange; there once every one has had its say. */
  seams: Seams
  /** The final reply has been sent by a fault. */
  isConcluded: boolean
  /** The scenario is not played any more. */
  readonly isOver: () => boolean
  /** The preliminary reply has had its turn. */
  readonly announced: Deferred<void>
  /** The final reply of an earlier command that takes its time. */
  readonly answered: () => Promise<void>
  readonly last: (step: Step, seams: Seams) => void
}

/** An exchange, as one fault of one rule sees it. */
export class PlayedExchange implements Exchange {
  readonly session: Session
  readonly command: RecognizedCommand | undefined
  readonly path: string
  readonly memory: Map<string, unknown>
  readonly #shared: Shared
  readonly #rule: ActiveRule
  readonly #step: Step
  /** Which of its rule's matches in the session it is. */
  readonly #match: number
  readonly #beganMs: number
  #drawn = 0

  constructor(shared: Shared, rule: ActiveRule, step: Step) {
    const { session, command, path } = shared.occasion
    this.session = session
    this.command = command
    this.path = path
    this.memory = rule.memory
    this.#shared = shared
    this.#rule = rule
    this.#step = step
    this.#match = rule.matchesIn(session)
    this.#beganMs = session.ioloop.now()
  }

  random(): number {
    return this.#rule.random(this.#shared.occasion.number, this.#match, this.#step.index, this.#drawn++)
  }

  sleep(delayMs: number): Promise<void> {
    const { ioloop, signal, handler } = this.session
    // Who waits for ever does not come to notice that the client has closed.
    if (delayMs === Number.POSITIVE_INFINITY) void handler.connection.lifetime.departed.then(() => handler.close())
    return ioloop.sleep(delayMs, signal)
  }

  gone(): Promise<void> {
    return this.session.ioloop.sleep(Number.POSITIVE_INFINITY, this.session.signal)
  }

  note(effect: string): void {
    const { scenario } = this.#shared
    const verb = this.command?.verb ?? ''
    const { name: fault } = this.#step.fault
    this.#rule.record.tookEffect(this.#step.index)
    this.session.handler.emit({ type: 'fault', scenario, rule: this.#rule.label, fault, effect, verb })
  }

  warn(reason: string): void {
    const message = `${this.#shared.scenario}, ${this.#rule.label}: ${this.#step.fault.name}: ${reason}`
    this.session.handler.emit({ type: 'warning', message })
  }

  announced(): Promise<void> {
    return Promise.race([this.#shared.announced.promise, this.gone()])
  }

  async answered(): Promise<void> {
    await Promise.race([this.#shared.answered(), this.gone()])
  }

  async say(...replies: readonly (ScriptedReply | OutgoingReply)[]): Promise<void> {
    const all = replies.map((reply) => this.#formed(reply))
    await this.#together(all.map((reply) => () => this.#put(reply)))
    this.#leaveBehind(all)
  }

  async replace(
    { isPreliminary }: OutgoingReply,
    send: Send,
    ...replies: readonly (ScriptedReply | OutgoingReply)[]
  ): Promise<void> {
    const all = replies.map((reply) => this.#formed(reply))
    const before = all.slice(0, -1).map((reply) => () => this.#put(reply))
    const last = { ...(all.at(-1) ?? silence), isPreliminary }
    await this.#together([...before, () => send(last)])
    this.#leaveBehind(all)
  }

  async conclude(...replies: readonly ScriptedReply[]): Promise<void> {
    if (this.isConcluded) return
    this.#shared.isConcluded = true
    const { reply } = this.#shared.seams
    const put = (outgoing: OutgoingReply) => this.#put(outgoing)
    await this.replace(silence, (outgoing) => (reply ? reply(outgoing, put) : put(outgoing)), ...replies)
  }

  get isConcluded(): boolean {
    return this.#shared.isConcluded
  }

  get isOver(): boolean {
    return this.#shared.isOver()
  }

  last(seams: Seams): void {
    this.#shared.last(this.#step, seams)
  }

  #formed(reply: ScriptedReply | OutgoingReply): OutgoingReply {
    return 'code' in reply ? reply : outgoing(reply, this.session.options.encoding)
  }

  #put(reply: OutgoingReply): Awaitable<void> {
    const { write } = this.#shared.seams
    const exchange = { verb: this.command?.verb ?? '', beganMs: this.#beganMs, seams: write && { write } }
    return this.session.handler.connection.wire.write(reply, exchange)
  }

  /** In one segment: whoever wants them apart says them apart. */
  async #together(writes: readonly (() => Awaitable<void>)[]): Promise<void> {
    const { wire } = this.session.handler.connection
    await Promise.all(wire.together(() => writes.map((write) => write())))
  }

  /** The one place where scripted replies close the connection. */
  #leaveBehind(replies: readonly OutgoingReply[]): void {
    const isEnd = ({ code }: OutgoingReply) => code === 421 || (code === 221 && this.command?.verb === 'QUIT')
    if (replies.some(isEnd)) this.session.handler.connection.leave()
  }
}
