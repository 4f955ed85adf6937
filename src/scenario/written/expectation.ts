import type { Suggested } from '../../options/suggested.ts'
import type { Duration, Size } from '../../options/units.ts'
import type { ByteLimitText } from '../expect/schema.ts'
import type { KnownVerb } from './names.ts'

// `npm run schema` writes this file.

/** What a client should have done by the end, as scenarios and tests write it. */
export interface Expectation {
  /** The commands that came: `['RETR', 'REST', 'RETR *.bin']` in this order, others may stand between; or more precisely by inOrder, exactly and never. */
  readonly commands?: readonly Suggested<KnownVerb>[] | ExpectedCommands | readonly ExpectedCommands[] | undefined
  /** Transfers that ended, listings among them; each entry has to be met by one at least, or by as many as times says. */
  readonly transfers?: readonly ExpectedTransfer[] | undefined
  /** Files by their path under the root, as they are when this is verified. */
  readonly files?: Readonly<Record<string, boolean | string | ExpectedFile>> | undefined
  /** How many sessions did something: a number, or { min, max }. */
  readonly sessions?: number | HowMany | undefined
  /** Whether every session that has ended said QUIT (true), or none did (false). */
  readonly quit?: boolean | undefined
  /** How long all of it may take by the server's clock, from the first event to the last. */
  readonly within?: Duration | undefined
}

/** Commands that came, or did not. */
export interface ExpectedCommands {
  /** These came in this order; others may stand between. */
  readonly inOrder?: readonly Suggested<KnownVerb>[] | undefined
  /** These came in this order, and no others. */
  readonly exactly?: readonly Suggested<KnownVerb>[] | undefined
  /** None of these came. */
  readonly never?: readonly Suggested<KnownVerb>[] | undefined
  /** Only the commands of this session, from 1 as in rules. Default: of all. */
  readonly session?: number | undefined
}

/** What a transfer was like. */
export interface ExpectedTransfer {
  /** A glob for the absolute path: `'/pub/*.bin'`, or `'/pub/**'` for all below. Default: any. */
  readonly path?: string | undefined
  /** The command: 'RETR', 'APPE', 'MLSD' … Default: any. */
  readonly verb?: Suggested<KnownVerb> | undefined
  /** As the server sees it: a download is sent, an upload received. Default: either. */
  readonly direction?: 'sent' | 'received' | undefined
  /** Whether it went to its end. Default: either. */
  readonly complete?: boolean | undefined
  /** How many bytes crossed the connection: 1024, '64KiB', '>=64KiB', '<1MiB'. */
  readonly bytes?: ByteLimitText | undefined
  /** In hex, of what is in the file when this is verified. */
  readonly sha256?: string | undefined
  /** Whether it went on from a restart marker (REST), or behind what was there (APPE). */
  readonly resumed?: boolean | undefined
  /** How many transfers are to be such. Default: one at least. */
  readonly times?: number | HowMany | undefined
}

/** What a file is like by the end. */
export interface ExpectedFile {
  /** Its text, in UTF-8. */
  readonly content?: string | undefined
  /** How long it is. */
  readonly size?: Size | undefined
  /** The SHA-256 of its bytes, in hex. */
  readonly sha256?: string | undefined
  /** Whether there is no such file. Default: there is one. */
  readonly absent?: boolean | undefined
}

/** From how many to how many. */
export interface HowMany {
  /** At least so many. Default: 0. */
  readonly min?: number | undefined
  /** At most so many. Default: any number. */
  readonly max?: number | undefined
}
