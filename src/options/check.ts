import { inspect } from 'node:util'
import { FtpFixtureError } from './error.ts'

/** The error for one bad option: names it, what was found and what would do. */
export function invalidOption(name: string, found: unknown, expected: string): FtpFixtureError {
  const shown = typeof found === 'string' ? JSON.stringify(found) : inspect(found, { depth: 1, breakLength: Infinity })
  return new FtpFixtureError('ERR_OPTION_INVALID', `${name}: expected ${expected}, found ${shown}`)
}

/** Throws for the first key that no option has: a typo must not pass for a default. */
export function rejectUnknownKeys(given: object, known: Iterable<string>, owner = 'option'): void {
  const names = new Set(known)
  for (const key of Object.keys(given)) {
    if (names.has(key)) continue
    const near = nearest(key, names)
    const hint = near === undefined ? `one of: ${[...names].sort().join(', ')}` : `did you mean "${near}"?`
    throw new FtpFixtureError('ERR_OPTION_UNKNOWN', `${key}: unknown ${owner}; ${hint}`)
  }
}

/** A checker for one option: returns the value in its inner form or throws, naming the option. */
export type Check<T> = (value: unknown, name: string) => T

/** A checker for what `accepts` says yes to. */
export function check<T>(expected: string, accepts: (value: unknown) => value is T): Check<T> {
  return (value, name) => {
    if (accepts(value)) return value
    throw invalidOption(name, value, expected)
  }
}

export const isBoolean: Check<boolean> = check('true or false', (value) => typeof value === 'boolean')

export const isFunction: Check<(...args: never[]) => unknown> = check(
  'a function',
  (value): value is (...args: never[]) => unknown => typeof value === 'function',
)

/** A whole number in a range. */
export function wholeNumber(from: number, to: number = Number.MAX_SAFE_INTEGER): Check<number> {
  const expected = to === Number.MAX_SAFE_INTEGER ? `a whole number ≥ ${from}` : `a whole number from ${from} to ${to}`
  return check(expected, (value): value is number => Number.isInteger(value) && between(value as number, from, to))
}

export const isString: Check<string> = check('a string', (value) => typeof value === 'string')

/** One of a few words. */
export function oneOf<const T extends string>(...words: readonly T[]): Check<T> {
  return check(words.map((word) => `'${word}'`).join(' or '), (value): value is T => words.includes(value as T))
}

/** The value, or `undefined` where the option was left out. */
export function optional<T>(inner: Check<T>): Check<T | undefined> {
  return (value, name) => (value === undefined ? undefined : inner(value, name))
}

function between(value: number, from: number, to: number): boolean {
  return value >= from && value <= to
}

function nearest(key: string, names: ReadonlySet<string>): string | undefined {
  let best: string | undefined
  let least = Math.max(2, Math.floor(key.length / 3)) + 1
  for (const name of names) {
    const distance = editDistance(key.toLowerCase(), name.toLowerCase())
    if (distance < least) {
      least = distance
      best = name
    }
  }
  return best
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const above = row
    row = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(changed, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
  }
  return row[b.length] ?? 0
}
