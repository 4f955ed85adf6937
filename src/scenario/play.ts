import { compose } from '../faults/compose.ts'
import { namedPath, type RecognizedCommand } from '../handlers/dispatch.ts'
import { IdleTimer } from '../handlers/idle-timer.ts'
import type { SeamSource, Seams } from '../handlers/seams.ts'
import type { Session } from '../handlers/session.ts'
import { deferred } from '../ioloop/deferred.ts'
import { PlayedExchange, type Shared } from './played-exchange.ts'
import { ActiveRule, type Occasion, type Step } from './rule.ts'
import type { CheckedRule } from './schema.ts'

/** What a play remembers of one session. */
interface SessionState {
  /** What holds for every exchange from now on, by the fault that asked for it: one that asks again changes it. */
  readonly lasting: Map<Step, Seams>
  readonly idle: IdleTimer[]
  /** The verbs that it has said. */
  readonly said: Set<string>
  /** The last final reply that takes its time. */
  answering?: { readonly to: Occasion; readonly done: Promise<void> }
}

/** A scenario being played: it has its rules applied to what happens on a server. */
export class Play implements SeamSource {
  readonly scenario: string
  /** The options of the server that come with it. */
  readonly options: readonly string[]
  readonly #seed: number
  readonly #rules: ActiveRule[] = []
  readonly #sessions = new Map<Session, SessionState>()
  /** Verbs by which rules wait for a session to say them. */
  readonly #awaited = new Set<string>()
  readonly #numbers = new WeakMap<Session, number>()
  #lastNumber = 0
  #isOver = false

  constructor(scenario: string, rules: readonly CheckedRule[], seed: number, options: readonly string[] = []) {
    this.scenario = scenario
    this.options = options
    this.#seed = seed
    for (const rule of rules) this.add(rule)
  }

  /** What messages call it. */
  get title(): string {
    return this.scenario === 'scenario' ? 'scenario' : `scenario ${this.scenario}`
  }

  get rules(): readonly ActiveRule[] {
    return this.#rules
  }

  /** One more rule, behind the others. */
  add(rule: CheckedRule): ActiveRule {
    const active = new ActiveRule(rule, this.#rules.length, this.#seed)
    this.#rules.push(active)
    for (const verb of active.unsaid) this.#awaited.add(verb)
    if (active.moment.phase === 'idle') {
      for (const [session, { idle }] of this.#sessions) idle.push(this.#idleTimer(active, session))
    }
    return active
  }

  /** Counts the silence of a session that is there already, and has said these verbs. */
  follow(session: Session, verbs: Iterable<string> = []): void {
    const { said } = this.#state(session)
    for (const verb of verbs) if (this.#awaited.has(verb)) said.add(verb)
  }

  /** Counts the silence of a session no more. */
  forget(session: Session): void {
    for (const timer of this.#sessions.get(session)?.idle ?? []) timer.cancel()
    this.#sessions.delete(session)
  }

  /** No more time is counted. */
  close(): void {
    this.#isOver = true
    for (const { idle } of this.#sessions.values()) for (const timer of idle) timer.cancel()
    this.#sessions.clear()
  }

  connected(session: Session): Seams | undefined {
    return this.#seams({
      kind: 'connect',
      session,
      number: this.#number(session),
      path: '',
      said: this.#state(session).said,
    })
  }

  commanded(session: Session, command: RecognizedCommand): Seams | undefined {
    const number = this.#number(session)
    const { said } = this.#state(session)
    let path: string | undefined
    const seams = this.#seams({
      ...{ kind: 'command', session, number, command, said },
      // Found out where a rule asks: most commands concern none.
      get path() {
        path ??= namedPath(session, command)
        return path
      },
    })
    // Clients make up as many verbs as they like.
    if (this.#awaited.has(command.verb)) said.add(command.verb)
    return seams
  }

  #seams(occasion: Occasion): Seams | undefined {
    const state = this.#state(occasion.session)
    for (const timer of state.idle) timer.restart()
    const rules = this.#rules.filter((rule) => rule.applies(occasion))
    if (rules.length === 0) return state.lasting.size === 0 ? undefined : compose([...state.lasting.values()])
    return this.#armed(rules, occasion, state)
  }

  #armed(rules: readonly ActiveRule[], occasion: Occasion, state: SessionState): Seams {
    const { lasting } = state
    const shared: Shared = {
      ...{ scenario: this.scenario, occasion, seams: {}, isConcluded: false, announced: deferred() },
      isOver: () => this.#isOver,
      answered: async () => (state.answering?.to === occasion ? undefined : state.answering?.done),
      last: (step, seams) => void lasting.set(step, seams),
    }
    const seams = rules.flatMap((rule) =>
      rule.steps.map((step) => step.fault.seams(step.settings, new PlayedExchange(shared, rule, step), rule.moment)),
    )
    shared.seams = compose([...lasting.values(), ...seams])
    return compose([followed(shared, state), shared.seams])
  }

  /** The number of a session in the scenario: a server may have had others before, and some may be just leaving. */
  #number(session: Session): number {
    const known = this.#numbers.get(session)
    if (known !== undefined) return known
    this.#numbers.set(session, ++this.#lastNumber)
    return this.#lastNumber
  }

  #state(session: Session): SessionState {
    const known = this.#sessions.get(session)
    if (known !== undefined) return known
    const idle = this.#rules.flatMap((rule) => (rule.moment.phase === 'idle' ? [this.#idleTimer(rule, session)] : []))
    const state: SessionState = { lasting: new Map(), idle, said: new Set() }
    this.#sessions.set(session, state)
    void session.handler.closed.then(() => this.forget(session))
    return state
  }

  #idleTimer(rule: ActiveRule, session: Session): IdleTimer {
    const timer = new IdleTimer(
      session.ioloop,
      () => rule.when.after ?? 0,
      () => {
        const { said } = this.#state(session)
        const occasion: Occasion = { kind: 'idle', session, number: this.#number(session), path: '', said }
        if (!rule.applies(occasion)) return
        const { before } = this.#armed([rule], occasion, this.#state(session))
        if (before !== undefined) session.handler.connection.first(before, () => {})
      },
    )
    timer.restart()
    return timer
  }
}

/** Notes how far an exchange has come by its replies; a final one that a fault has sent already is not sent again. */
function followed(shared: Shared, state: SessionState): Seams {
  return {
    reply: (outgoing, send) => {
      if (outgoing.isPreliminary) return Promise.resolve(send(outgoing)).finally(shared.announced.resolve)
      if (shared.isConcluded) return undefined
      const answering = send(outgoing)
      if (answering instanceof Promise) state.answering = { to: shared.occasion, done: answering.catch(() => {}) }
      return answering
    },
  }
}
