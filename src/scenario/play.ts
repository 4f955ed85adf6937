import { compose } from '../faults/compose.ts'
import type { RecognizedCommand } from '../handlers/dispatch.ts'
import { IdleTimer } from '../handlers/idle-timer.ts'
import type { SeamSource, Seams } from '../handlers/seams.ts'
import type { Session } from '../handlers/session.ts'
import { PlayedExchange, type Shared } from './played-exchange.ts'
import { ActiveRule, type Occasion } from './rule.ts'
import type { CheckedRule } from './schema.ts'

/** What a play remembers of one session. */
interface SessionState {
  /** What holds for every exchange from now on. */
  readonly lasting: Seams[]
  readonly idle: IdleTimer[]
}

/** A scenario being played: it has its rules applied to what happens on a server. */
export class Play implements SeamSource {
  readonly scenario: string
  readonly #seed: number
  readonly #rules: ActiveRule[] = []
  readonly #sessions = new Map<Session, SessionState>()

  constructor(scenario: string, rules: readonly CheckedRule[], seed: number) {
    this.scenario = scenario
    this.#seed = seed
    for (const rule of rules) this.add(rule)
  }

  get rules(): readonly ActiveRule[] {
    return this.#rules
  }

  /** One more rule, behind the others. */
  add(rule: CheckedRule): ActiveRule {
    const active = new ActiveRule(rule, this.#rules.length, this.#seed)
    this.#rules.push(active)
    if (active.moment.phase === 'idle') {
      for (const [session, { idle }] of this.#sessions) idle.push(this.#idleTimer(active, session))
    }
    return active
  }

  /** Counts the silence of a session that is there already. */
  follow(session: Session): void {
    this.#state(session)
  }

  /** No more time is counted. */
  close(): void {
    for (const { idle } of this.#sessions.values()) for (const timer of idle) timer.cancel()
    this.#sessions.clear()
  }

  connected(session: Session): Seams | undefined {
    return this.#seams({ kind: 'connect', session, path: '' })
  }

  commanded(session: Session, command: RecognizedCommand): Seams | undefined {
    return this.#seams({ kind: 'command', session, command, path: pathOf(session, command) })
  }

  #seams(occasion: Occasion): Seams | undefined {
    const state = this.#state(occasion.session)
    for (const timer of state.idle) timer.restart()
    const rules = this.#rules.filter((rule) => rule.misfit(occasion) === undefined)
    if (rules.length === 0) return state.lasting.length === 0 ? undefined : compose(state.lasting)
    return this.#armed(rules, occasion, state)
  }

  #armed(rules: readonly ActiveRule[], occasion: Occasion, { lasting }: SessionState): Seams {
    const last = (seams: Seams) => void lasting.push(seams)
    const shared: Shared = { scenario: this.scenario, occasion, seams: {}, isConcluded: false, last }
    const concluded: Seams = {
      reply: (outgoing, send) => (shared.isConcluded && !outgoing.isPreliminary ? undefined : send(outgoing)),
    }
    const seams = rules.flatMap((rule) =>
      rule.steps.map(({ fault, settings }) =>
        fault.seams(settings, new PlayedExchange(shared, rule, fault), rule.moment),
      ),
    )
    shared.seams = compose([concluded, ...lasting, ...seams])
    return shared.seams
  }

  #state(session: Session): SessionState {
    const known = this.#sessions.get(session)
    if (known !== undefined) return known
    const idle = this.#rules.flatMap((rule) => (rule.moment.phase === 'idle' ? [this.#idleTimer(rule, session)] : []))
    const state: SessionState = { lasting: [], idle }
    this.#sessions.set(session, state)
    void session.handler.closed.then(() => {
      for (const timer of idle) timer.cancel()
      this.#sessions.delete(session)
    })
    return state
  }

  #idleTimer(rule: ActiveRule, session: Session): IdleTimer {
    const timer = new IdleTimer(
      session.ioloop,
      () => rule.when.after ?? 0,
      () => {
        const occasion: Occasion = { kind: 'idle', session, path: '' }
        if (rule.misfit(occasion) !== undefined) return
        const { before } = this.#armed([rule], occasion, this.#state(session))
        session.handler.connection.first(
          () => before?.(),
          () => {},
        )
      },
    )
    timer.restart()
    return timer
  }
}

/** The path that a command names, absolute; '' where it names none, or nobody is logged in. */
function pathOf(session: Session, { argument, spec }: RecognizedCommand): string {
  if (session.login.step !== 'done' || spec === undefined || !/path/.test(spec.argument)) return ''
  const named = spec.argument === 'value path' ? argument.replace(/^\S+ /, '') : argument
  return session.fs.ftpnorm(named)
}
