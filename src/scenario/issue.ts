import type { core } from 'zod'
import { nearest, shown } from '../options/check.ts'
import type { Place } from './error.ts'

type Issue = core.$ZodIssue

/** The keys and indices that lead to a value. */
export type Path = readonly PropertyKey[]

/** The one thing to say of a value that does not fit. */
export interface Problem {
  readonly path: Path
  readonly part: Place
  readonly text: string
}

/** `expected …, found …`, with a hint where a word is nearly right. */
export function mismatch(expected: string, found: unknown, words: readonly string[] = []): string {
  const near = typeof found === 'string' ? nearest(found, new Set(words)) : undefined
  return `expected ${expected}, found ${brief(found)}${near === undefined ? '' : `; did you mean "${near}"?`}`
}

function brief(found: unknown): string {
  if (found === undefined) return 'nothing'
  const text = shown(found)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

/** The problem to report of all that a check has found. */
export function problemOf(issues: readonly Issue[], value: unknown, at: Path = []): Problem {
  const issue = leading(issues, value)
  const path = [...at, ...issue.path]
  const found = valueAt(value, issue.path)
  if (issue.code === 'unrecognized_keys') {
    return { path: [...path, issue.keys[0] ?? ''], part: 'key', text: `unknown key; ${issue.message}` }
  }
  if (issue.code === 'invalid_union' && issue.message === '') return ofUnion(flat(issue.errors), found, path)
  if (issue.code === 'invalid_key') {
    const expected = issue.issues[0]?.message ?? issue.message
    return { path, part: 'key', text: mismatch(expected, String(issue.path.at(-1))) }
  }
  return { path, part: 'value', text: mismatch(issue.message, found, wordsOf(issue)) }
}

/** The first one, unless a key that nobody knows is why something is missing or not enough there. */
function leading(issues: readonly Issue[], value: unknown): Issue {
  const [first] = issues
  if (first === undefined) throw new Error('unreachable: what does not fit has an issue')
  const isMissing = valueAt(value, first.path) === undefined
  const place = (isMissing ? first.path.slice(0, -1) : first.path).join()
  return issues.find(({ code, path }) => code === 'unrecognized_keys' && path.join() === place) ?? first
}

/** Unions within a union are branches of it. */
function flat(branches: readonly (readonly Issue[])[]): readonly (readonly Issue[])[] {
  return branches.flatMap((branch) => {
    const [only] = branch
    const isUnion =
      branch.length === 1 && only?.code === 'invalid_union' && only.message === '' && only.path.length === 0
    return isUnion ? flat(only.errors) : [branch]
  })
}

/** Of a union, the problem of the branch that the value was meant for; of several, what each would have taken. */
function ofUnion(branches: readonly (readonly Issue[])[], value: unknown, at: Path): Problem {
  const costs = branches.map((branch) => branch.reduce((sum, issue) => sum + distance(issue, value), 0))
  const least = Math.min(...costs)
  const nearBranches = branches.filter((_, index) => costs[index] === least)
  const [best] = nearBranches
  if (best === undefined) throw new Error('unreachable: a union has branches')
  const isWhole = nearBranches.every((branch) =>
    branch.every(({ path, code }) => path.length === 0 && code !== 'unrecognized_keys'),
  )
  if (!isWhole) return withKeysOf(branches, best, problemOf(best, value, at))
  const told = branches.filter((branch) => nearBranches.includes(branch) || branch.every(isOfScalar)).flat()
  const expected = [...new Set(told.map(({ message }) => message))].join(', or ')
  return { path: at, part: 'value', text: mismatch(expected, value, told.flatMap(wordsOf)) }
}

const ALLOWED = 'allowed here: '

/** For a key that no branch knows, the keys of all of them. */
function withKeysOf(branches: readonly (readonly Issue[])[], best: readonly Issue[], problem: Problem): Problem {
  const isRoot = best.some(({ code, path, message }) => isUnknownKey(code, path) && problem.text.endsWith(message))
  if (!isRoot || !problem.text.includes(ALLOWED)) return problem
  const messages = branches.flat().flatMap(({ code, path, message }) => (isUnknownKey(code, path) ? message : []))
  const lists = messages
    .filter((message) => message.startsWith(ALLOWED))
    .map((message) => message.slice(ALLOWED.length))
  const keys = new Set(lists.flatMap((list) => list.split(', ')))
  return { ...problem, text: `unknown key; ${ALLOWED}${[...keys].sort().join(', ')}` }
}

function isUnknownKey(code: Issue['code'], path: Path): boolean {
  return code === 'unrecognized_keys' && path.length === 0
}

function isOfScalar(issue: Issue): boolean {
  const isScalar = issue.code === 'invalid_type' && !['object', 'array', 'record'].includes(issue.expected)
  return issue.path.length === 0 && (isScalar || issue.code === 'invalid_value')
}

const FAR = 100

/** How far a value is from what an issue says it should have been. */
function distance(issue: Issue, value: unknown): number {
  const found = valueAt(value, issue.path)
  if (issue.code === 'unrecognized_keys') return issue.keys.length * (issue.message.startsWith(ALLOWED) ? 10 : 1)
  if (issue.path.length > 0) return found === undefined ? 4 : 1
  if (issue.code === 'invalid_type') return 10 * FAR
  if (issue.code === 'custom' && issue.params?.type !== undefined)
    return typeof found === issue.params.type ? FAR : 10 * FAR
  if (issue.code === 'invalid_value') return typeof issue.values[0] === typeof found ? FAR : 10 * FAR
  return FAR
}

function wordsOf(issue: Issue): string[] {
  return issue.code === 'invalid_value' ? issue.values.map(String) : []
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((inner: unknown, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value)
}
