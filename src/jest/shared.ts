import type { StartFtpServerOptions } from '../fixture/options.ts'
import { clientEnvironment } from '../harness/environment.ts'
import type { SharedAddress } from '../harness/shared-server.ts'
import { startSharedThread } from '../harness/shared-thread.ts'
import { type TemporaryFile, temporaryFile } from '../harness/temporary-file.ts'

/** Ends what the setup has started. jest calls setup and teardown in one process, and hands nothing from one to the other. */
let end: (() => Promise<void>) | undefined

/**
 * Starts a server that is known by the environment, which jest's workers inherit. It has a thread of its own: with one
 * test file, or `--runInBand`, jest runs the tests in the thread of the setup, where they could not wait for a server.
 */
export async function startShared(options: StartFtpServerOptions): Promise<void> {
  const { address, stop } = await startSharedThread(options)
  let file: TemporaryFile | undefined
  try {
    file = await caFile(address)
  } catch (error) {
    await stop().catch(() => {})
    throw error
  }
  const variables = clientEnvironment(address, address.control, file?.path)
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, variables)
  end = async () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    await Promise.all([stop(), file?.remove()])
  }
}

/** Ends what was started, if anything was. */
export async function endShared(): Promise<void> {
  const ending = end
  end = undefined
  await ending?.()
}

async function caFile({ ca }: SharedAddress): Promise<TemporaryFile | undefined> {
  return ca === undefined ? undefined : temporaryFile('ca.pem', ca)
}
