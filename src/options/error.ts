/** What a `FtpFixtureError` can be about; stable, to be compared in code. */
export type FtpFixtureErrorCode =
  | 'ERR_OPTION_UNKNOWN'
  | 'ERR_OPTION_INVALID'
  | 'ERR_WORLD_UNKNOWN'
  | 'ERR_DIRECTORY_UNUSABLE'
  | 'ERR_LISTEN_FAILED'
  | 'ERR_FILE_OUTSIDE_ROOT'
  | 'ERR_NOT_RESETTABLE'
  | 'ERR_STOPPED'
  | 'ERR_WAIT_TIMEOUT'
  | 'ERR_CLOCK_NOT_MANUAL'
  | 'ERR_SESSION_FAILED'
  | 'ERR_SCENARIO_UNKNOWN'
  | 'ERR_SCENARIO_INVALID'
  | 'ERR_SCENARIO_UNFIT'
  | 'ERR_EXPECTATION_FAILED'
  | 'ERR_CONTROL_FAILED'
  | 'ERR_LANE_UNFIT'
  | 'ERR_REQUEST_FORBIDDEN'
  | 'ERR_REQUEST_INVALID'
  | 'ERR_NOT_FOUND'
  | 'ERR_INTERNAL'

/** A caller's mistake or a failed start, told so that the message alone is enough to mend it. */
export class FtpFixtureError extends Error {
  override readonly name: string = 'FtpFixtureError'
  readonly code: FtpFixtureErrorCode

  constructor(code: FtpFixtureErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
