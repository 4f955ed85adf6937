import { faults } from '../../faults/table.ts'
import { yamlKit } from '../../scenario/kit.ts'
import type { Rule, When } from '../../scenario/schema.ts'
import { counted } from '../../scenario/words.ts'

/** A rule in words: when it applies, what it does then, and what that means. */
export function ruleText(rule: Rule): string {
  const groups = [rule.then].flat() as Readonly<Record<string, unknown>>[]
  const done = groups.flatMap((group) => Object.entries(group))
  const what = done.map(([name, settings]) => `${name}: ${flow(settings)}`).join('; ')
  const names = [...new Set(done.map(([name]) => name))]
  const means = names.map(
    (name) => `  ${name}: ${(faults as Readonly<Record<string, { does: string }>>)[name]?.does}\n`,
  )
  return `${rule.name === undefined ? '' : `(${rule.name}) `}${[...whenParts(rule.when ?? {}), timesText(rule)].join(', ')}: ${what}\n${means.join('')}`
}

/** A value on one line, as YAML has it, or JSON where YAML takes more lines. */
function flow(value: unknown): string {
  const options = { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true } as const
  const text = yamlKit().stringify(value, options).trim()
  return text.includes('\n') ? JSON.stringify(value) : text
}

function whenParts(when: When): string[] {
  const { command, argument, path, user, session, type, unsaid, login, phase, at, after } = when
  const parts: [unknown, string][] = [
    [command, either(command)],
    [path, `of the path ${path}`],
    [argument, `with the argument ${argument}`],
    [type, `in TYPE ${type}`],
    [user, `by the user ${either(user)}`],
    [session, `in session ${either(session)}`],
    [unsaid, `before ${either(unsaid)} was said`],
    [login, login ? 'once somebody is logged in' : 'while nobody is logged in'],
    [phase, `at ${phase}`],
    [at, `behind ${at === undefined ? '' : flow(at)} of the data`],
    [after, `after a silence of ${after}`],
  ]
  const told = parts.flatMap(([value, text]) => (value === undefined ? [] : text))
  return told.length === 0 ? ['wherever it can be done'] : told
}

function either(values: string | number | readonly (string | number)[] | undefined): string {
  return [values].flat().join(' or ')
}

function timesText({ times = 'always', skip = 0, per, chance, optional }: Rule): string {
  const often = times === 'always' ? 'always' : times === 1 ? 'once' : `${times} times`
  return [
    `${often}${per === 'session' ? ' in each session' : ''}`,
    ...(skip > 0 ? [`after ${counted(skip, 'match', 'matches')} that it lets pass`] : []),
    ...(chance === undefined ? [] : [`with a chance of ${chance}`]),
    ...(optional ? ['if at all'] : []),
  ].join(', ')
}
