import path from 'node:path'
import type { Path } from './issue.ts'
import type { LoadedScenario } from './load.ts'
import type { CheckedRule, CheckedScenario } from './schema.ts'
import type { Source } from './source.ts'
import type { ScenarioFiles } from './start-schema.ts'

/** One scenario of those that make one, and where it comes from. */
export interface Part {
  readonly source: Source
  readonly checked: CheckedScenario
}

/**
 * Several scenarios as one, the last of them being the one that was asked for: options and expectations go by key, files
 * by path, users are replaced, rules are all there in this order. Name, description and source are not inherited; theme and
 * outcome are.
 */
export function merge(parts: readonly Part[]): LoadedScenario {
  const own = parts.at(-1)
  if (own === undefined) throw new Error('unreachable: what was asked for is among its parts')
  const { name = own.source.name, description, source } = own.checked
  const users = lastOf(parts, ({ users }) => users)
  const theme = lastOf(parts, ({ theme }) => theme)
  const expects = parts.flatMap(({ checked }) => checked.expect ?? [])
  return {
    name,
    ...(description !== undefined && { description }),
    ...(source !== undefined && { source }),
    ...(theme !== undefined && { theme }),
    outcome: lastOf(parts, ({ outcome }) => outcome) ?? 'either',
    seed: lastOf(parts, ({ seed }) => seed) ?? 0,
    options: Object.assign({}, ...parts.map(optionsOf)) as LoadedScenario['options'],
    ...(users && { users }),
    files: parts.flatMap(({ source, checked }) =>
      checked.files === undefined ? [] : [filesOf(source, checked.files)],
    ),
    rules: parts.length === 1 ? own.checked.rules : parts.flatMap((part) => labelled(part, part !== own)),
    ...(expects.length > 0 && { expect: Object.assign({}, ...expects) as (typeof expects)[number] }),
    place: (at) => placeIn(parts, at),
  }
}

function lastOf<T>(parts: readonly Part[], pick: (checked: CheckedScenario) => T | undefined): T | undefined {
  return parts.reduce<T | undefined>((last, { checked }) => pick(checked) ?? last, undefined)
}

/** The options that are set, files among them named from anywhere. */
function optionsOf({ source, checked: { options = {} } }: Part): Record<string, unknown> {
  const set = Object.entries(options).filter(([, value]) => value !== undefined)
  const isFile = (name: string) => name === 'certfile' || name === 'keyfile'
  return Object.fromEntries(
    set.map(([name, value]) => [name, isFile(name) ? path.resolve(source.directory, String(value)) : value]),
  )
}

/** A directory is relative to the file that names it; a word alone is a world. */
function filesOf({ directory }: Source, files: ScenarioFiles): ScenarioFiles {
  return typeof files === 'string' && /[\\/]|^\.+$/.test(files) ? path.resolve(directory, files) : files
}

/** Rules called by where they stand in their own scenario, not in all of them. */
function labelled({ source, checked }: Part, isInherited: boolean): CheckedRule[] {
  const owner = isInherited ? `${checked.name ?? source.name}: ` : ''
  return checked.rules.map((rule, index) => ({ ...rule, name: rule.name ?? `${owner}rules[${index}]` }))
}

/** Where something stands: in the last one that has it. */
function placeIn(parts: readonly Part[], at: Path) {
  const has = ({ source: { value } }: Part) =>
    at.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value) !==
    undefined
  const { source } = parts.findLast(has) ?? (parts.at(-1) as Part)
  return source.place(at)
}
