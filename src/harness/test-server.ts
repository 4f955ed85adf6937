import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import { startWithoutWarnings } from '../fixture/start.ts'
import { type OptionSource, startFrom } from './sources.ts'

/** A server of a test or a test file, and its end. */
export interface TestServer {
  readonly ftp: FtpFixture
  stop(): Promise<void>
}

/** Starts a server; `warn` is told of rules that never applied, as it knows which test that concerns. */
export async function startTestServer(
  sources: readonly OptionSource[],
  warn: (message: string) => void,
): Promise<TestServer> {
  let isLogged = false
  const ftp = await startFrom(sources, (options) => {
    isLogged = options.log !== undefined
    return startWithoutWarnings(options)
  })
  const stop = async () => {
    const { unfired } = await ftp.stop()
    if (!isLogged) for (const message of unfired) warn(message)
  }
  return { ftp, stop }
}
