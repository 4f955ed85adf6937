import type { Fault } from '../faults/fault.ts'
import { suits } from '../faults/needs.ts'
import { type Moment, type Phase, phaseNeeds } from '../faults/phases.ts'
import { faults } from '../faults/table.ts'
import type { RecognizedCommand } from '../handlers/dispatch.ts'
import type { Session } from '../handlers/session.ts'
import { parseCommand } from '../protocol/command.ts'
import { chance } from './chance.ts'
import { globKit } from './kit.ts'
import { type Misfits, RuleRecord } from './rule-record.ts'
import type { CheckedRule, CheckedWhen } from './schema.ts'

/** Something to which rules may apply: a client has connected, said something, or said nothing for a while. */
export interface Occasion {
  readonly kind: 'connect' | 'command' | 'idle'
  readonly session: Session
  /** The session's number in the scenario: from 1, in the order in which sessions connect, or first say something. */
  readonly number: number
  readonly command?: RecognizedCommand
  /** The path that the command names, absolute; '' for none. */
  readonly path: string
  /** The verbs that the session has said before. */
  readonly said: ReadonlySet<string>
}

/** One fault of a rule, with its settings. */
export interface Step {
  readonly fault: Fault
  readonly settings: unknown
  /** Its place among the steps of its rule. */
  readonly index: number
}

/** How often a rule has matched and applied, in all or in a session. */
interface Counts {
  matched: number
  applied: number
}

const [KIND, PATH, ARGUMENT, USER, SESSION, TYPE, UNSAID, LOGIN] = [1, 2, 4, 8, 16, 32, 64, 128] as const
const CONNECTING: readonly Phase[] = ['accept', 'greeting', 'greeted']

/** A rule while its scenario is played: it knows what it applies to, and counts. */
export class ActiveRule {
  readonly label: string
  readonly index: number
  readonly moment: Moment
  readonly steps: readonly Step[]
  readonly isOptional: boolean
  readonly when: CheckedWhen
  /** The verbs that a session must not have said. */
  readonly unsaid: readonly string[]
  /** What its faults remember. */
  readonly memory: Map<string, unknown> = new Map()
  /** What became of it. */
  readonly record: RuleRecord = new RuleRecord()
  /** As it was written, but for its units. */
  readonly written: CheckedRule
  readonly #seed: number
  readonly #counts: Counts = { matched: 0, applied: 0 }
  readonly #sessionCounts = new WeakMap<Session, Counts>()
  readonly #commands: readonly string[] | undefined
  readonly #path: ((text: string) => boolean) | undefined
  readonly #argument: ((text: string) => boolean) | undefined

  constructor(rule: CheckedRule, index: number, seed: number) {
    this.written = rule
    this.index = index
    this.label = rule.name ?? `rules[${index}]`
    this.when = rule.when
    this.isOptional = rule.optional
    this.steps = rule.then.flatMap(stepsOf).map((step, index) => ({ ...step, index }))
    this.#seed = rule.seed ?? seed
    const { phase, at, command, path, argument, unsaid = [] } = rule.when
    this.unsaid = [unsaid].flat().map((verb) => verb.toUpperCase())
    const own = this.steps.map(({ fault }) => fault.phases?.[0]).find((first) => first !== undefined)
    this.moment = { phase: phase ?? own ?? 'after-read', ...(at && { at }) }
    this.#commands = command === undefined ? undefined : [command].flat().map((verb) => verb.toUpperCase())
    this.#path = path === undefined ? undefined : globKit()(path, { dot: true, keepQuotes: true })
    this.#argument =
      argument === undefined ? undefined : globKit()(argument, { dot: true, bash: true, keepQuotes: true })
  }

  /** Whether silence about it is not fine: it has never applied, or to nothing that its faults could be done to. */
  get isUnfired(): boolean {
    if (this.isOptional || this.written.chance !== undefined) return false
    const { record, steps } = this
    return record.applied === 0 || steps.some(({ fault, index }) => !fault.mayPass && record.effects(index) === 0)
  }

  /** Whether it applies to an occasion, which is counted where it matches. */
  applies(occasion: Occasion): boolean {
    if (!this.#isMeant(occasion)) return false
    const misfits = this.#misfits(occasion)
    if (misfits === 0) return this.#isDue(occasion)
    if (this.record.applied === 0) this.record.miss(occasion, misfits)
    return false
  }

  /** Whether an occasion has anything to do with it: one that has not is no near miss. */
  #isMeant(occasion: Occasion): boolean {
    const { command } = occasion
    const commands = this.#commands
    if (commands === undefined) return this.#concerns(occasion)
    return command !== undefined && commands.some((verb) => isCalled(verb, command))
  }

  #misfits(occasion: Occasion): Misfits {
    const { session, number, command, said } = occasion
    const { user, session: numbers, type, login } = this.when
    let misfits = this.#commands === undefined || this.#concerns(occasion) ? 0 : KIND
    if (this.#path !== undefined && !this.#path(occasion.path)) misfits |= PATH
    if (this.#argument !== undefined && !this.#argument(command?.argument ?? '')) misfits |= ARGUMENT
    if (user !== undefined && ![user].flat().includes(userOf(occasion))) misfits |= USER
    if (numbers !== undefined && ![numbers].flat().includes(number)) misfits |= SESSION
    if (type !== undefined && type !== session.type) misfits |= TYPE
    if (said.size > 0 && this.unsaid.some((verb) => said.has(verb))) misfits |= UNSAID
    if (login !== undefined && login !== (session.login.step === 'done')) misfits |= LOGIN
    return misfits
  }

  /** Whether it is of the kind that the moment and the faults need. */
  #concerns({ kind, session, command }: Occasion): boolean {
    const { phase } = this.moment
    if (kind === 'idle' || phase === 'idle') return kind === phase
    const itsNeed = phaseNeeds[phase]
    if (itsNeed !== undefined && !suits(itsNeed, command, session)) return false
    if (phase === 'tls-handshake') return true
    if (phase === 'quit') return command?.verb === 'QUIT'
    if (CONNECTING.includes(phase)) return kind === 'connect'
    const isSuitable = this.steps.every(({ fault, settings }) => {
      const need = fault.narrowed?.(settings) ?? fault.needs
      return need === undefined || suits(need, command, session)
    })
    if (!isSuitable) return false
    const hasMoment = this.when.phase !== undefined || this.steps.some(({ fault: { phases } }) => phases !== undefined)
    return kind === 'command' || (!hasMoment && this.#commands === undefined)
  }

  /** Whether its turn has come: a match is one to skip, one too many, or chance decides. */
  #isDue(occasion: Occasion): boolean {
    const { skip, times, per, chance: probability } = this.written
    const own = this.#countsOf(occasion.session)
    const counts = per === 'session' ? own : this.#counts
    const passed = counts.matched < skip ? 'skip' : counts.applied === times ? 'times' : undefined
    this.#counts.matched++
    own.matched++
    const reason =
      passed ??
      (probability !== undefined && this.random(occasion.number, own.matched) >= probability ? 'chance' : undefined)
    if (reason !== undefined) {
      this.record.passed[reason]++
      return false
    }
    this.#counts.applied++
    own.applied++
    this.record.use(occasion)
    return true
  }

  /** How many occasions of a session it has matched. */
  matchesIn(session: Session): number {
    return this.#countsOf(session).matched
  }

  /** A number from 0 to below 1 for the n-th match of a session: the same for the same seed, however sessions take turns. */
  random(session: number, match: number, ...which: readonly number[]): number {
    return chance(this.#seed, this.index, session, match, ...which)
  }

  #countsOf(session: Session): Counts {
    const known = this.#sessionCounts.get(session)
    if (known !== undefined) return known
    const counts = { matched: 0, applied: 0 }
    this.#sessionCounts.set(session, counts)
    return counts
  }
}

/** Whether a rule that names a verb means a command: `SITE` is all of SITE, `SITE UTIME` also where nobody knows it. */
function isCalled(verb: string, command: RecognizedCommand): boolean {
  if (verb === command.verb || command.verb.startsWith(`${verb} `)) return true
  return verb.startsWith(`${command.verb} `) && verb === `${command.verb} ${parseCommand(command.argument).verb}`
}

/** Who is logged in, or about to: with USER it is the one who is named. */
function userOf({ session, command }: Occasion): string {
  return command?.verb === 'USER' ? command.argument : session.handler.username
}

function stepsOf(group: Readonly<Record<string, unknown>>): Omit<Step, 'index'>[] {
  return Object.entries(group).map(([name, settings]) => ({
    fault: faults[name as keyof typeof faults] as unknown as Fault,
    settings,
  }))
}
