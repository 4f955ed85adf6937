import { FtpFixtureError } from '../options/error.ts'
import { checkVerbs } from './check-expectation.ts'
import { checkRule } from './check-rule.ts'
import { compiledScenario } from './compiled.ts'
import { ScenarioError, type ScenarioPlace } from './error.ts'
import type { CheckedExpectation, Expectation } from './expect/schema.ts'
import { merge, type Part } from './extend.ts'
import { type Path, type Problem, problemsOf } from './issue.ts'
import { expectation } from './issue-text.ts'
import {
  type CheckedRule,
  type CheckedScenario,
  type Outcome,
  type Rule,
  type Scenario,
  scenarioSchemas,
} from './schema.ts'
import { locate, type Source, sourceFrom, sourceOf } from './source.ts'
import type { ScenarioFiles, ScenarioOptions } from './start-schema.ts'

/** A scenario ready to be played, all that it extends worked in. */
export interface LoadedScenario
  extends Omit<CheckedScenario, 'extends' | '$schema' | 'files' | 'options' | 'outcome' | 'seed'> {
  readonly name: string
  readonly outcome: Outcome
  readonly seed: number
  readonly options: ScenarioOptions
  /** Files that go over one another, in this order. */
  readonly files: readonly ScenarioFiles[]
  /** Where something of it was written. */
  readonly place: (path: Path) => ScenarioPlace
}

/** What a scenario may name beside what every server has. */
export interface Surroundings {
  /** Verbs of commands that a server has beside the usual ones. */
  readonly verbs?: readonly string[]
}

/**
 * Reads a scenario: a built-in one by its name, one in a file, or a value. Throws `ScenarioError`, or
 * `ERR_SCENARIO_UNKNOWN` for a name that nothing has.
 */
export function loadScenario(given: string | URL | Scenario, surroundings: Surroundings = {}): LoadedScenario {
  const compiled = typeof given === 'string' ? compiledScenario(given) : undefined
  // Where something of it stands, nobody asks but for an error.
  if (compiled !== undefined) return { ...compiled, place: (at) => readScenario(given, surroundings).place(at) }
  return readScenario(given, surroundings)
}

/** The same, from what was written in any case. */
export function readScenario(given: string | URL | Scenario, surroundings: Surroundings = {}): LoadedScenario {
  const source =
    typeof given === 'string' || given instanceof URL
      ? sourceFrom(locate(given, process.cwd()))
      : sourceOf(given, 'scenario')
  return merge(withBases(source, [source], new Set(), surroundings))
}

/** Reads one rule. Throws `ScenarioError`. */
export function loadRule(given: Rule, { verbs = [] }: Surroundings = {}): CheckedRule {
  const source = sourceOf(given, 'rule')
  const result = scenarioSchemas(source.form).rule.safeParse(given, { error: expectation })
  refuse(result.success ? checkRule(result.data, verbs) : problemsOf(result.error.issues, given), source)
  return inWrittenOrder(result.data as CheckedRule, given)
}

/** Reads what is expected of a client. Throws `ScenarioError`. */
export function loadExpectation(given: Expectation, { verbs = [] }: Surroundings = {}): CheckedExpectation {
  const source = sourceOf(given, 'expectation')
  const result = scenarioSchemas(source.form).expect.safeParse(given, { error: expectation })
  refuse(result.success ? checkVerbs(given, verbs) : problemsOf(result.error.issues, given), source)
  return result.data as CheckedExpectation
}

/** A scenario behind all that it extends, each of these once, what is extended before what extends it. */
function withBases(source: Source, chain: readonly Source[], seen: Set<string>, surroundings: Surroundings): Part[] {
  const checked = check(source, surroundings)
  const { extends: named = [] } = checked
  const isList = Array.isArray(named)
  const bases = [named].flat().flatMap((base, index) => {
    const place = () => source.place(isList ? ['extends', index] : ['extends'])
    const file = found(base, source, place)
    const cycle = chain.findIndex((each) => each.file === file)
    if (cycle !== -1) {
      const names = [...chain.slice(cycle).map(({ name }) => name), chain[cycle]?.name]
      throw new ScenarioError(place(), `leads back to itself: ${names.join(' → ')}`)
    }
    if (seen.has(file)) return []
    seen.add(file)
    const next = readable(file, place)
    return withBases(next, [...chain, next], seen, surroundings)
  })
  return [...bases, { source, checked }]
}

function found(base: string, { directory }: Source, place: () => ScenarioPlace): string {
  try {
    return locate(base, directory)
  } catch (error) {
    throw new ScenarioError(place(), (error as Error).message, { cause: error })
  }
}

/** Reads a file that another one names, which is to blame where there is none. */
function readable(file: string, place: () => ScenarioPlace): Source {
  try {
    return sourceFrom(file)
  } catch (error) {
    if (error instanceof ScenarioError && error.place.line === undefined) {
      throw new ScenarioError(place(), error.message, { cause: error })
    }
    throw error
  }
}

function check(source: Source, { verbs = [] }: Surroundings): CheckedScenario {
  const { scenario } = scenarioSchemas(source.form)
  const result = scenario.safeParse(source.value, { error: expectation })
  const misfits = result.success ? [] : problemsOf(result.error.issues, source.value)
  refuse([...misfits, ...senseless(source, verbs)], source)
  const { data } = result as { readonly data: CheckedScenario }
  const { rules: written = [] } = source.value as Scenario
  return { ...data, rules: data.rules.map((rule, index) => inWrittenOrder(rule, written[index] as Rule)) }
}

/** What makes no sense in parts of a scenario that are well-formed each for itself, whatever the others are. */
function senseless({ form, value }: Source, verbs: readonly string[]): readonly Problem[] {
  const { rule, expect } = scenarioSchemas(form)
  const { rules, expect: expected } = (value ?? {}) as { readonly rules?: unknown; readonly expect?: unknown }
  const ofRules = (Array.isArray(rules) ? rules : []).flatMap((each, index) => {
    const { data } = rule.safeParse(each)
    return data === undefined ? [] : under(['rules', index], checkRule(data, verbs))
  })
  const isFit = expect.safeParse(expected).success
  return [...ofRules, ...(isFit ? under(['expect'], checkVerbs(expected as Expectation, verbs)) : [])]
}

function under(at: Path, problems: readonly Problem[]): readonly Problem[] {
  return problems.map((problem) => ({ ...problem, path: [...at, ...problem.path] }))
}

/** More than anybody reads of them; to find the place of each takes a look at all that is before it. */
const MOST_PROBLEMS = 100

/** Throws for problems with what was written, if there are any. */
function refuse(problems: readonly Problem[], source: Source): void {
  const placed = problems
    .slice(0, MOST_PROBLEMS)
    .map(({ path, part, text }) => ({ place: source.place(path, part), problem: text }))
  const [first, ...others] = placed
  if (first !== undefined) throw new ScenarioError(first.place, first.problem, undefined, others)
}

/** The rule with its faults in the order they were written in, which the schema does not keep. */
function inWrittenOrder(rule: CheckedRule, written: Rule): CheckedRule {
  const groups = [written.then].flat() as object[]
  return { ...rule, then: rule.then.map((group, index) => inOrderOf(group, groups[index])) }
}

function inOrderOf(group: Readonly<Record<string, unknown>>, written: unknown): Record<string, unknown> {
  const keys = typeof written === 'object' && written !== null ? Object.keys(written) : Object.keys(group)
  return Object.fromEntries(keys.filter((key) => group[key] !== undefined).map((key) => [key, group[key]]))
}

/** Does something with a part of a loaded scenario; what it throws becomes an error that names the place there. */
export function placing<T>({ place }: LoadedScenario, part: 'files' | 'users', action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (error instanceof ScenarioError || !(error instanceof FtpFixtureError)) throw error
    // Options are told apart the way places are: `files["/a"].size: expected …`.
    const [, keys = '', text = error.message] =
      new RegExp(`^${part}((?:\\[.*?\\]|\\.\\w+)*): (.*)$`, 's').exec(error.message) ?? []
    const path = [...keys.matchAll(/\["(.*?)"\]|\[(\d+)\]|\.(\w+)/g)].map(([, file, index, key]) =>
      index === undefined ? (file ?? key ?? '') : Number(index),
    )
    throw new ScenarioError(place([part, ...path]), text, { cause: error })
  }
}
