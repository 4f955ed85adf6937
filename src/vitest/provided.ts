import type { StartFtpServerOptions } from '../fixture/options.ts'

/** The server that tests share, as `inject('ftp')` gives it. */
export interface ProvidedFtp {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string
  /** The certificate to trust, in PEM; there with `tls: true`. */
  readonly ca?: string
  /** The directory served. */
  readonly root: string
  /** Where its control API is, with the token in it: what `connectFtpServer` takes. */
  readonly controlUrl: string
}

declare module 'vitest' {
  interface ProvidedContext {
    ftp: ProvidedFtp
    /** How servers are started, from `test.provide` of vitest's config; what can be sent to another process. */
    ftpOptions: StartFtpServerOptions
  }
}
