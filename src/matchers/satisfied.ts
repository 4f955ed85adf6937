import type { FtpHandle } from '../fixture/handle.ts'
import { invalidOption } from '../options/check.ts'
import { FtpFixtureError } from '../options/error.ts'
import type { Expectation } from '../scenario/expect/schema.ts'
import { loadExpectation } from '../scenario/load.ts'
import { checkCount, reading } from './arguments.ts'
import { explained } from './explained.ts'
import type { Judge, Verdict } from './judge.ts'
import { ownVerbs } from './verbs.ts'
import { missedBy } from './verified.ts'

const NAME = 'toHaveSatisfied'

/** Whether a client did what the scenario in use expects, or what an expectation does. */
export const judgeSatisfied: Judge<Promise<Verdict>> = async (ftp, args) => {
  checkCount(NAME, args, 0, 1)
  const expectation = checkedExpectation(args[0], ftp)
  const missed = await missedBy(ftp, expectation)
  const what = expectation === undefined ? `the scenario ${ftp.scenario}` : 'the expectation'
  const marks = [{ text: 'all that was expected has come true by here', side: 'behind' }] as const
  const explain = () => missed ?? explained(`All that ${what} says came true.`, marks, ftp)
  return { pass: missed === undefined, explain, actual: undefined, expected: args[0] }
}

/** The expectation; `undefined` for that of the scenario in use, which has to be the one that is named. */
function checkedExpectation(given: unknown, ftp: FtpHandle): Expectation | undefined {
  if (typeof given === 'object' && given !== null) {
    const expectation = given as Expectation
    reading(NAME, '', () => loadExpectation(expectation, { verbs: ownVerbs(ftp) }))
    return expectation
  }
  const { scenario } = ftp
  if (given !== undefined && typeof given !== 'string') {
    throw invalidOption(
      `${NAME}: scenario`,
      given,
      'the name of the scenario in use, or what is expected of the client',
    )
  }
  if (scenario === undefined) {
    throw new FtpFixtureError('ERR_OPTION_INVALID', `${NAME}: no scenario is in use: there is nothing to satisfy`)
  }
  if (given === undefined || given === scenario) return undefined
  throw invalidOption(`${NAME}: scenario`, given, `the name of the scenario in use, ${JSON.stringify(scenario)}`)
}
