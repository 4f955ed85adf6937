import { lstatSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'

/** What the benchmark was asked to do. */
export interface Flags {
  readonly help: boolean
  readonly install: boolean
  readonly markdown: boolean
  /** Names of rows, or what they begin with; empty for all. */
  readonly rows: readonly string[]
  /** Names of servers; empty for all that are found. */
  readonly servers: readonly string[]
  readonly added: readonly Added[]
  readonly rounds: number
  readonly secs: number
  readonly warm: number
  readonly mb: number
  readonly sessions: number
  readonly files: number
  readonly foreign: number
  readonly peers: string
  readonly json: string | undefined
  readonly profile: string | undefined
}

/** A server that the command line adds. */
export interface Added {
  readonly name: string
  readonly command: string
}

/** A mistake of whoever called: its message is all there is to say. */
export class UsageError extends Error {}

export const HELP = `npm run bench -- [flags]

  --rows a,b         rows by name, or by what they begin with; default: all
  --servers a,b      servers by name; default: all that are found
  --rounds N         how often each row is run on each server (5)
  --secs S           how long a row by time runs (1)
  --warm S           how long each row by time runs beforehand, uncounted, so that no server is still being compiled (2)
  --mb N             size of the big file in MiB (1024)
  --sessions N       idle sessions for the memory rows (1000)
  --files N          files in the directory that is listed (10000)
  --foreign F        share of the machine that others may take before a run is repeated (0.1)
  --add 'name|cmd'   one more server: cmd gets ROOT, TLS (0 or 1), CERT, KEY and, for the rows of throttling, RATE (bytes
                     per second) in its environment, prints its port on a line of its own, serves user "user" with the
                     password "12345", and stays in the foreground; may be given several times
  --peers DIR        where peers, the load client and a certificate are kept (or FTP_BENCH_PEERS)
  --install          fetches the peers into that directory (Debian's packages, unpacked, as root; ftp-srv from npm)
  --markdown         prints tables in Markdown
  --json FILE        writes every run to a file
  --profile DIR      CPU profiles of our server, a directory for each row
  --help             this text
`

const options = {
  help: { type: 'boolean' },
  install: { type: 'boolean' },
  markdown: { type: 'boolean' },
  rows: { type: 'string' },
  servers: { type: 'string' },
  add: { type: 'string', multiple: true },
  rounds: { type: 'string' },
  secs: { type: 'string' },
  warm: { type: 'string' },
  mb: { type: 'string' },
  sessions: { type: 'string' },
  files: { type: 'string' },
  foreign: { type: 'string' },
  peers: { type: 'string' },
  json: { type: 'string' },
  profile: { type: 'string' },
} as const

/** The flags of a command line; throws a `UsageError` for one that is unknown or wrong. */
export function readFlags(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Flags {
  const given = parse(args)
  return {
    help: given.help === true,
    install: given.install === true,
    markdown: given.markdown === true,
    rows: names(given.rows),
    servers: names(given.servers),
    added: (given.add ?? []).map(addition),
    rounds: whole('rounds', given.rounds, 5),
    secs: positive('secs', given.secs, 1),
    warm: positive('warm', given.warm, 2),
    mb: whole('mb', given.mb, 1024),
    sessions: whole('sessions', given.sessions, 1000),
    files: whole('files', given.files, 10_000),
    foreign: positive('foreign', given.foreign, 0.1),
    peers: path.resolve(given.peers ?? env.FTP_BENCH_PEERS ?? defaultPeers()),
    json: absolute(given.json),
    profile: absolute(given.profile),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, strict: true }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** Of one user only: what is in it is run. */
function defaultPeers(): string {
  const { uid } = userInfo()
  const directory = path.join(tmpdir(), `ftp-bench-peers-${uid}`)
  const owner = lstatSync(directory, { throwIfNoEntry: false })?.uid ?? uid
  if (owner !== uid) throw new UsageError(`${directory} belongs to another user: --peers names one of your own`)
  return directory
}

function absolute(file: string | undefined): string | undefined {
  return file === undefined ? undefined : path.resolve(file)
}

function names(list: string | undefined): string[] {
  return (list ?? '').split(',').filter((name) => name !== '')
}

function addition(value: string): Added {
  const bar = value.indexOf('|')
  if (bar < 1 || bar === value.length - 1) throw new UsageError(`--add: expected 'name|command', found "${value}"`)
  return { name: value.slice(0, bar), command: value.slice(bar + 1) }
}

function positive(flag: string, value: string | undefined, preset: number): number {
  const number = value === undefined ? preset : Number(value)
  if (number > 0 && number < Number.POSITIVE_INFINITY) return number
  throw new UsageError(`--${flag}: expected a number above 0, found "${value}"`)
}

function whole(flag: string, value: string | undefined, preset: number): number {
  const number = positive(flag, value, preset)
  if (Number.isInteger(number)) return number
  throw new UsageError(`--${flag}: expected a whole number, found "${value}"`)
}

/** Those of a list that were asked for by name or, for rows, by the beginning of it; throws for a name of nothing. */
export function choose<T extends { readonly name: string }>(
  what: 'row' | 'server',
  all: readonly T[],
  wanted: readonly string[],
): readonly T[] {
  if (wanted.length === 0) return all
  const fits = (name: string, want: string) => (what === 'row' ? name.startsWith(want) : name === want)
  const unknown = wanted.find((want) => !all.some(({ name }) => fits(name, want)))
  if (unknown !== undefined) {
    throw new UsageError(`no ${what} "${unknown}": there are ${all.map(({ name }) => name).join(', ')}`)
  }
  return all.filter(({ name }) => wanted.some((want) => fits(name, want)))
}
