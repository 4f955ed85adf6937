import { statSync } from 'node:fs'
import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import { startFtpServer } from '../fixture/start.ts'
import type { FtpEvent } from '../handlers/events.ts'
import { removeTemporaryAtExit, type TemporaryFile } from '../harness/temporary-file.ts'
import { deferred } from '../ioloop/deferred.ts'
import type { LogOptions } from '../servers/log-options.ts'
import type { ServeRequest } from './arguments.ts'
import { writeCaFile } from './ca-file.ts'
import { UsageError } from './errors.ts'
import { introduction } from './introduction.ts'
import { isForeground } from './live/foreground.ts'
import { LiveView } from './live/live-view.ts'
import { OpenSessions } from './open-sessions.ts'
import { ignoreSignals, stopRequest } from './stop-request.ts'
import { wantsColour } from './terminal.ts'
import { isPreforked, servePreforked, startWithWorkers } from './workers.ts'

/** Events that are kept. */
const MAX_EVENTS = 10_000

/** Serves until it is asked to stop, showing what clients do; gives the exit status. */
export async function serve(asked: ServeRequest): Promise<number> {
  if (isPreforked(asked)) {
    ignoreSignals() // a Ctrl-C reaches all; the first process decides
    return servePreforked(asked)
  }
  checkDirectory(asked.options.root)
  await removeTemporaryAtExit()
  const request = isWatched(asked) ? asWatched(asked) : asked
  // Programs read JSON: what is meant for people goes another way then.
  const aside = request.log.format === 'json' ? process.stderr : process.stdout
  const sessions = new OpenSessions()
  const wish = deferred<string>()
  const stopping = stopRequest((line) => aside.write(line), wish.promise)
  const live = takesKeys(request) ? liveView(request, sessions, wish.resolve) : undefined
  const ftp = await start(request, sessions, live)
  let caFile: TemporaryFile | undefined
  let open: string
  try {
    if (ftp.ca !== undefined) caFile = await writeCaFile(ftp.ca, request.caFile)
    const controlUrl = await control(ftp, request, wish.resolve)
    aside.write(introduction(ftp, request, { caFile: caFile?.path, controlUrl, takesKeys: live !== undefined }))
    live?.begin(ftp)
    const reason = await stopping
    live?.end()
    aside.write(`${reason}: stopping\n`)
    open = describeCut(sessions)
    await caFile?.remove()
  } finally {
    live?.end()
    await ftp.stop()
  }
  aside.write(`Stopped${open}.${request.options.root === undefined ? ' The temp directory is removed.' : ''}\n`)
  return 0
}

/** Starts the control API if it is wanted; gives its URL. */
async function control(
  ftp: FtpFixture,
  { control }: ServeRequest,
  stop: (reason: string) => void,
): Promise<string | undefined> {
  if (control === undefined) return undefined
  const { startControlApi } = await import('../control-api/start.ts')
  const { urlWithToken } = await startControlApi(ftp, control)
  // It can stop the server, and then there is nothing more to do here.
  ftp.endWith(async () => stop('control API'))
  return urlWithToken
}

/** Whether somebody looks on as it happens. */
function isWatched({ log }: ServeRequest): boolean {
  return process.stdout.isTTY && log.format === 'text'
}

/** All that happens, told apart by the session's number. */
function asWatched({ options, log, ...request }: ServeRequest): ServeRequest {
  return { ...request, log: { ...log, level: 'debug' }, options: { logPrefix: '#{session}', ...options } }
}

function takesKeys(request: ServeRequest): boolean {
  return isWatched(request) && process.stdin.isTTY && process.env.TERM !== 'dumb' && isForeground()
}

function liveView({ concurrency }: ServeRequest, sessions: OpenSessions, stop: (key: string) => void): LiveView {
  const { stdin, stdout, env } = process
  const hasScenarios = concurrency === 'async'
  return new LiveView({ stdin, stdout, colour: wantsColour(stdout, env), sessions, hasScenarios, stop })
}

async function start(request: ServeRequest, sessions: OpenSessions, live: LiveView | undefined): Promise<FtpFixture> {
  const log: LogOptions = {
    ...request.log,
    colour: wantsColour(process.stdout, process.env),
    indent: isWatched(request),
    write: (line) => (live === undefined ? process.stdout.write(`${line}\n`) : live.write(line)),
  }
  const onEvent = (event: FtpEvent) => {
    sessions.note(event)
    live?.note(event)
  }
  return (request.concurrency === 'async' ? startInProcess : startWithWorkers)(request, { log, onEvent })
}

async function startInProcess(
  { options }: ServeRequest,
  { log, onEvent }: Parameters<typeof startWithWorkers>[1],
): Promise<FtpFixture> {
  const ftp: FtpFixture = await startFtpServer({
    ...options,
    log,
    onEvent: (event) => {
      onEvent(event)
      // They would grow for as long as the program runs; only what a rule never applied to is told by them in the end.
      for (const { transcript } of [ftp, ...ftp.lanes.values()]) {
        if (transcript.events.length > MAX_EVENTS) transcript.clear()
      }
    },
  })
  return ftp
}

/** A bad value of the command line, though only the disk can tell. */
function checkDirectory(root: string | undefined): void {
  if (root === undefined || statSync(root, { throwIfNoEntry: false })?.isDirectory()) return
  throw new UsageError(`--directory: no such directory: "${root}"`)
}

function describeCut({ count, inTransfer }: OpenSessions): string {
  const open = count === 0 ? '' : `, ${count} open ${count === 1 ? 'session' : 'sessions'} cut`
  return inTransfer === 0 ? open : `${open}, ${inTransfer} of them in a transfer`
}
