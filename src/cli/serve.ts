import { statSync } from 'node:fs'
import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import { startFtpServer } from '../fixture/start.ts'
import type { FtpEvent } from '../handlers/events.ts'
import type { ServeRequest } from './arguments.ts'
import { writeCaFile } from './ca-file.ts'
import { UsageError } from './errors.ts'
import { introduction } from './introduction.ts'
import { OpenSessions } from './open-sessions.ts'
import { ignoreSignals, stopRequest } from './stop-request.ts'
import { removeTemporaryAtExit, type TemporaryFile } from './temporary-file.ts'
import { wantsColour } from './terminal.ts'
import { isPreforked, servePreforked, startWithWorkers } from './workers.ts'

/** Events that are kept. */
const MAX_EVENTS = 10_000

/** Serves until it is asked to stop, showing what clients do; gives the exit status. */
export async function serve(request: ServeRequest): Promise<number> {
  if (isPreforked(request)) {
    ignoreSignals() // a Ctrl-C reaches all; the first process decides
    return servePreforked(request)
  }
  checkDirectory(request.options.root)
  await removeTemporaryAtExit()
  // Programs read JSON: what is meant for people goes another way then.
  const aside = request.log.format === 'json' ? process.stderr : process.stdout
  const stopping = stopRequest((line) => aside.write(line))
  const sessions = new OpenSessions()
  const ftp = await start(request, (event) => sessions.note(event))
  let caFile: TemporaryFile | undefined
  let open: string
  try {
    if (ftp.ca !== undefined) caFile = await writeCaFile(ftp.ca, request.caFile)
    aside.write(introduction(ftp, request, caFile?.path))
    aside.write(`${await stopping}: stopping\n`)
    open = describeCut(sessions)
    await caFile?.remove()
  } finally {
    await ftp.stop()
  }
  aside.write(`Stopped${open}.${request.options.root === undefined ? ' The temp directory is removed.' : ''}\n`)
  return 0
}

async function start(request: ServeRequest, onEvent: (event: FtpEvent) => void): Promise<FtpFixture> {
  const log = {
    ...request.log,
    colour: wantsColour(process.stdout, process.env),
    write: (line: string) => void process.stdout.write(`${line}\n`),
  }
  if (request.concurrency !== 'async') {
    return startWithWorkers(request, { log, onEvent })
  }
  const ftp: FtpFixture = await startFtpServer({
    ...request.options,
    log,
    onEvent: (event) => {
      onEvent(event)
      // It would grow for as long as the program runs; only what a rule never applied to is told by it in the end.
      if (ftp.transcript.events.length > MAX_EVENTS) ftp.transcript.clear()
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
