import cluster from 'node:cluster'
import { LocalFiles } from '../fixture/files.ts'
import { FtpFixture } from '../fixture/ftp-fixture.ts'
import { type ResolvedFixtureOptions, resolveFixtureOptions } from '../fixture/options.ts'
import { existingRoot, type Root, temporaryRoot } from '../fixture/root.ts'
import { fillRoot } from '../fixture/start.ts'
import { throwAwayAuthority } from '../fixture/tls.ts'
import { Transcript } from '../fixture/transcript.ts'
import { Waiters } from '../fixture/waiters.ts'
import { temporaryFile } from '../harness/temporary-file.ts'
import { FtpFixtureError } from '../options/error.ts'
import { FTPServer } from '../servers/ftp-server.ts'
import { MultiprocessFTPServer } from '../servers/multiprocess-ftp-server.ts'
import type { FTPServerOptions } from '../servers/options.ts'
import { ThreadedFTPServer } from '../servers/threaded-ftp-server.ts'
import type { ServeRequest } from './arguments.ts'
import type { Concurrency } from './flags.ts'
import makeParts, { type World } from './worker-parts.ts'

/** The variable that tells the processes of `pre-fork` what the first one has made; the rest they know as it does. */
const MADE = 'FTP_FIXTURE_MADE'

type Made = Pick<World, 'root' | 'certfile'>

const PARTS = new URL('./worker-parts.js', import.meta.url)

/** Whether this is one of the processes of `pre-fork`, but for the first one. */
export function isPreforked({ concurrency }: ServeRequest): boolean {
  return concurrency === 'pre-fork' && cluster.isWorker
}

/** Serves as one of the processes of `pre-fork`, until the first one says that it is enough; gives the exit status. */
export async function servePreforked({ options: { files: _made, ...given } }: ServeRequest): Promise<number> {
  const options = resolveFixtureOptions(given)
  const { users, anonymous } = options
  const server = serverInProcess(options, { users, anonymous, ...(JSON.parse(process.env[MADE] ?? '{}') as Made) }, {})
  try {
    await server.serveForever({ workerProcesses: 0 })
    return 0
  } catch (error) {
    // The first process has been told, and says it once.
    if (error instanceof FtpFixtureError) return 1
    throw error
  }
}

/** Starts a server whose sessions run in threads or processes of their own. */
export async function startWithWorkers(
  { options: given, concurrency }: ServeRequest,
  watching: Required<Pick<FTPServerOptions, 'log' | 'onEvent'>>,
): Promise<FtpFixture> {
  const options = resolveFixtureOptions(given)
  const root = options.root === undefined ? temporaryRoot() : existingRoot(options.root)
  const transcript = new Transcript()
  let certificates: Certificates | undefined
  let server: FTPServer | undefined
  try {
    fillRoot(root.path, options)
    certificates = await certificatesFor(options)
    const { users, anonymous } = options
    const world: World = { root: root.path, users, anonymous, certfile: certificates.certfile }
    server = makeServer(concurrency, options, world, {
      log: watching.log,
      onEvent: (event) => {
        // The rest nobody asks for here; an error is what `stop` reports.
        if (event.type === 'error') transcript.add(event)
        watching.onEvent(event)
      },
    })
    await begin(server, concurrency, world)
  } catch (error) {
    await server?.closeAll()
    await certificates?.remove()
    await root.remove()
    throw error
  }
  const { ca, remove } = certificates
  const served = { path: root.path, remove: async () => void (await Promise.all([root.remove(), remove()])) }
  return fixtureOf(server, served, transcript, { ca, user: options.users[0] })
}

function fixtureOf(
  server: FTPServer,
  root: Root,
  transcript: Transcript,
  { ca, user }: { readonly ca: string | undefined; readonly user: ResolvedFixtureOptions['users'][number] | undefined },
): FtpFixture {
  const waiters = new Waiters(transcript)
  const files = new LocalFiles(root.path, undefined)
  const { username = '', password = '' } = user ?? {}
  return new FtpFixture({ server, root, files, transcript, waiters, ca, username, password })
}

type Watching = Pick<FTPServerOptions, 'log' | 'onEvent'>

function makeServer(
  concurrency: Concurrency,
  options: ResolvedFixtureOptions,
  world: World,
  watching: Watching,
): FTPServer {
  if (concurrency === 'pre-fork') return serverInProcess(options, world, watching)
  const { host, port } = options
  const { banner, sslContext: _none, ...rest } = options.server
  const settings = { ...rest, ...(typeof banner === 'string' && { banner }), ...certfileOf(world), ...watching }
  const Server = concurrency === 'multi-thread' ? ThreadedFTPServer : MultiprocessFTPServer
  return new Server({ host, port }, PARTS, { ...settings, data: world })
}

function serverInProcess({ host, port, server }: ResolvedFixtureOptions, world: World, watching: Watching): FTPServer {
  const { authorizer, handler } = makeParts(world)
  return new FTPServer({ host, port }, handler, { ...server, ...certfileOf(world), ...watching, authorizer })
}

function certfileOf({ certfile }: World): { readonly certfile?: string } {
  return certfile === undefined ? {} : { certfile }
}

async function begin(server: FTPServer, concurrency: Concurrency, { root, certfile }: World): Promise<void> {
  if (concurrency === 'pre-fork') {
    process.env[MADE] = JSON.stringify({ root, certfile } satisfies Made)
    // It listens from here on; how that went is what `listen` tells.
    server.serveForever({ workerProcesses: 0 }).catch(() => {})
  }
  await server.listen()
}

interface Certificates {
  readonly certfile: string | undefined
  readonly ca: string | undefined
  remove(): Promise<void>
}

/** Certificates in files, since a context of TLS cannot be given to another process. */
async function certificatesFor({ tls, host, server }: ResolvedFixtureOptions): Promise<Certificates> {
  if (server.certfile !== undefined || !tls) {
    return { certfile: server.certfile, ca: undefined, remove: async () => {} }
  }
  const authority = await throwAwayAuthority(host)
  const { path, remove } = await temporaryFile('server.pem', authority.makePem())
  return { certfile: path, ca: authority.certificate, remove }
}
