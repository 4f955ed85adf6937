/** What the machine does not let the program do; told in one line, exit status 1. */
export class CliError extends Error {
  override readonly name: string = 'CliError'
}

/** A mistake in the command line; told in one line, exit status 2. */
export class UsageError extends CliError {
  override readonly name = 'UsageError'
}
