import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { StartFtpServerOptions } from '../fixture/options.ts'
import { FtpFixtureError, type FtpFixtureErrorCode } from '../options/error.ts'
import { type SharedAddress, type SharedServer, startSharedServer } from './shared-server.ts'

/** What the thread of the server is asked for. */
export type Asked = 'renew' | 'stop'

/** What it answers to its start and to each thing it is asked for. */
export type Told = SharedAddress | 'done' | { readonly code: FtpFixtureErrorCode; readonly message: string }

if (parentPort !== null) void serve(parentPort, workerData as StartFtpServerOptions)

async function serve(port: MessagePort, options: StartFtpServerOptions): Promise<void> {
  const tell = (told: Told) => port.postMessage(told)
  try {
    const server = await startSharedServer(options)
    port.on('message', async (asked: Asked) => {
      tell(await answerTo(asked, server))
      if (asked === 'stop') port.close()
    })
    tell(server.address)
  } catch (error) {
    tell(failure(error))
  }
}

async function answerTo(asked: Asked, server: SharedServer): Promise<Told> {
  try {
    await server[asked]()
    return 'done'
  } catch (error) {
    return failure(error)
  }
}

function failure(error: unknown): Told {
  if (error instanceof FtpFixtureError) return { code: error.code, message: error.message }
  return { code: 'ERR_SESSION_FAILED', message: `the shared server failed: ${(error as Error).message}` }
}
