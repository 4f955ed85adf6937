import { once } from 'node:events'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { StartFtpServerOptions } from '../fixture/options.ts'
import { caFile } from '../harness/ca-file.ts'
import { clientEnvironment } from '../harness/environment.ts'
import { startSharedServer } from '../harness/shared-server.ts'
import { FtpFixtureError, type FtpFixtureErrorCode } from '../options/error.ts'

/** What the thread of the server tells that of the setup: how to get at the server, or what went wrong. */
export type Told =
  | { readonly variables: Record<string, string> }
  | { readonly code: FtpFixtureErrorCode; readonly message: string }

if (parentPort !== null) void serve(parentPort, workerData as StartFtpServerOptions)

async function serve(port: MessagePort, options: StartFtpServerOptions): Promise<void> {
  const tell = (told: Told) => port.postMessage(told)
  try {
    const { ftp, control, stop } = await startSharedServer(options)
    const ca = ftp.ca === undefined ? undefined : await caFile(ftp.ca)
    const asked = once(port, 'message')
    tell({ variables: clientEnvironment(ftp, control, ca?.path) })
    await asked
    await ca?.remove()
    await stop()
    tell({ variables: {} })
  } catch (error) {
    tell(told(error))
  }
  port.close()
}

function told(error: unknown): Told {
  if (error instanceof FtpFixtureError) return { code: error.code, message: error.message }
  return { code: 'ERR_SESSION_FAILED', message: `the shared server failed: ${(error as Error).message}` }
}
