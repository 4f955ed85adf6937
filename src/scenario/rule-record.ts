import type { RecognizedCommand } from '../handlers/dispatch.ts'
import type { Occasion } from './rule.ts'

/** What of `when` may not fit an occasion that a rule is meant for; a bit of a `Misfits` each. */
export const MISFITS = ['kind', 'path', 'argument', 'user', 'session', 'type', 'unsaid', 'login'] as const

export type Misfit = (typeof MISFITS)[number]

/** Those of `MISFITS` that are the case, bit by bit: looked at for many commands, and put into words for few. */
export type Misfits = number

const MOST_KEPT = 5

/** An occasion as it was; what it belonged to may be gone. */
export interface Remembered {
  readonly kind: Occasion['kind']
  readonly command: RecognizedCommand | undefined
  readonly commands: Occasion['session']['commands']
  readonly path: string
  /** The session's number on the time line, and in the scenario. */
  readonly id: number
  readonly number: number
  readonly username: string
  readonly type: 'A' | 'I'
}

/** An occasion that a rule did not apply to. */
export interface NearMiss extends Remembered {
  readonly misfits: Misfits
  /** How many they are. */
  readonly distance: number
}

/** What became of a rule so far; of bounded size, however much happens. */
export class RuleRecord {
  /** How often it has applied. */
  applied = 0
  /** Matches that it let pass, by what for. */
  readonly passed: Record<'skip' | 'times' | 'chance', number> = { skip: 0, times: 0, chance: 0 }
  /** What it applied to first. */
  readonly uses: Remembered[] = []
  /** What came nearest before it first applied, the nearest first. */
  readonly nearMisses: NearMiss[] = []
  readonly #effects: number[] = []

  use(occasion: Occasion): void {
    this.applied++
    if (this.uses.length < MOST_KEPT) this.uses.push(remembered(occasion))
  }

  miss(occasion: Occasion, misfits: Misfits): void {
    const distance = bitsIn(misfits)
    const { nearMisses } = this
    if (distance >= (nearMisses[MOST_KEPT - 1]?.distance ?? Number.POSITIVE_INFINITY)) return
    for (const known of nearMisses) if (known.misfits === misfits && isSame(known, occasion)) return
    const behind = nearMisses.findIndex((known) => known.distance > distance)
    const miss = { ...remembered(occasion), misfits, distance }
    nearMisses.splice(behind === -1 ? nearMisses.length : behind, 0, miss)
    nearMisses.length = Math.min(nearMisses.length, MOST_KEPT)
  }

  /** The fault at this place among the rule's has done something. */
  tookEffect(step: number): void {
    this.#effects[step] = this.effects(step) + 1
  }

  /** How often the fault at this place has done something. */
  effects(step: number): number {
    return this.#effects[step] ?? 0
  }
}

function remembered({ kind, session, number, command, path }: Occasion): Remembered {
  const { handler, commands, type } = session
  return { kind, command, commands, path, id: handler.id, number, username: handler.username, type }
}

/** A client that says the same again tells nothing new. */
function isSame({ id, command }: Remembered, occasion: Occasion): boolean {
  const other = occasion.command
  return id === occasion.session.handler.id && command?.verb === other?.verb && command?.argument === other?.argument
}

function bitsIn(misfits: Misfits): number {
  let count = 0
  for (let rest = misfits; rest > 0; rest >>= 1) count += rest & 1
  return count
}
