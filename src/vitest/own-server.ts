import { test as base, type TestAPI } from 'vitest'
import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import type { StartFtpServerOptions } from '../fixture/options.ts'
import { startTestServer } from '../harness/test-server.ts'
import { explainFailure } from './failure.ts'
import { warnOf } from './warning.ts'

/** What tests with a server of their own are given. */
export interface OwnServer {
  /** The server; it is started when a test takes it. */
  ftp: FtpFixture
  /** How it is started. Default: `test.provide.ftpOptions` of vitest's config. */
  ftpOptions: StartFtpServerOptions
}

/** vitest's `test` with a server for each test, as `ftp`; `test.override({ ftpOptions: { … } })` says how it is started. */
export const test: TestAPI<OwnServer> = base.extend<OwnServer>({
  ftpOptions: [{}, { injected: true }],
  ftp: async ({ ftpOptions, onTestFailed, task: { fullName } }, use) => {
    const sources = [{ name: 'ftpOptions', options: ftpOptions }]
    const { ftp, stop } = await startTestServer(sources, (message) => warnOf(fullName, message))
    onTestFailed(({ task }) => explainFailure(task, ftp.transcript.events))
    await use(ftp)
    await stop()
  },
})
