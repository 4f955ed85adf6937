import { inspect } from 'node:util'
import { shortened } from '../scenario/words.ts'
import { isAsymmetricMatcher, isRegExp } from './arguments.ts'

const WIDTH = 60

/** An argument of a matcher as the test wrote it, more or less. */
export function printed(value: unknown): string {
  if (isRegExp(value)) return String(value)
  if (isAsymmetricMatcher(value)) return shortened(ofRunner(value), WIDTH)
  if (Array.isArray(value)) return shortened(`[${value.map(printed).join(', ')}]`, WIDTH)
  if (typeof value === 'string') return JSON.stringify(shortened(value, WIDTH))
  return shortened(inspect(value, { depth: 2, breakLength: Infinity, maxArrayLength: 10 }), WIDTH)
}

/** Runners name their asymmetric matchers: StringContaining "x". */
function ofRunner(value: object): string {
  const { toAsymmetricMatcher } = value as { readonly toAsymmetricMatcher?: () => string }
  return typeof toAsymmetricMatcher === 'function' ? toAsymmetricMatcher.call(value) : inspect(value, { depth: 0 })
}
