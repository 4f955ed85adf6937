import { parseArgs } from 'node:util'
import { READ_PERMS } from '../authorizers/authorizer.ts'
import { defaultUser, fixtureDefaults, type StartFtpServerOptions } from '../fixture/options.ts'

/** The world served when none is named: by hand, there should be something to see. */
const WORLD = 'basic'

/** A mistake in the command line; told in one line, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What the command line asks for. */
export type Request =
  | { readonly action: 'help' | 'version' }
  | { readonly action: 'serve'; readonly options: StartFtpServerOptions; readonly serves: string }

export const HELP: string = `Usage: ftp-fixture [options]

Starts an FTP server to test a client against by hand, and shows what clients do as they do it. It serves a temp
directory with a ready-made world in it, which is removed at the end (Ctrl-C).

Options:
  -i, --interface ADDRESS   address to listen on; :: takes IPv4 and IPv6 (default: ${fixtureDefaults.host})
  -p, --port PORT           port to listen on; 0 takes a free one (default: ${fixtureDefaults.port})
  -f, --files WORLD         ready-made world, or a directory to copy (default: ${WORLD})
  -d, --directory PATH      serve this directory itself; clients may only read it, unless --write is given
  -w, --write               with --directory: clients may change what is there
  -u, --username NAME       user who may log in (default: ${defaultUser.username})
  -P, --password PASSWORD   the user's password (default: ${defaultUser.password})
  -h, --help                show this help
  -V, --version             show the version
`

/** Reads the command line; throws `UsageError`. */
export function readArguments(args: readonly string[]): Request {
  const values = parse(args)
  if (values.help) return { action: 'help' }
  if (values.version) return { action: 'version' }
  const { directory, write = false } = values
  if (write && directory === undefined)
    throw new UsageError('--write goes with --directory; a temp directory may be written anyway')
  if (directory !== undefined && values.files !== undefined)
    throw new UsageError('--files and --directory exclude each other')
  const files = values.files ?? WORLD
  const user = {
    username: values.username,
    password: values.password,
    ...(directory !== undefined && !write && { perm: READ_PERMS }),
  }
  const options: StartFtpServerOptions = {
    host: values.interface,
    port: portOf(values.port),
    users: [user],
    ...(directory === undefined ? { files } : { root: directory }),
  }
  return { action: 'serve', options, serves: directory === undefined ? `a copy of "${files}"` : 'your own directory' }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        interface: { type: 'string', short: 'i', default: fixtureDefaults.host },
        port: { type: 'string', short: 'p', default: String(fixtureDefaults.port) },
        files: { type: 'string', short: 'f' },
        directory: { type: 'string', short: 'd' },
        write: { type: 'boolean', short: 'w' },
        username: { type: 'string', short: 'u', default: defaultUser.username },
        password: { type: 'string', short: 'P', default: defaultUser.password },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'V' },
      },
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0])
  }
}

function portOf(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new UsageError(`--port: expected a number from 0 to 65535, found "${text}"`)
}
