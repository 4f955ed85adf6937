import type { Fault } from '../faults/fault.ts'
import type { Phase } from '../faults/phases.ts'
import { faults } from '../faults/table.ts'
import type { EntryPart } from './error.ts'
import { flawOf } from './glob.ts'
import { mismatch, type Problem } from './issue.ts'
import {
  type Demand,
  isWithoutCommand,
  knownCommands,
  meets,
  meetsConnecting,
  phaseDemands,
  verbsFor,
} from './needs.ts'
import type { CheckedRule, CheckedWhen } from './schema.ts'
import { misspelt } from './verbs.ts'

// What each part of a rule allows for itself, but not together: such a rule would never apply, or not as it reads.

/** A fault of a rule, and what it needs, settings considered. */
interface Doing {
  readonly name: string
  readonly fault: Fault
  readonly demand: Demand | undefined
}

/** What makes no sense in a rule: its misspelt verbs, or else the first other thing. */
export function checkRule(rule: CheckedRule, verbs: readonly string[]): readonly Problem[] {
  const { when } = rule
  const unknown = checkVerbs(when, verbs)
  if (unknown.length > 0) return unknown
  const its = rule.then.flatMap(doings)
  const first =
    checkGlobs(when) ??
    checkPhase(when, its) ??
    checkMatchable(when) ??
    checkDemands(when, its) ??
    checkTogether(its) ??
    checkCounts(rule)
  return first === undefined ? [] : [first]
}

function doings(group: Readonly<Record<string, unknown>>): Doing[] {
  return Object.entries(group).flatMap(([name, settings]) => {
    if (settings === undefined) return []
    const fault = faults[name as keyof typeof faults] as unknown as Fault
    return [{ name, fault, demand: fault.narrowed?.(settings) ?? fault.needs }]
  })
}

function problem(path: readonly PropertyKey[], text: string, part: EntryPart = 'value'): Problem {
  return { path, part, text }
}

/** The verbs of `when`, and where each stands. */
function verbsOf({ command }: CheckedWhen): { readonly verb: string; readonly path: readonly PropertyKey[] }[] {
  if (command === undefined) return []
  if (typeof command === 'string') return [{ verb: command.toUpperCase(), path: ['when', 'command'] }]
  return command.map((verb, index) => ({ verb: verb.toUpperCase(), path: ['when', 'command', index] }))
}

function checkVerbs(when: CheckedWhen, own: readonly string[]): Problem[] {
  return verbsOf(when).flatMap(({ verb, path }) => {
    const meant = misspelt(verb, own)
    return meant === undefined ? [] : problem(path, `there is no command "${verb}"; did you mean "${meant}"?`)
  })
}

function checkGlobs({ path, argument }: CheckedWhen): Problem | undefined {
  for (const [name, glob] of Object.entries({ path, argument })) {
    const flaw = glob === undefined ? undefined : flawOf(glob)
    if (flaw !== undefined) return problem(['when', name], `${mismatch('a glob', glob)}: ${flaw}`)
  }
  if (path !== undefined && /^[\w.-]/.test(path)) {
    const expected = "a glob for an absolute path, such as '/pub/*.bin' or '**/a.txt'"
    return problem(['when', 'path'], mismatch(expected, path))
  }
  return undefined
}

function checkPhase({ phase, at, after }: CheckedWhen, its: readonly Doing[]): Problem | undefined {
  if (at !== undefined && phase !== 'data-byte') return beside('at', 'data-byte', phase)
  if (after !== undefined && phase !== 'idle') return beside('after', 'idle', phase)
  if (phase === 'data-byte' && at === undefined) return alone(phase, "at: '32KiB'")
  if (phase === 'idle' && after === undefined) return alone(phase, "after: '5m'")
  if (phase === undefined) return undefined
  const told = its.filter(({ fault }) => fault.phases !== undefined)
  if (told.length === 0) {
    const names = its.map(({ name }) => name).join(' and ')
    return problem(['when', 'phase'], `${names} has a moment of its own, and can be told none`)
  }
  const other = told.find(({ fault }) => !fault.phases?.includes(phase))
  if (other === undefined) return undefined
  const allowed = [...new Set(other.fault.phases)].map((each) => `'${each}'`).join(' or ')
  return problem(['when', 'phase'], `${mismatch(allowed, phase)}, at which there is no ${other.name}`)
}

function beside(setting: 'at' | 'after', needed: Phase, phase: Phase | undefined): Problem {
  const found = phase === undefined ? 'none' : `'${phase}'`
  return problem(['when', setting], `expected the phase '${needed}' beside it, found ${found}`, 'key')
}

function alone(phase: Phase, missing: string): Problem {
  return problem(['when', 'phase'], `the phase '${phase}' needs to be told when: expected ${missing} beside it`)
}

/** When there is no command yet, or any more, nothing of one can match. */
function checkMatchable(when: CheckedWhen): Problem | undefined {
  const { phase } = when
  if (phase === undefined || !isWithoutCommand(phase)) return undefined
  const key = (['command', 'path', 'argument'] as const).find((name) => when[name] !== undefined)
  return key && problem(['when', key], `there is no command at the phase '${phase}', so this never matches`, 'key')
}

function checkDemands(when: CheckedWhen, its: readonly Doing[]): Problem | undefined {
  const { phase } = when
  const moment = phase === undefined ? [] : [{ demand: phaseDemands[phase], name: `the phase '${phase}'` }]
  for (const { verb, path } of verbsOf(when)) {
    const unmet = [...its, ...moment].find(({ demand }) => !meets(demand, verb))
    if (!Object.hasOwn(knownCommands, verb) || unmet === undefined) continue
    return problem(path, `${unmet.name} is nothing for ${verb}; expected ${verbsFor(unmet.demand).join(', ')}`)
  }
  const homeless = its.find(({ demand }) => !meetsConnecting(demand))
  if (phase === undefined || homeless === undefined || !isWithoutCommand(phase)) return undefined
  return problem(['when', 'phase'], `${homeless.name} needs a command, and there is none at the phase '${phase}'`)
}

/** No command is of two kinds at once. */
function checkTogether(its: readonly Doing[]): Problem | undefined {
  const isPossible = (some: readonly Doing[]) =>
    Object.keys(knownCommands).some((verb) => some.every(({ demand }) => meets(demand, verb)))
  const index = its.findIndex((_, last) => !isPossible(its.slice(0, last + 1)))
  const odd = its[index]
  if (odd === undefined) return undefined
  const other = its.slice(0, index).find((each) => !isPossible([each, odd]))
  const rest = other?.name ?? 'the others'
  return problem(['then'], `${odd.name} and ${rest} are never done to one command: give each a rule of its own`)
}

function checkCounts({ per, skip, times }: CheckedRule): Problem | undefined {
  if (per === 'scenario' || skip > 0 || times !== 'always') return undefined
  return problem(['per'], 'expected skip or times beside it, which it is about', 'key')
}
