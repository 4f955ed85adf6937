import { statSync } from 'node:fs'
import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import { startFtpServer } from '../fixture/start.ts'
import type { FtpEvent } from '../handlers/events.ts'
import { type ServeRequest, UsageError } from './arguments.ts'
import { writeCaFile } from './ca-file.ts'
import { introduction } from './introduction.ts'
import { wantsColour } from './terminal.ts'
import { isPreforked, servePreforked, startWithWorkers } from './workers.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Serves until it is asked to stop, showing what clients do; gives the exit status. */
export async function serve(request: ServeRequest): Promise<number> {
  if (isPreforked(request)) {
    for (const signal of SIGNALS) process.on(signal, () => {}) // a Ctrl-C reaches all; the first process decides
    return servePreforked(request)
  }
  checkDirectory(request.options.root)
  const stopping = stopRequest()
  // Programs read JSON: what is meant for people goes another way then.
  const aside = request.log.format === 'json' ? process.stderr : process.stdout
  const sessions = new Set<number>()
  const ftp = await start(request, ({ type, session }) => {
    if (type === 'connect') sessions.add(session)
    if (type === 'disconnect') sessions.delete(session)
  })
  const caFile = await writeCaFile(ftp.ca, request.caFile).catch(async (error) => {
    await ftp.stop()
    throw error
  })
  aside.write(introduction(ftp, request, caFile.path))
  aside.write(`${await stopping}: stopping\n`)
  const cut = sessions.size
  await caFile.remove()
  const { transfers } = await ftp.stop()
  aside.write(farewell(cut, transfers, request.options.root === undefined))
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
      // Nobody asks for it here, and it would grow for as long as the program runs.
      ftp.transcript.clear()
    },
  })
  return ftp
}

/** A bad value of the command line, though only the disk can tell. */
function checkDirectory(root: string | undefined): void {
  if (root === undefined || statSync(root, { throwIfNoEntry: false })?.isDirectory()) return
  throw new UsageError(`--directory: no such directory: "${root}"`)
}

/** Resolves with the first signal, or when nobody reads the output any more; another signal ends the process hard. */
function stopRequest(): Promise<string> {
  return new Promise((resolve) => {
    for (const stream of [process.stdout, process.stderr]) stream.on('error', ({ message }) => resolve(message))
    for (const signal of SIGNALS) {
      process.once(signal, () => {
        for (const each of SIGNALS) process.once(each, () => process.exit(130))
        resolve(signal)
      })
    }
  })
}

function farewell(sessions: number, transfers: number, temporary: boolean): string {
  const open = sessions === 0 ? '' : `, ${sessions} open ${sessions === 1 ? 'session' : 'sessions'} cut`
  const running = transfers === 0 ? '' : `, ${transfers} of them in a transfer`
  return `Stopped${open}${running}.${temporary ? ' The temp directory is removed.' : ''}\n`
}
