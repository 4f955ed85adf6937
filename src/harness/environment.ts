import type { FtpHandle } from '../fixture/handle.ts'

/** Where a control API is, and what it wants to be told first. */
export interface ControlAddress {
  readonly url: string
  readonly token: string
}

/** What clients need to know of a server. */
export type ServerAddress = Pick<FtpHandle, 'url' | 'host' | 'port' | 'username' | 'password' | 'root'>

/** What a client, or a test in another process, finds in its environment: `FTP_URL` and the like, those there are. */
export function clientEnvironment(
  ftp: ServerAddress,
  control?: ControlAddress,
  caFile?: string,
): Record<string, string> {
  return {
    FTP_URL: ftp.url,
    FTP_HOST: ftp.host,
    FTP_PORT: String(ftp.port),
    FTP_USER: ftp.username,
    FTP_PASSWORD: ftp.password,
    FTP_ROOT: ftp.root,
    ...(control && { FTP_CONTROL_URL: control.url, FTP_CONTROL_TOKEN: control.token }),
    ...(caFile !== undefined && { FTP_CA_FILE: caFile }),
  }
}
