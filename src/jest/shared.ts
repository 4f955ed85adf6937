import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { StartFtpServerOptions } from '../fixture/options.ts'
import { FtpFixtureError } from '../options/error.ts'
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
  const thread = new Worker(THREAD, { name: 'FTP server', workerData: portable(options) })
  // A run that ends without its teardown is not to be kept from that.
  thread.unref()
  const { variables } = await answerOf(thread)
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, variables)
  end = async () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    thread.ref()
    const ended = answerOf(thread)
    thread.postMessage('stop')
    await ended
  }
}

/** Ends what was started, if anything was. */
export async function endShared(): Promise<void> {
  const ending = end
  end = undefined
  await ending?.()
}

async function answerOf(thread: Worker): Promise<{ readonly variables: Record<string, string> }> {
  thread.ref()
  const [told] = (await once(thread, 'message')) as [Told]
  thread.unref()
  if ('variables' in told) return told
  throw new FtpFixtureError(told.code, told.message)
}

/** The options as another thread can take them. */
function portable(options: StartFtpServerOptions): StartFtpServerOptions {
  const entries = Object.entries(options).map(([name, value]: [string, unknown]) => {
    if (value instanceof URL) return [name, fileURLToPath(value)]
    try {
      return [name, structuredClone(value)]
    } catch {
      const message = `${name}: expected data, found a function in it: the server that tests share runs in another thread`
      throw new FtpFixtureError('ERR_OPTION_INVALID', message)
    }
  })
  return Object.fromEntries(entries)
}
