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

type Live = 'handler' | 'authorizer' | 'abstractedFs' | 'dtpHandler' | 'onEvent' | 'sslContext'

/** The options that are data, as what a config provides has to be: it is sent to other processes. */
export interface ProvidedOptions extends Omit<StartFtpServerOptions, Live | 'scenario'> {
  /** A scenario by its name, in a file, or as data. */
  scenario?: string | object
}

declare module 'vitest' {
  interface ProvidedContext {
    ftp: ProvidedFtp
    /** How servers are started, from `test.provide` of vitest's config. */
    ftpOptions: ProvidedOptions
  }
}
