import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { StartFtpServerOptions } from '../fixture/options.ts'
import { FtpFixtureError } from '../options/error.ts'
import { portableOptions } from './portable-options.ts'
import type { Told } from './server-thread.ts'

/** The file that the thread runs: beside this one, in both forms of the package. */
const THREAD = new URL(import.meta.url.replace(/[^/]+(\.\w+)$/, 'server-thread$1'))

/** Ends what the setup has started. jest calls setup and teardown in one process, and hands nothing from one to the other. */
let end: (() => Promise<void>) | undefined

/**
 * Starts a server that is known by the environment, which jest's workers inherit. It has a thread of its own: with one
 * test file, or `--runInBand`, jest runs the tests in the thread of the setup, where they could not wait for a server.
 */
export async function startShared(options: StartFtpServerOptions): Promise<void> {
  const thread = new Worker(THREAD, { name: 'FTP server', workerData: portableOptions(options) })
  const { variables } = await answerOf(thread)
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, variables)
  end = async () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    thread.postMessage('stop')
    await answerOf(thread)
  }
}

/** Ends what was started, if anything was. */
export async function endShared(): Promise<void> {
  const ending = end
  end = undefined
  await ending?.()
}

/** While nothing is asked of it, the thread does not keep a run from ending without its teardown. */
async function answerOf(thread: Worker): Promise<{ readonly variables: Record<string, string> }> {
  thread.ref()
  const [told] = (await once(thread, 'message')) as [Told]
  thread.unref()
  if ('variables' in told) return told
  throw new FtpFixtureError(told.code, told.message)
}
