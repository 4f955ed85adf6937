/** What the machine does not let the program do; told in one line. */
export class CliError extends Error {
  override readonly name: string = 'CliError'
  /** The exit status of the program. */
  readonly status: number = 1
}

/** A mistake in the command line. */
export class UsageError extends CliError {
  override readonly name = 'UsageError'
  override readonly status = 2
}
