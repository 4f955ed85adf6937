import { type ConnectOptions, controlAddress } from './address.ts'
import type { RemoteFtpServer } from './remote-ftp-server.ts'

/**
 * Takes hold of a server that runs in another process or thread, by the URL of its control API. Without a URL, what
 * `FTP_CONTROL_URL` and `FTP_CONTROL_TOKEN` of the environment say counts. Throws `ERR_CONTROL_FAILED` where there is
 * no such API, and where the token is wrong.
 *
 * @example
 * await using ftp = await connectFtpServer('http://127.0.0.1:49321', { token })
 * ftp.use('abort-download-midway')
 */
export async function connectFtpServer(url?: string | URL, options: ConnectOptions = {}): Promise<RemoteFtpServer> {
  const address = controlAddress(url, options, process.env)
  const { holdOn } = await import('./hold.ts')
  return holdOn(address)
}
