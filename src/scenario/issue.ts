import type { core } from 'zod'
import { nearest, shown } from '../options/check.ts'
import type { EntryPart } from './error.ts'

type Issue = core.$ZodIssue

/** The keys and indices that lead to a value. */
export type Path = readonly PropertyKey[]

/** What a check of ours may say of a value beside what was expected. */
interface Told {
  readonly words?: string[]
  readonly reason?: string
}

/** A thing to say of a value that does not fit. */
export interface Problem {
  readonly path: Path
  readonly part: EntryPart
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

/** The first problem to report of all that a check has found. */
export function problemOf(issues: readonly Issue[], value: unknown): Problem {
  const [first] = problemsOf(issues, value)
  if (first === undefined) throw new Error('unreachable: what does not fit has an issue')
  return first
}

/** The problems to report of all that a check has found. */
export function problemsOf(issues: readonly Issue[], value: unknown, at: Path = []): readonly Problem[] {
  return explained(keyByKey(issues), value).flatMap((issue) => ofIssue(issue, value, at))
}

function ofIssue(issue: Issue, value: unknown, at: Path): readonly Problem[] {
  const path = [...at, ...issue.path]
  const found = valueAt(value, issue.path)
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys
    // What stands behind a comma in text without quotes.
    const hint = /^[\w$]+$|^\W+$/.test(key) ? issue.message : 'text with a comma in it needs quotes'
    return [{ path: [...path, key], part: 'key', text: `unknown key; ${hint}` }]
  }
  if (issue.code === 'invalid_union' && issue.message === '') return ofUnion(flat(issue.errors), found, path)
  if (issue.code === 'invalid_key') {
    const expected = issue.issues[0]?.message ?? issue.message
    return [{ path, part: 'key', text: mismatch(expected, String(issue.path.at(-1))) }]
  }
  return [{ path, part: 'value', text: mismatch(issue.message, found, wordsOf(issue)) + reasonOf(issue) }]
}

/** The issues, with one for each key that nobody knows. */
function keyByKey(issues: readonly Issue[]): readonly Issue[] {
  return issues.flatMap((issue): Issue | Issue[] => {
    if (issue.code !== 'unrecognized_keys') return issue
    const hints = issue.message.split('\n')
    return issue.keys.map((key, index) => ({ ...issue, keys: [key], message: hints[index] ?? '' }))
  })
}

/** The issues, but for what is missing or not enough where there are keys that nobody knows, these: they are why. */
function explained(issues: readonly Issue[], value: unknown): readonly Issue[] {
  const strangers = new Map<string, Issue[]>()
  for (const issue of issues.filter(isStranger)) {
    const place = issue.path.join()
    const others = strangers.get(place)
    if (others === undefined) strangers.set(place, [issue])
    else others.push(issue)
  }
  const told = issues.flatMap((issue) => {
    if (isStranger(issue)) return issue
    const isMissing = valueAt(value, issue.path) === undefined
    return strangers.get((isMissing ? issue.path.slice(0, -1) : issue.path).join()) ?? issue
  })
  return [...new Set(told)]
}

function isStranger({ code }: Issue): boolean {
  return code === 'unrecognized_keys'
}

/** Unions within a union are branches of it. */
function flat(branches: readonly (readonly Issue[])[]): readonly (readonly Issue[])[] {
  return branches.flatMap((branch) => {
    const [only] = branch
    const isUnion =
      branch.length === 1 && only?.code === 'invalid_union' && only.message === '' && only.path.length === 0
    return isUnion ? flat(only.errors) : [keyByKey(branch)]
  })
}

/** Of a union, the problems of the branch that the value was meant for; of several, what each would have taken. */
function ofUnion(branches: readonly (readonly Issue[])[], value: unknown, at: Path): readonly Problem[] {
  const costs = branches.map((branch) => branch.reduce((sum, issue) => sum + distance(issue, value), 0))
  const least = Math.min(...costs)
  const nearBranches = branches.filter((_, index) => costs[index] === least)
  const [best] = nearBranches
  if (best === undefined) throw new Error('unreachable: a union has branches')
  const lacking = nearBranches.flatMap((branch) => keyLackedBy(branch, value) ?? [])
  if (lacking.length > 1 && lacking.length === nearBranches.length) {
    return [{ path: at, part: 'value', text: mismatch(`${[...new Set(lacking)].join(' or ')} in it`, value) }]
  }
  const isWhole = nearBranches.every((branch) =>
    branch.every(({ path, code }) => path.length === 0 && code !== 'unrecognized_keys'),
  )
  if (!isWhole) return problemsOf(best, value, at).map((problem) => withKeysOf(branches, best, problem))
  // What is of the right kind has left the other kinds behind.
  const isOfKind = typeof value === 'object' && best.every(({ code }) => code === 'custom')
  const told = branches.filter((branch) => nearBranches.includes(branch) || (!isOfKind && branch.every(isOfScalar)))
  const issues = told.flat()
  const expected = [...new Set(issues.map(({ message }) => message))].join(', or ')
  return [{ path: at, part: 'value', text: mismatch(expected, value, issues.flatMap(wordsOf)) }]
}

/** The key that is all that a branch misses. */
function keyLackedBy(branch: readonly Issue[], value: unknown): string | undefined {
  const [only, ...others] = branch
  if (only?.path.length !== 1 || others.length > 0 || valueAt(value, only.path) !== undefined) return undefined
  return String(only.path[0])
}

const ALLOWED = 'allowed here: '

/** For a key that no branch knows, the keys of all of them; for one that another branch knows, what keeps it from that one. */
function withKeysOf(branches: readonly (readonly Issue[])[], best: readonly Issue[], problem: Problem): Problem {
  const isRoot = best.some(({ code, path, message }) => isUnknownKey(code, path) && problem.text.endsWith(message))
  if (!isRoot) return problem
  const strangers = branches.map((branch) =>
    branch.flatMap((issue) => (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [])),
  )
  const key = String(problem.path.at(-1))
  const rivals = strangers.find((keys) => keys.length > 0 && !keys.includes(key))
  if (rivals !== undefined) return { ...problem, text: `cannot stand beside ${rivals.join(' and ')}` }
  if (!problem.text.includes(ALLOWED)) return problem
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
  const isScalar = issue.code === 'invalid_type' && isScalarType(issue.expected)
  return issue.path.length === 0 && (isScalar || issue.code === 'invalid_value')
}

const FAR = 100

/** How far a value is from what an issue says it should have been. */
function distance(issue: Issue, value: unknown): number {
  const found = valueAt(value, issue.path)
  if (issue.code === 'unrecognized_keys') return issue.keys.length * (issue.message.startsWith(ALLOWED) ? 10 : 1)
  if (issue.path.length > 0) return found === undefined ? 4 : isOfOtherKind(issue, found) ? 3 : 1
  if (issue.code === 'invalid_type') return 10 * FAR
  if (issue.code === 'custom' && issue.params?.type !== undefined)
    return typeof found === issue.params.type ? FAR : 10 * FAR
  if (issue.code === 'invalid_value') return typeof issue.values[0] === typeof found ? FAR : 10 * FAR
  return FAR
}

/** Whether a value would be a scalar where it is none, or the other way round: it was meant for something else then. */
function isOfOtherKind(issue: Issue, found: unknown): boolean {
  return issue.code === 'invalid_type' && isScalarType(issue.expected) === (typeof found === 'object')
}

function isScalarType(expected: string): boolean {
  return !['object', 'array', 'record'].includes(expected)
}

/** The words that would do, for a hint at the one that was meant. */
function wordsOf(issue: Issue): string[] {
  if (issue.code === 'custom') return (issue.params as Told | undefined)?.words ?? []
  return issue.code === 'invalid_value' ? issue.values.map(String) : []
}

/** Why a value is not what was expected, where that is more than can be seen. */
function reasonOf(issue: Issue): string {
  const reason = issue.code === 'custom' ? (issue.params as Told | undefined)?.reason : undefined
  return reason === undefined ? '' : `: ${reason}`
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((inner: unknown, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value)
}
