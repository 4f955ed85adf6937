import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import { asyncDispose } from '../options/async-dispose.ts'
import { type ControlApiOptions, resolveControlApiOptions } from './options.ts'
import { Service } from './service.ts'

/** A control API that is being served. */
export interface ControlApi {
  /** `http://127.0.0.1:PORT`, without the token. */
  readonly url: string
  /** What requests have to show. */
  readonly token: string
  /** `http://ftp:TOKEN@127.0.0.1:PORT`, for those who take a URL only. */
  readonly urlWithToken: string
  /** Frees the port and ends all requests; a second call gives the same promise. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Serves a fixture over HTTP, to programs in other processes and languages. It closes with the fixture. Throws
 * `FtpFixtureError` for an option that is wrong, and when the address cannot be listened on.
 */
export async function startControlApi(ftp: FtpFixture, options: ControlApiOptions = {}): Promise<ControlApi> {
  const { host, port, token, maxBody } = resolveControlApiOptions(options)
  const { listenerFor } = await import('./app.ts')
  const { HttpServer } = await import('./http-server.ts')
  const service = new Service(ftp, maxBody)
  const listener = listenerFor({ service, admission: { token, host }, server: () => server })
  const server = new HttpServer(service.ioloop, listener, maxBody)
  const address = await server.listen(host, port)
  const url = `http://${reachable(address.address)}:${address.port}`
  service.api = url
  const end = async () => {
    service.endWaiting()
    await server.close()
    service.close()
  }
  let closed: Promise<void> | undefined
  const close = async () => {
    closed ??= end()
    await closed
  }
  try {
    ftp.endWith(close)
  } catch (error) {
    await close()
    throw error
  }
  return {
    url,
    token,
    urlWithToken: url.replace('//', `//ftp:${encodeURIComponent(token)}@`),
    close,
    [asyncDispose]: close,
  }
}

/** How a URL says an address; one that means all is reached at the machine's own. */
function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1'
  return address.includes(':') ? `[${address === '::' ? '::1' : address}]` : address
}
