import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { StartFtpServerOptions } from '../fixture/options.ts'
import { FtpFixtureError } from '../options/error.ts'
import { portableOptions } from './portable-options.ts'
import type { Asked, Told } from './server-thread.ts'
import type { SharedAddress, SharedServer } from './shared-server.ts'

/** The file that the thread runs: beside this one, in both forms of the package. */
const THREAD = new URL(import.meta.url.replace(/[^/]+(\.\w+)$/, 'server-thread$1'))

/**
 * Starts a server for tests to share in a thread of its own: that of the runner is busy, and has to wait for the server
 * where it runs tests itself. Throws for options that are more than data.
 */
export async function startSharedThread(options: StartFtpServerOptions): Promise<SharedServer> {
  const thread = new Worker(THREAD, { name: 'FTP server', workerData: portableOptions(options) })
  const address = (await answerOf(thread)) as SharedAddress
  const ask = async (asked: Asked) => {
    thread.postMessage(asked)
    await answerOf(thread)
  }
  return { address, renew: () => ask('renew'), stop: () => ask('stop') }
}

/** While nothing is asked of it, the thread does not keep a run from ending without its teardown. */
async function answerOf(thread: Worker): Promise<Told> {
  thread.ref()
  const [told] = (await once(thread, 'message')) as [Told]
  thread.unref()
  if (typeof told === 'object' && 'code' in told) throw new FtpFixtureError(told.code, told.message)
  return told
}
