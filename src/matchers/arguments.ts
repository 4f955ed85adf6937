import { type Check, invalidOption } from '../options/check.ts'
import { FtpFixtureError } from '../options/error.ts'
import { ScenarioError } from '../scenario/error.ts'

/** An argument that judges by itself, such as `expect.stringContaining('x')`. */
export interface AsymmetricMatcher {
  asymmetricMatch(found: unknown): boolean
}

export function isAsymmetricMatcher(value: unknown): value is AsymmetricMatcher {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<AsymmetricMatcher>).asymmetricMatch === 'function'
  )
}

/** Whether something is a regular expression, be it of another realm, as jest's test files have one each. */
export function isRegExp(value: unknown): value is RegExp {
  return Object.prototype.toString.call(value) === '[object RegExp]'
}

/** Whether text is what a regular expression describes, wherever the last search with it ended. */
export function isDescribedBy(text: string, { source, flags }: RegExp): boolean {
  return new RegExp(source, flags).test(text)
}

/**
 * Throws for arguments too many or too few, and for one that was given and is `undefined`: a variable that was never
 * set must not make a matcher ask for less.
 */
export function checkCount(name: string, args: readonly unknown[], from: number, to: number): void {
  if (args.length < from || args.length > to) {
    const expected = from === to ? `${to}` : `${from} to ${to}`
    throw new FtpFixtureError('ERR_OPTION_INVALID', `${name}: expected ${expected} arguments, found ${args.length}`)
  }
  const empty = args.indexOf(undefined)
  if (empty !== -1) throw invalidOption(`${name}: argument ${empty + 1}`, undefined, 'a value, or no such argument')
}

/** A checker for an object all of whose values are set. */
export const isFilled: Check<Readonly<Record<string, unknown>>> = (value, name) => {
  if (Object.prototype.toString.call(value) !== '[object Object]') throw invalidOption(name, value, 'an object')
  for (const [key, each] of Object.entries(value as object)) {
    if (each === undefined) throw invalidOption(`${name}.${key}`, each, 'a value, or no such key')
  }
  return value as Readonly<Record<string, unknown>>
}

/** Reads what was given to a matcher as the scenario language would; mistakes are told in the matcher's words. */
export function reading<T>(name: string, place: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    const text = error.message.replace(`expectation: ${place}`, '').replace(/^[.:] ?/, '')
    // Without the cause: it says the same once more, in words that the test does not have.
    throw new FtpFixtureError('ERR_OPTION_INVALID', `${name}: ${text}`)
  }
}
