import type { core } from 'zod'
import { nearest } from '../options/check.ts'

type RawIssue = core.$ZodRawIssue

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

/**
 * What is expected where something else was found, in words for the message `expected …, found …`; for unknown keys, a
 * hint at the right ones, a line each; '' for a union, whose parts have their own words.
 */
export function expectation(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeText(issue.expected, issue.inst)
    case 'invalid_value':
      return listed(issue.values.map(String), `'`)
    case 'unrecognized_keys':
      return issue.keys.map((key) => hint(key, keysOf(issue.inst))).join('\n')
    case 'too_small':
      return sizeText(issue.origin, issue.inclusive === false ? '>' : '≥', Number(issue.minimum))
    case 'too_big':
      return sizeText(issue.origin, issue.inclusive === false ? '<' : '≤', Number(issue.maximum))
    case 'invalid_format':
      return issue.format === 'regex' ? `text that matches ${issue.pattern}` : issue.format
    case 'invalid_union': {
      const { discriminator, options } = issue as { readonly discriminator?: string; readonly options?: unknown[] }
      return discriminator === undefined ? '' : listed((options ?? []).map(String), `'`)
    }
    default:
      return issue.message ?? 'something else'
  }
}

/** `'a' or 'b'`; many are told without a pause between them. */
function listed(words: readonly string[], quote: string): string {
  if (words.length > 6) return `one of: ${words.join(', ')}`
  return words.map((word) => `${quote}${word}${quote}`).join(' or ')
}

/** What an unknown key was to be. */
function hint(key: string, known: readonly string[]): string {
  const near = nearest(key, new Set(known))
  return near === undefined ? `allowed here: ${[...known].sort().join(', ')}` : `did you mean "${near}"?`
}

interface Inner {
  readonly _zod?: { readonly def?: { readonly shape?: object; readonly format?: string } }
}

function keysOf(schema: unknown): string[] {
  return Object.keys((schema as Inner | undefined)?._zod?.def?.shape ?? {})
}

function typeText(expected: string, schema: unknown): string {
  const keys = keysOf(schema)
  if (keys.length > 0 && keys.length <= 6) return `{ ${keys.join(', ')} }`
  const isWhole = (schema as Inner | undefined)?._zod?.def?.format === 'safeint'
  return TYPES[isWhole ? 'int' : expected] ?? expected
}

function sizeText(origin: string, relation: string, limit: number): string {
  if (origin === 'number' || origin === 'int') return `a number ${relation} ${limit}`
  const [one, many] = origin === 'string' ? ['character', 'characters'] : ['entry', 'entries']
  return `${relation === '≥' ? 'at least' : 'at most'} ${limit} ${limit === 1 ? one : many}`
}
