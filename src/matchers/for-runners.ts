import { isDeepStrictEqual } from 'node:util'
import { handleOf } from './handle.ts'
import type { Judge, Verdict } from './judge.ts'
import { placeOf, placing } from './place.ts'
import { printed } from './printed.ts'
import { type AwaitedName, awaited, type ImmediateName, immediate } from './table.ts'

type Paint = (text: string) => string

/** What vitest and jest give a matcher as `this`. */
export interface RunnerState {
  readonly isNot?: boolean
  readonly promise?: string
  readonly equals?: (a: unknown, b: unknown) => boolean
  readonly utils?: {
    matcherHint(name: string, received: string, expected: string, options: object): string
    readonly EXPECTED_COLOR: Paint
    readonly RECEIVED_COLOR: Paint
  }
}

/** What vitest and jest want of a matcher. */
export interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
  readonly actual?: unknown
  readonly expected?: unknown
}

type ImmediateMatcher = (this: RunnerState, received: unknown, ...args: unknown[]) => MatcherResult
type AwaitedMatcher = (this: RunnerState, received: unknown, ...args: unknown[]) => Promise<MatcherResult>

/** The matchers, for `expect.extend` of vitest and jest. */
export const matchers: Readonly<Record<ImmediateName, ImmediateMatcher> & Record<AwaitedName, AwaitedMatcher>> = {
  toHaveReceived: immediateMatcher('toHaveReceived'),
  toHaveReceivedInOrder: immediateMatcher('toHaveReceivedInOrder'),
  toHaveTransferred: awaitedMatcher('toHaveTransferred'),
  toHaveFile: awaitedMatcher('toHaveFile'),
  toHaveNoOpenSessions: awaitedMatcher('toHaveNoOpenSessions'),
  toHaveSatisfied: awaitedMatcher('toHaveSatisfied'),
}

function immediateMatcher(name: ImmediateName): ImmediateMatcher {
  return function (received, ...args) {
    return resultOf(asked(immediate[name], name, this, received, args), name, this, args)
  }
}

function awaitedMatcher(name: AwaitedName): AwaitedMatcher {
  return function matcher(received, ...args) {
    const answer = async () => resultOf(await asked(awaited[name], name, this, received, args), name, this, args)
    return placing(answer(), name, placeOf(matcher))
  }
}

function asked<V extends Verdict | Promise<Verdict>>(
  judge: Judge<V>,
  name: string,
  { isNot = false, equals = isDeepStrictEqual }: RunnerState,
  received: unknown,
  args: readonly unknown[],
): V {
  return judge(handleOf(received, name), args, { isNot, equals: (found, expected) => equals(found, expected) })
}

function resultOf(verdict: Verdict, name: string, state: RunnerState, args: readonly unknown[]): MatcherResult {
  const { pass, explain, actual, expected } = verdict
  // Runners compare the two beneath the message, which says more than the message only where both are text.
  const isText = typeof actual === 'string' && typeof expected === 'string'
  const sides = isText && state.isNot !== true ? { actual, expected } : {}
  return { pass, message: () => `${hint(name, state, args)}\n\n${painted(explain(), state)}`, ...sides }
}

/** The line that failed, as the test has it. */
function hint(name: string, { isNot = false, promise = '', utils }: RunnerState, args: readonly unknown[]): string {
  const given = args.map(printed).join(', ')
  if (utils !== undefined) return utils.matcherHint(name, 'ftp', given, { isNot, promise })
  return `expect(ftp)${isNot ? '.not' : ''}.${name}(${given})`
}

/** The marks of a dialogue in the runner's colours. */
function painted(text: string, { utils }: RunnerState): string {
  if (utils === undefined) return text
  const { EXPECTED_COLOR, RECEIVED_COLOR } = utils
  return text.replace(/^>>> (.*)$/gm, (mark, said: string) =>
    said.startsWith('expected') ? EXPECTED_COLOR(mark) : RECEIVED_COLOR(mark),
  )
}
