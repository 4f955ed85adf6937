import { FtpFixtureError, type FtpFixtureErrorCode } from '../../options/error.ts'
import { ScenarioError, type ScenarioPlace } from '../../scenario/error.ts'
import { ExpectationError } from '../../scenario/expect/failure.ts'

/** An error as the control API tells it. */
interface ToldError {
  readonly code: string
  readonly message: string
  /** Of a scenario: where in it, and what is wrong there. */
  readonly place?: ScenarioPlace
  readonly problem?: string
  /** Of expectations: a sentence on each that did not come true. */
  readonly failures?: readonly string[]
  readonly dialogue?: string
}

/** The error that the server has met, as it would have been thrown there; `undefined` where the text tells of none. */
export function remoteError(text: string): Error | undefined {
  const told = toldIn(text)
  if (told === undefined) return undefined
  const { code, message, place, problem = message, failures, dialogue } = told
  if (code === 'ERR_SCENARIO_INVALID' && place !== undefined) return new ScenarioError(place, problem)
  if (failures !== undefined) return new ExpectationError(message, failures, dialogue)
  if (code.startsWith('ERR_')) return new FtpFixtureError(code as FtpFixtureErrorCode, message)
  // Of the file system: ENOENT, say.
  return Object.assign(new Error(message), { code })
}

function toldIn(text: string): ToldError | undefined {
  try {
    const { error } = JSON.parse(text) as { readonly error: ToldError }
    return typeof error.code === 'string' && typeof error.message === 'string' ? error : undefined
  } catch {
    return undefined
  }
}
