import type { Fault } from '../faults/fault.ts'
import type { Moment, Phase } from '../faults/phases.ts'
import { faults } from '../faults/table.ts'
import type { RecognizedCommand } from '../handlers/dispatch.ts'
import type { Session } from '../handlers/session.ts'
import { chance } from './chance.ts'
import { globKit } from './kit.ts'
import type { CheckedRule, CheckedWhen } from './schema.ts'

/** Something to which rules may apply: a client has connected, said something, or said nothing for a while. */
export interface Occasion {
  readonly kind: 'connect' | 'command' | 'idle'
  readonly session: Session
  readonly command?: RecognizedCommand
  /** The path that the command names, absolute; '' for none. */
  readonly path: string
}

/** One fault of a rule, with its settings. */
export interface Step {
  readonly fault: Fault
  readonly settings: unknown
}

/** What of a rule did not fit an occasion, in the order in which it is looked at. */
export type Misfit = 'occasion' | keyof CheckedWhen | 'skip' | 'times' | 'chance'

const SET_UP = ['PASV', 'EPSV', 'PORT', 'EPRT']
const CONNECTING: readonly Phase[] = ['accept', 'greeting', 'greeted']

/** A rule while its scenario is played: it knows what it applies to, and counts. */
export class ActiveRule {
  readonly label: string
  readonly index: number
  readonly moment: Moment
  readonly steps: readonly Step[]
  readonly isOptional: boolean
  readonly when: CheckedWhen
  /** What its faults remember. */
  readonly memory: Map<string, unknown> = new Map()
  /** How often it has applied. */
  applied = 0
  readonly #rule: CheckedRule
  readonly #seed: number
  readonly #counts = new Map<Session | 'scenario', number>()
  readonly #commands: readonly string[] | undefined
  readonly #path: ((text: string) => boolean) | undefined
  readonly #argument: ((text: string) => boolean) | undefined

  constructor(rule: CheckedRule, index: number, seed: number) {
    this.#rule = rule
    this.index = index
    this.label = rule.name ?? `rules[${index}]`
    this.when = rule.when
    this.isOptional = rule.optional
    this.steps = rule.then.flatMap(stepsOf)
    this.#seed = rule.seed ?? seed
    const { phase, at, command, path, argument } = rule.when
    const own = this.steps.map(({ fault }) => fault.phases?.[0]).find((first) => first !== undefined)
    this.moment = { phase: phase ?? own ?? 'after-read', ...(at && { at }) }
    this.#commands = command === undefined ? undefined : [command].flat().map((verb) => verb.toUpperCase())
    this.#path = path === undefined ? undefined : globKit()(path, { dot: true })
    this.#argument = argument === undefined ? undefined : globKit()(argument, { dot: true, bash: true })
  }

  /** Why it does not apply to an occasion, which is counted where it does. */
  misfit(occasion: Occasion): Misfit | undefined {
    return this.#unlike(occasion) ?? this.#spent(occasion.session)
  }

  #unlike(occasion: Occasion): Misfit | undefined {
    const { session, command, path } = occasion
    const { user, session: ids, type } = this.when
    if (!this.#concerns(occasion)) return 'occasion'
    if (this.#commands !== undefined && !this.#commands.includes(command?.verb ?? '')) return 'command'
    if (this.#path !== undefined && (path === '' || !this.#path(path))) return 'path'
    if (this.#argument !== undefined && !this.#argument(command?.argument ?? '')) return 'argument'
    if (user !== undefined && ![user].flat().includes(session.handler.username)) return 'user'
    if (ids !== undefined && ![ids].flat().includes(session.handler.id)) return 'session'
    if (type !== undefined && type !== session.type) return 'type'
    return undefined
  }

  /** Whether it is of the kind that the moment and the faults need. */
  #concerns({ kind, session, command }: Occasion): boolean {
    const { phase } = this.moment
    const isHandshake = kind === 'connect' ? session.options.implicitTls : command?.verb === 'AUTH'
    if (kind === 'idle' || phase === 'idle') return kind === phase
    if (phase === 'tls-handshake') return isHandshake
    if (phase === 'quit') return command?.verb === 'QUIT'
    if (CONNECTING.includes(phase)) return kind === 'connect'
    const isSetUp = SET_UP.includes(command?.verb ?? '')
    const needs = this.steps.every(({ fault: { needs: need } }) => {
      if (need === 'transfer') return command?.spec?.transfers === true
      if (need === 'set-up') return isSetUp
      return need === undefined || isHandshake || isSetUp
    })
    if (!needs) return false
    const hasMoment = this.when.phase !== undefined || this.steps.some(({ fault: { phases } }) => phases !== undefined)
    return kind === 'command' || (!hasMoment && this.#commands === undefined)
  }

  #spent(session: Session): Misfit | undefined {
    const { skip, times, per, chance: probability } = this.#rule
    const key = per === 'session' ? session : 'scenario'
    const count = this.#counts.get(key) ?? 0
    this.#counts.set(key, count + 1)
    if (count < skip) return 'skip'
    if (times !== 'always' && count >= skip + times) return 'times'
    if (probability !== undefined && this.random(session, count) >= probability) return 'chance'
    this.applied++
    return undefined
  }

  /** A number from 0 to below 1, the n-th for a session. */
  random(session: Session, n: number): number {
    return chance(this.#seed, this.index, session.handler.id, n)
  }
}

function stepsOf(group: Readonly<Record<string, unknown>>): Step[] {
  return Object.entries(group).map(([name, settings]) => ({
    fault: faults[name as keyof typeof faults] as unknown as Fault,
    settings,
  }))
}
