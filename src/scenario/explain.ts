import { detailOf } from '../handlers/command-detail.ts'
import { visible } from '../handlers/event-text.ts'
import type { Play } from './play.ts'
import type { ActiveRule } from './rule.ts'
import { MISFITS, type Misfit, type NearMiss, type Remembered } from './rule-record.ts'
import { counted, shortened } from './words.ts'

/** What became of one rule of a scenario. */
export interface RuleExplanation {
  /** Its name, or `rules[0]`. */
  readonly rule: string
  /** How often it has applied. */
  readonly applied: number
  /** How often each of its faults has done something, by the name of the fault. */
  readonly effects: Readonly<Record<string, number>>
  /** Whether it has never applied though it is not optional: a test that means it is not testing anything. */
  readonly isUnfired: boolean
  /** What it applied to; or what came nearest, and why that did not fit. */
  readonly sentences: readonly string[]
}

/** What became of the rules of a scenario; as text, it is for people. */
export interface Explanation {
  /** '' where none is in use. */
  readonly scenario: string
  readonly rules: readonly RuleExplanation[]
  toString(): string
}

/** Tells for each rule how often it applied and to what, or why it never did. */
export function explain(play: Play | undefined): Explanation {
  const scenario = play?.scenario ?? ''
  const rules = play?.rules.map(explainRule) ?? []
  return {
    scenario,
    rules,
    toString: () => {
      if (play === undefined) return 'no scenario is in use\n'
      const options = play.options.length === 0 ? '' : `options: ${play.options.join(', ')}\n`
      const parts = rules.map(({ rule, sentences }) => `${rule} ${sentences.join('\n  ')}\n`)
      return `${play.title}: ${rules.length === 0 ? 'no rules' : counted(rules.length, 'rule')}\n${options}${parts.join('')}`
    },
  }
}

/** What became of one rule. */
export function explainRule(rule: ActiveRule): RuleExplanation {
  const { record, label, isUnfired, steps } = rule
  const effects: Record<string, number> = {}
  for (const { fault, index } of steps) effects[fault.name] = (effects[fault.name] ?? 0) + record.effects(index)
  const sentences = record.applied > 0 ? onUse(rule, effects) : onNoUse(rule)
  return { rule: label, applied: record.applied, effects, isUnfired, sentences: [...sentences, ...onPassed(rule)] }
}

function onUse({ record, steps }: ActiveRule, effects: Readonly<Record<string, number>>): string[] {
  const { applied, uses } = record
  const names = [...new Set(steps.map(({ fault }) => fault.name))]
  const more = applied > uses.length ? ' …' : ''
  return [
    `(${names.join(', ')}) applied ${counted(applied, 'time')}: ${uses.map(shown).join(', ')}${more}`,
    ...names.map((name) => {
      const times = effects[name] ?? 0
      if (times === 0) return `${name} never did anything: its moment did not come`
      return `${name} took effect ${counted(times, 'time')}`
    }),
  ]
}

function onNoUse(rule: ActiveRule): string[] {
  const { record, steps } = rule
  const names = steps.map(({ fault }) => fault.name).join(', ')
  const first = `(${names}) never applied`
  const { skip, chance } = record.passed
  if (skip + chance > 0) return [first]
  const nearest = record.nearMisses.filter(({ distance }) => distance === record.nearMisses[0]?.distance)
  if (nearest.length === 0) return [`${first}: ${whatNeverCame(rule)}`]
  return [first, ...nearest.map((miss) => `near: ${shown(miss)}: ${reasons(rule, miss).join(' and ')}`)]
}

function onPassed({ record: { passed, applied }, written: { skip, times, chance } }: ActiveRule): string[] {
  const sentences: string[] = []
  const toSkip = counted(skip, 'match', 'matches')
  if (passed.skip > 0 && applied === 0) sentences.push(`skip: let ${passed.skip} of ${toSkip} pass, and no other came`)
  else if (passed.skip > 0) sentences.push(`skip: let ${passed.skip} pass first`)
  if (passed.times > 0) sentences.push(`times: ${times} used up, ${passed.times} more would have matched`)
  if (passed.chance > 0) sentences.push(`chance: ${chance} said no ${counted(passed.chance, 'time')}`)
  return sentences
}

function whatNeverCame({ when: { command, after }, moment: { phase }, steps }: ActiveRule): string {
  if (phase === 'idle') return `no session was silent for ${after} ms`
  if (command !== undefined) return `no ${[command].flat().join(' or ')} came`
  const needs = steps.flatMap(({ fault, settings }) => fault.narrowed?.(settings) ?? fault.needs ?? [])
  if (needs.length > 0) return `nothing came that is of the kind ${needs.join(', ')}`
  return phase === 'quit' ? 'no QUIT came' : 'nothing came that it is about'
}

/** What an occasion was, as the time line would put it. */
function shown({ kind, command, commands, id }: Remembered): string {
  if (command === undefined) return `${kind === 'idle' ? 'the silence' : 'the connecting'} of session ${id}`
  return `${lineOf(command, commands)} in session ${id}`
}

/** A command with its secrets masked. */
function lineOf(command: NonNullable<Remembered['command']>, commands: Remembered['commands']): string {
  const { line } = detailOf(commands, command, Buffer.from(`${command.verb} ${command.argument}`))
  return shortened(visible(line))
}

function reasons(rule: ActiveRule, miss: NearMiss): string[] {
  return MISFITS.filter((_, bit) => (miss.misfits >> bit) & 1).map((misfit) => reason(misfit, rule, miss))
}

function reason(misfit: Misfit, { when, steps }: ActiveRule, miss: NearMiss): string {
  const { path, username, id, number, type } = miss
  switch (misfit) {
    case 'kind':
      return `${steps.map(({ fault }) => fault.name).join(', ')} cannot be done to it${when.phase ? ` at ${when.phase}` : ''}`
    case 'path':
      return path === '' ? 'it names no path' : `the path ${shortened(visible(path))} is not ${when.path}`
    case 'argument':
      return `the argument is not ${when.argument}`
    case 'user':
      return `the user is ${username === '' ? 'nobody yet' : visible(username)}, not ${oneOf(when.user)}`
    case 'session':
      return `session ${id} is number ${number} of the scenario, not ${oneOf(when.session)}`
    case 'type':
      return `the TYPE is ${type}, not ${when.type}`
    case 'unsaid':
      return `${oneOf(when.unsaid)} was said before`
    case 'login':
      return when.login ? 'nobody is logged in yet' : 'somebody is logged in already'
  }
}

function oneOf(wanted: number | string | readonly (number | string)[] | undefined): string {
  return [wanted].flat().join(' or ')
}
