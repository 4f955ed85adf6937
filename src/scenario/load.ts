import { readFileSync } from 'node:fs'
import { FtpFixtureError } from '../options/error.ts'
import { scenarioFile, scenarioNames } from './catalogue.ts'
import { ScenarioError } from './error.ts'
import { yamlKit } from './kit.ts'
import { type CheckedScenario, type Rule, type Scenario, scenarioSchemas } from './schema.ts'

/** A scenario ready to be played, all that it extends worked in. */
export interface LoadedScenario extends CheckedScenario {
  readonly name: string
}

/** Reads a scenario: a built-in one by its name, one in a file, or a value. Throws `ScenarioError`. */
export function loadScenario(given: string | Scenario): LoadedScenario {
  if (typeof given !== 'string') return named(check(given, 'scenario'), 'scenario')
  const isFile = /[\\/]|\.(ya?ml|json)$/.test(given)
  if (!isFile && !scenarioNames().includes(given)) {
    throw new FtpFixtureError('ERR_SCENARIO_UNKNOWN', `no built-in scenario and no file named "${given}"`)
  }
  const file = isFile ? given : scenarioFile(given)
  return named(check(yamlKit().parse(readFileSync(file, 'utf8')), file), given)
}

function named(checked: CheckedScenario, name: string): LoadedScenario {
  return { ...checked, name: checked.name ?? name }
}

/** Reads one rule. Throws `ScenarioError`. */
export function loadRule(rule: Rule): CheckedScenario['rules'][number] {
  const [checked] = check({ rules: [rule] }, 'rule').rules
  if (checked === undefined) throw new Error('unreachable: a list of one rule has one')
  return checked
}

function check(value: unknown, file: string): CheckedScenario {
  const result = scenarioSchemas().scenario.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new ScenarioError({ file, path: issue?.path.join('.') ?? '' }, issue?.message ?? '')
}
