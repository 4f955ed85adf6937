import type { CommandLine } from '../command-line.ts'
import { CliError } from '../errors.ts'

/** Plays the catalogue with a client; gives the exit status. */
export async function check(_line: CommandLine): Promise<number> {
  throw new CliError('check is not there yet')
}
