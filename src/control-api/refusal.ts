import { FtpFixtureError } from '../options/error.ts'
import { ScenarioError } from '../scenario/error.ts'
import { ExpectationError } from '../scenario/expect/failure.ts'

/** A request that is not served, whatever it asks for. */
export class Refusal extends FtpFixtureError {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: RefusalStatus, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(codes[status], message)
    this.status = status
    this.headers = headers
  }
}

type RefusalStatus = keyof typeof codes

const codes = {
  400: 'ERR_REQUEST_INVALID',
  401: 'ERR_REQUEST_FORBIDDEN',
  403: 'ERR_REQUEST_FORBIDDEN',
  404: 'ERR_NOT_FOUND',
  405: 'ERR_REQUEST_INVALID',
  413: 'ERR_REQUEST_INVALID',
  415: 'ERR_REQUEST_INVALID',
} as const

/** The status of an error by its code: ours, or the system's. What is not here is nobody's mistake: 500. */
const statusOf: Readonly<Record<string, number>> = {
  ERR_OPTION_UNKNOWN: 400,
  ERR_OPTION_INVALID: 400,
  ERR_FILE_OUTSIDE_ROOT: 400,
  ERR_SCENARIO_UNKNOWN: 400,
  ERR_SCENARIO_INVALID: 400,
  ENAMETOOLONG: 400,
  ENOENT: 404,
  ENOTDIR: 404,
  ERR_WAIT_TIMEOUT: 408,
  ERR_STOPPED: 409,
  ERR_NOT_RESETTABLE: 409,
  ERR_SCENARIO_UNFIT: 409,
  ERR_LANE_UNFIT: 409,
  ERR_CLOCK_NOT_MANUAL: 409,
  EACCES: 409,
  EEXIST: 409,
  EISDIR: 409,
  ELOOP: 409,
  ENOTEMPTY: 409,
  EPERM: 409,
  ERR_EXPECTATION_FAILED: 422,
}

/** The answer to a request that came to nothing: a status, and the error in JSON. */
export function answerTo(error: unknown): Response {
  const { message } = error as Error
  const code = codeOf(error)
  const { status, headers } = error instanceof Refusal ? error : { status: statusOf[code] ?? 500, headers: {} }
  return Response.json({ error: { code, message, ...detailOf(error) } }, { status, headers })
}

/** What has no code of ours or the system's (ENOSPC, say) should not have happened. */
function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown }
  if (error instanceof FtpFixtureError) return error.code
  return typeof code === 'string' && /^E[A-Z\d]+$/.test(code) ? code : 'ERR_INTERNAL'
}

function detailOf(error: unknown): object {
  if (error instanceof ExpectationError) return { failures: error.failures, dialogue: error.dialogue }
  return error instanceof ScenarioError ? { place: error.place, problem: error.problem } : {}
}
