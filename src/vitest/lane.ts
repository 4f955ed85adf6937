import { randomInt } from 'node:crypto'
import { test as base, inject, type TestAPI } from 'vitest'
import { connectFtpServer } from '../control-api/client/connect.ts'
import type { RemoteFtpServer } from '../control-api/client/remote-ftp-server.ts'
import { FtpFixtureError } from '../options/error.ts'
import { explainFailure } from './failure.ts'
import type { ProvidedFtp } from './provided.ts'

/** What tests are given that share the server of `ftp-fixture/vitest/global-setup`. */
export interface Lane {
  /** A part of the shared server for this test alone: with a user, home, rules and transcript of its own. */
  ftp: RemoteFtpServer
  /** The shared server, whole. */
  sharedFtp: RemoteFtpServer
}

/** Attempts at a test have lanes of their own. */
const MOST_LANES = 10 ** 9
const MOST_CHARACTERS = 64

/** vitest's `test` with a lane of the shared server for each test, as `ftp`. */
export const laneTest: TestAPI<Lane> = base.extend<Lane>({
  sharedFtp: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads from here which fixtures this one takes
    async ({}, use) => {
      const server = await connectFtpServer(controlUrl())
      await use(server)
      await server.stop()
    },
    { scope: 'worker' },
  ],
  ftp: async ({ sharedFtp, onTestFailed, task }, use) => {
    const lane = await sharedFtp.lane(laneName(task.name))
    onTestFailed(({ task }) => explainFailure(task, lane.transcript.events))
    await use(lane)
    // Its transcript stays, for a failure to be explained.
    await lane.stop()
  },
})

/** Warnings and records of the server name the lane: it says which test it is of. */
function laneName(test: string): string {
  const words = test.toLowerCase().match(/[a-z0-9]+/g) ?? []
  return ['lane', randomInt(MOST_LANES), ...words].join('-').slice(0, MOST_CHARACTERS)
}

function controlUrl(): string {
  const provided = inject('ftp') as ProvidedFtp | undefined
  if (provided !== undefined) return provided.controlUrl
  const message = "laneTest: there is no server to share; globalSetup: 'ftp-fixture/vitest/global-setup' starts one"
  throw new FtpFixtureError('ERR_CONTROL_FAILED', message)
}
