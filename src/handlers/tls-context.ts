import { readFileSync } from 'node:fs'
import { createSecureContext, createServer, type SecureContext, type Server } from 'node:tls'
import { invalidOption, naming } from '../options/check.ts'
import type { ResolvedTlsOptions } from './tls-options.ts'

/** Sessions kept for clients that resume them by id. */
const MAX_SESSIONS = 1000

/** What all TLS connections of a server share: the context, made when it is first needed, and the sessions to resume. */
export class TlsContext {
  readonly #resumption = sessionStore()
  #madeFrom: ResolvedTlsOptions | undefined
  #made: SecureContext | undefined

  /** A `tls.Server` that never listens: sockets ask it for the sessions that TLS 1.2 clients resume by id. */
  get server(): Server {
    return this.#resumption
  }

  /** The context for a name that a client asks for, '' for none; throws `FtpFixtureError` for files that will not do. */
  for(servername: string, options: ResolvedTlsOptions): SecureContext {
    const { sslContext } = options
    if (typeof sslContext === 'function') return sslContext(servername)
    return sslContext ?? this.#fromFiles(options)
  }

  #fromFiles(options: ResolvedTlsOptions): SecureContext {
    if (this.#made === undefined || this.#madeFrom === undefined || !sameMaterial(options, this.#madeFrom)) {
      this.#made = contextFromFiles(options)
      this.#madeFrom = options
    }
    return this.#made
  }
}

function sameMaterial(one: ResolvedTlsOptions, other: ResolvedTlsOptions): boolean {
  return (['certfile', 'keyfile', 'sslProtocol', 'sslOptions'] as const).every((name) => one[name] === other[name])
}

function contextFromFiles({ certfile, keyfile, sslProtocol, sslOptions }: ResolvedTlsOptions): SecureContext {
  if (certfile === undefined) throw invalidOption('certfile', certfile, 'a file with a certificate, or sslContext')
  const cert = naming('certfile', () => readFileSync(certfile))
  const key = keyfile === undefined ? cert : naming('keyfile', () => readFileSync(keyfile))
  return naming(keyfile === undefined ? 'certfile' : 'certfile and keyfile', () =>
    createSecureContext({
      cert,
      key,
      secureOptions: sslOptions,
      ...(sslProtocol?.min && { minVersion: sslProtocol.min }),
      ...(sslProtocol?.max && { maxVersion: sslProtocol.max }),
    }),
  )
}

function sessionStore(): Server {
  const sessions = new Map<string, Buffer>()
  const server = createServer()
  server.on('newSession', (id: Buffer, session: Buffer, done: () => void) => {
    sessions.set(id.toString('hex'), session)
    const [oldest] = sessions.keys()
    if (sessions.size > MAX_SESSIONS && oldest !== undefined) sessions.delete(oldest)
    done()
  })
  server.on('resumeSession', (id: Buffer, done: (error: Error | null, session: Buffer | null) => void) => {
    done(null, sessions.get(id.toString('hex')) ?? null)
  })
  return server
}
