import { inspect } from 'node:util'
import { FtpFixtureError } from './error.ts'

/** The error for one bad option: names it, what was found and what would do. */
export function invalidOption(name: string, found: unknown, expected: string): FtpFixtureError {
  return new FtpFixtureError('ERR_OPTION_INVALID', `${name}: expected ${expected}, found ${shown(found)}`)
}

/** What a check would have taken, in the words of its error. */
export function expectedBy({ message }: Error): string {
  return /expected (.*), found /s.exec(message)?.[1] ?? message
}

/** What was found, as messages show it. */
export function shown(found: unknown): string {
  if (typeof found === 'string') return JSON.stringify(found)
  // The fields of a class say nothing that its name does not.
  if (typeof found === 'function')
    return `${/^class\b/.test(String(found)) ? 'class' : 'function'} ${found.name}`.trimEnd()
  return inspect(found, { depth: 1, breakLength: Infinity })
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

/** A function or a class; what it takes and gives cannot be told from outside. */
export function isFunction<T>(value: unknown, name: string): T {
  if (typeof value === 'function') return value as T
  throw invalidOption(name, value, 'a function')
}

/** Whether something is a class, or one that extends it. */
export function isClass<T extends abstract new (...args: never[]) => unknown>(value: unknown, base: T): value is T {
  return value === base || (typeof value === 'function' && value.prototype instanceof base)
}

/** A whole number in a range. */
export function wholeNumber(from: number, to: number = Number.MAX_SAFE_INTEGER): Check<number> {
  const expected = to === Number.MAX_SAFE_INTEGER ? `a whole number ≥ ${from}` : `a whole number from ${from} to ${to}`
  return check(expected, (value): value is number => Number.isInteger(value) && between(value as number, from, to))
}

export const isString: Check<string> = check('a string', (value) => typeof value === 'string')

/** A path of the host or of the server: any string but with a NUL in it, which no file system takes. */
export const isPath: Check<string> = check(
  'a path',
  (value): value is string => typeof value === 'string' && !value.includes('\0'),
)

/** An object that is no list, function or class instance of the language; `expected` says what should be in it. */
export function objectLike(expected: string): Check<object> {
  return check(expected, (value): value is object => Object.prototype.toString.call(value) === '[object Object]')
}

export const isObject: Check<object> = objectLike('an object')

/** One of a few words. */
export function oneOf<const T extends string>(...words: readonly T[]): Check<T> {
  return check(words.map((word) => `'${word}'`).join(' or '), (value): value is T => words.includes(value as T))
}

/** Does something for an option; what it throws, as a file system does, becomes an error that names the option. */
export function naming<T>(option: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (error instanceof FtpFixtureError) throw error
    throw new FtpFixtureError('ERR_OPTION_INVALID', `${option}: ${(error as Error).message}`, { cause: error })
  }
}

/** The value, or `undefined` where the option was left out. */
export function optional<T>(inner: Check<T>): Check<T | undefined> {
  return (value, name) => (value === undefined ? undefined : inner(value, name))
}

/** A checker for each option of a group. */
export type Checks<T> = { readonly [K in keyof T]: Check<T[K]> }

/** A group of options in its inner form: what is given, and the defaults of what is not; `prefix` goes before names. */
export function resolveBy<T>(checks: Checks<T>, given: object, defaults: object, prefix = ''): T {
  const values = {
    ...defaults,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  }
  const resolved = Object.entries<Check<unknown>>(checks).map(([name, toInnerForm]) => [
    name,
    toInnerForm((values as Readonly<Record<string, unknown>>)[name], `${prefix}${name}`),
  ])
  return Object.fromEntries(resolved) as T
}

function between(value: number, from: number, to: number): boolean {
  return value >= from && value <= to
}

/**
 * The one of some names that is closest to a misspelt one; `undefined` where none is close. A name that the word is half
 * of, as `username` for `name`, is closer than any with more than one letter different.
 */
export function nearest(key: string, names: ReadonlySet<string>): string | undefined {
  const word = key.toLowerCase()
  // Of a short word, half at least has to be right.
  const most = Math.min(Math.max(2, Math.floor(key.length / 3)), Math.floor(key.length / 2))
  // A word may be of any length, and to compare it takes that times the other's.
  const alike = [...names].filter(
    (name) => Math.abs(name.length - key.length) <= most || name.toLowerCase().includes(word),
  )
  const ranked = alike.map((name) => ({ name, distance: editDistance(word, name.toLowerCase()) }))
  const near = leastOf(ranked.filter(({ distance }) => distance <= most))
  if (near !== undefined && near.distance <= 1) return near.name
  const longer = ranked.filter(({ name }) => name.length <= 2 * word.length && name.toLowerCase().includes(word))
  const meant = word.length < SHORTEST_PART ? undefined : leastOf(longer)
  return (meant ?? near)?.name
}

/** Shorter words are in too many others by chance. */
const SHORTEST_PART = 4

function leastOf<T extends { readonly distance: number }>(ranked: readonly T[]): T | undefined {
  return ranked.reduce<T | undefined>(
    (least, each) => (least === undefined || each.distance < least.distance ? each : least),
    undefined,
  )
}

/** How many letters are too many, too few, wrong or have changed places with the next one. */
export function editDistance(a: string, b: string): number {
  let above: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const twoAbove = above
    above = row
    row = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwap ? (twoAbove[j - 2] ?? 0) + 1 : changed
      row.push(Math.min(changed, swapped, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
  }
  return row[b.length] ?? 0
}
