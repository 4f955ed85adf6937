import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import type { StartFtpServerOptions } from '../fixture/options.ts'
import { startFtpServer } from '../fixture/start.ts'
import { version } from '../servers/version.ts'
import { LiveView } from './live-view.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Serves until it is asked to stop, showing what clients do; gives the exit status. */
export async function serve(options: StartFtpServerOptions, serves: string): Promise<number> {
  const stopping = stopRequest()
  const view = new LiveView(process.stdout.isTTY === true && process.env.NO_COLOR === undefined)
  const ftp: FtpFixture = await startFtpServer({
    ...options,
    onEvent: (event) => {
      process.stdout.write(view.format(event))
      // Nobody asks for it here, and it would grow for as long as the program runs.
      ftp.transcript.clear()
    },
  })
  process.stdout.write(introduction(ftp, serves))
  process.stdout.write(`${await stopping}: stopping\n`)
  const { sessions, transfers } = await ftp.stop()
  const cut =
    sessions === 0
      ? ''
      : `, ${sessions} open ${sessions === 1 ? 'session' : 'sessions'} and ${transfers} running ${transfers === 1 ? 'transfer' : 'transfers'} cut`
  process.stdout.write(`Stopped${cut}.${options.root === undefined ? ' The temp directory is removed.' : ''}\n`)
  return 0
}

/** Resolves with the first signal, or when nobody reads the output any more; another signal ends the process hard. */
function stopRequest(): Promise<string> {
  return new Promise((resolve) => {
    process.stdout.on('error', ({ message }) => resolve(message))
    for (const signal of SIGNALS) {
      process.once(signal, () => {
        for (const each of SIGNALS) process.once(each, () => process.exit(130))
        resolve(signal)
      })
    }
  })
}

function introduction(ftp: FtpFixture, serves: string): string {
  return `ftp-fixture ${version}

  URL        ${ftp.url}
  user       ${ftp.username}
  password   ${ftp.password}
  files      ${serves}, in ${ftp.root}

Try:  curl ${ftp.url}/
Stop: Ctrl-C

`
}
