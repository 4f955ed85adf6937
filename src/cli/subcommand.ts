import type { CommandLine } from './command-line.ts'
import type { FlagGroups } from './flag.ts'

/** All there is to know of one subcommand: reading its command line and its help are derived from it. */
export interface Subcommand {
  /** What it does, in a few words. */
  readonly summary: string
  /** What stands behind `ftp-fixture`. */
  readonly synopsis: string
  /** What it does, for its help. */
  readonly about: string
  readonly flagGroups: FlagGroups
  /** What its operands are; one without it takes none. */
  readonly operands?: string
  /** Whether what stands behind `--` is a command that it runs. */
  readonly takesCommand?: true
  /** Does it; gives the exit status. */
  readonly run: (line: CommandLine) => Promise<number>
}
