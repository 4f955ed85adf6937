import { verbAndArgument } from './expect/command-pattern.ts'
import type { Expectation } from './expect/schema.ts'
import type { Path, Problem } from './issue.ts'
import { misspelt } from './verbs.ts'

/** A verb, or a glob for some, and where it stands. */
interface Named {
  readonly verb: string
  readonly path: Path
}

/** The verbs of an expectation that are misspelt: they would never be seen, and `never` be true for that. */
export function checkVerbs({ commands, transfers = [] }: Expectation, own: readonly string[]): readonly Problem[] {
  const ofTransfers = transfers.map(({ verb = '' }, index): Named => ({ verb, path: ['transfers', index, 'verb'] }))
  return [...namedBy(commands), ...ofTransfers].flatMap(({ verb, path }) => {
    const meant = /^\w+$/.test(verb) ? misspelt(verb.toUpperCase(), own) : undefined
    if (meant === undefined) return []
    return { path, part: 'value' as const, text: `there is no command "${verb}"; did you mean "${meant}"?` }
  })
}

function namedBy(commands: Expectation['commands']): Named[] {
  const isList = Array.isArray(commands)
  return [commands ?? []].flat().flatMap((group, index) => {
    const at = isList ? ['commands', index] : ['commands']
    if (typeof group === 'string') return [named(group, at)]
    const lists = (['inOrder', 'exactly', 'never'] as const).map((key) => ({ key, patterns: group[key] ?? [] }))
    return lists.flatMap(({ key, patterns }) => patterns.map((pattern, place) => named(pattern, [...at, key, place])))
  })
}

function named(pattern: string, path: Path): Named {
  const [verb] = verbAndArgument(pattern)
  return { verb, path }
}
