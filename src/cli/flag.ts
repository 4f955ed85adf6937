import type { StartFtpServerOptions } from '../fixture/options.ts'

/** All there is to know of one option of the command line: reading it and the help are derived from it. */
export interface Flag {
  readonly short?: string
  /** What stands for its value in the help; one without it is a switch. */
  readonly value?: string
  readonly help: string
  readonly mayBeEmpty?: true
  /** Others without one of which it means nothing. */
  readonly needs?: readonly string[]
  /** Others that it contradicts. */
  readonly excludes?: readonly string[]
  /** The options of `startFtpServer` it stands for; one without it is the command line's own. */
  readonly set?: (text: string, flag: string) => StartFtpServerOptions
}

/** Options by name. */
export type Flags = Readonly<Record<string, Flag>>

/** Options by what they are about, which is a heading of the help. */
export type FlagGroups = Readonly<Record<string, Flags>>
