import path from 'node:path'
import { test as base, expect, type TestAPI } from 'vitest'
import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import { recordFromNow } from '../harness/failure.ts'
import { startTestServer } from '../harness/test-server.ts'
import { explainFailure } from './failure.ts'
import type { OwnServer } from './own-server.ts'
import { warnOf } from './warning.ts'

/** What tests are given that share a server with the others of their file, and their `beforeAll` and `afterAll` too. */
export type FileServer = OwnServer & { readonly $__file?: OwnServer }

/** vitest's `test` with one server for all tests of a file, as `ftp`; it is started when the first of them takes it. */
export const fileTest: TestAPI<FileServer> = withFileServer()

function withFileServer(): TestAPI<FileServer> {
  // Of the file that is running: a worker runs one after the other.
  let running: FtpFixture | undefined
  const extended = base.extend<OwnServer & { dialogueOfFailure: undefined }>({
    ftpOptions: [{}, { scope: 'file', injected: true }],
    ftp: [
      async ({ ftpOptions }, use) => {
        const sources = [{ name: 'ftpOptions', options: ftpOptions }]
        const { testPath } = expect.getState()
        const file = testPath && path.relative(process.cwd(), testPath)
        const { ftp, stop } = await startTestServer(sources, (message) => warnOf(file, message))
        running = ftp
        await use(ftp)
        running = undefined
        await stop()
      },
      { scope: 'file' },
    ],
    // It takes no `ftp`, which would start a server for tests that want none.
    dialogueOfFailure: [
      async ({ onTestFailed }, use) => {
        const recorded = running && recordFromNow(running)
        onTestFailed(({ task }) => explainFailure(task, recorded?.() ?? running?.transcript.events ?? []))
        await use(undefined)
      },
      { auto: true },
    ],
  })
  // What is here for its effect alone is nothing that tests should see.
  return extended as unknown as TestAPI<FileServer>
}
