import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import type { StartFtpServerOptions } from '../fixture/options.ts'
import { startFtpServer } from '../fixture/start.ts'
import type { ControlAddress, ServerAddress } from './environment.ts'

/** How clients, and tests in other processes, get at a server that they share. */
export interface SharedAddress extends ServerAddress {
  readonly ca: string | undefined
  readonly control: ControlAddress & { readonly urlWithToken: string }
}

/** A server for all tests of a run, with a control API. */
export interface SharedServer {
  readonly address: SharedAddress
  /** Makes it what it was at the start, for the tests to be run again. */
  renew(): Promise<void>
  stop(): Promise<void>
}

/** Starts a server for tests to share, and its control API, in this thread. */
export async function startSharedServer(
  options: StartFtpServerOptions,
): Promise<SharedServer & { readonly ftp: FtpFixture }> {
  const ftp = await startFtpServer(options)
  const { startControlApi } = await import('../control-api/start.ts')
  try {
    const { url: controlUrl, token, urlWithToken } = await startControlApi(ftp)
    const { url, host, port, username, password, ca, root } = ftp
    const control = { url: controlUrl, token, urlWithToken }
    return {
      ftp,
      address: { url, host, port, username, password, ca, root, control },
      renew: () => renew(ftp, options),
      stop: async () => void (await ftp.stop()),
    }
  } catch (error) {
    await ftp.stop().catch(() => {})
    throw error
  }
}

async function renew(ftp: FtpFixture, { scenario, root }: StartFtpServerOptions): Promise<void> {
  await Promise.all([...ftp.lanes.values()].map((lane) => lane.stop()))
  await Promise.all(ftp.sessions.map(({ session }) => ftp.kick(session)))
  if (scenario === undefined) ftp.reset()
  else ftp.use(scenario)
  // A directory of the user's stays as it is.
  if (root === undefined) await ftp.files.reset()
  ftp.transcript.clear()
}
