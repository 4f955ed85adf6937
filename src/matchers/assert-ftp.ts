import { AssertionError } from 'node:assert'
import { isDeepStrictEqual } from 'node:util'
import type { FtpHandle } from '../fixture/handle.ts'
import { isAsymmetricMatcher } from './arguments.ts'
import { handleOf } from './handle.ts'
import type { Inquiry, Verdict } from './judge.ts'
import { placed, placeOf } from './place.ts'
import { printed } from './printed.ts'
import { awaited, immediate } from './table.ts'
import type { FtpMatchers } from './types.ts'

/** The matchers as assertions: they throw `AssertionError`, or reject with it. */
export interface FtpAssertions extends FtpMatchers<void> {
  /** The same, for what should not be so. */
  readonly not: FtpMatchers<void>
}

/** The matchers for `node:test`, mocha and whatever else has no `expect`. */
export function assertFtp(ftp: FtpHandle): FtpAssertions {
  const handle = handleOf(ftp, 'assertFtp')
  return { ...assertions(handle, false), not: assertions(handle, true) }
}

function assertions(ftp: FtpHandle, isNot: boolean): FtpMatchers<void> {
  const methods: Record<string, (...args: unknown[]) => unknown> = {}
  const inquiry: Inquiry = { isNot, equals }
  for (const [name, judge] of Object.entries(immediate)) {
    methods[name] = function method(...args) {
      const verdict = judge(ftp, args, inquiry)
      if (verdict.pass === isNot) throw failure(name, verdict, isNot, args, method)
    }
  }
  for (const [name, judge] of Object.entries(awaited)) {
    methods[name] = async function method(...args) {
      const place = placeOf(method)
      try {
        const verdict = await judge(ftp, args, inquiry)
        if (verdict.pass === isNot) throw failure(name, verdict, isNot, args, method)
      } catch (error) {
        throw placed(error, name, place)
      }
    }
  }
  return methods as unknown as FtpMatchers<void>
}

function equals(found: unknown, expected: unknown): boolean {
  return isAsymmetricMatcher(expected) ? expected.asymmetricMatch(found) : isDeepStrictEqual(found, expected)
}

function failure(
  name: string,
  { explain, actual, expected }: Verdict,
  isNot: boolean,
  args: readonly unknown[],
  caller: (...args: never[]) => unknown,
): AssertionError {
  const call = `assertFtp(ftp)${isNot ? '.not' : ''}.${name}(${args.map(printed).join(', ')})`
  const operator = isNot ? `not.${name}` : name
  return new AssertionError({ message: `${call}\n\n${explain()}`, actual, expected, operator, stackStartFn: caller })
}
