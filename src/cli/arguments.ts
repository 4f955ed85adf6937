import type { StartFtpServerOptions } from '../fixture/options.ts'
import type { LogOptions } from '../servers/log-options.ts'
import type { CommandLine } from './command-line.ts'
import { UsageError } from './errors.ts'
import { number } from './flag-values.ts'
import { type Concurrency, isConcurrency, isLogFormat, WORLD } from './flags.ts'
import { serverOptions, userOf } from './server-options.ts'

/** A server that the command line asks for. */
export interface ServeRequest {
  readonly options: StartFtpServerOptions
  readonly concurrency: Concurrency
  readonly log: Pick<Required<LogOptions>, 'level' | 'format'>
  /** Where to write the certificate of the throw-away authority. */
  readonly caFile: string | undefined
  /** The control API that is wanted; `undefined` for none. */
  readonly control: { readonly port: number } | undefined
  /** Whether the password may be shown: it is the one that everybody knows. */
  readonly showPassword: boolean
}

type Given = CommandLine['given']

/** What a command line of `serve` asks for; throws `UsageError`, or `FtpFixtureError` for a value that will not do. */
export function serveRequest(line: CommandLine): ServeRequest {
  const { given } = line
  checkValues(given)
  return {
    options: {
      ...(!given.has('directory') && { files: WORLD }),
      // A scenario may have users of its own.
      ...(!given.has('scenario') && { users: [userOf(given)] }),
      ...serverOptions(line),
    },
    concurrency: isConcurrency(given.get('concurrency') ?? 'async', '--concurrency'),
    log: {
      level: given.has('debug') || given.has('scenario') ? 'debug' : 'info',
      format: isLogFormat(given.get('log') ?? 'text', '--log'),
    },
    caFile: given.get('ca-file'),
    control: given.has('control')
      ? { port: number(0, 65_535)(given.get('control-port') ?? '0', '--control-port') }
      : undefined,
    showPassword: !given.has('password'),
  }
}

/** Throws for options of which the one says what the other rules out. */
function checkValues(given: Given): void {
  if (given.has('log-prefix') && given.get('log') === 'json') {
    throw new UsageError('--log-prefix goes with --log text: JSON has the fields themselves')
  }
  if ((given.get('concurrency') ?? 'async') === 'async') return
  if (given.has('scenario')) {
    throw new UsageError('--scenario goes with --concurrency async: its rules count in one place')
  }
  if (given.has('control')) {
    throw new UsageError('--control goes with --concurrency async: it acts on sessions, which run in one place then')
  }
}
