import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, createServer, type SecureContext, type Server } from 'node:tls'
import { isDeepStrictEqual } from 'node:util'
import { invalidOption, naming } from '../options/check.ts'
import { isContext, type ResolvedTlsOptions } from './tls-options.ts'

/** Sessions kept for clients that resume them by id. */
const MAX_SESSIONS = 1000

/** What a context is made of. */
interface Material extends Pick<ResolvedTlsOptions, 'sslProtocol' | 'sslOptions'> {
  readonly cert: Buffer
  readonly key: Buffer
  /** The options that the two come from. */
  readonly origin: string
}

/** What all TLS connections of a server share: the context of its files, and the sessions to resume. */
export class TlsContext {
  readonly #resumption = sessionStore()
  #material: Material | undefined
  #made: SecureContext | undefined

  /** A `tls.Server` that never listens: sockets ask it for the sessions that TLS 1.2 clients resume by id. */
  get server(): Server {
    return this.#resumption
  }

  /**
   * Takes options over; throws `FtpFixtureError` for those that will not do. Files are read again each time, since they
   * may have been renewed; where nothing has changed, the context stays, and clients can resume their sessions.
   */
  prepare(options: ResolvedTlsOptions): void {
    if (options.sslContext !== undefined) return void this.for('', options)
    const material = readMaterial(options)
    if (isDeepStrictEqual(material, this.#material)) return
    this.#made = contextFrom(material)
    this.#material = material
  }

  /** The context for a name that a client asks for, '' for none; throws what a function that picks one throws. */
  for(servername: string, { sslContext }: ResolvedTlsOptions): SecureContext {
    if (typeof sslContext === 'function') {
      return isContext(
        naming('sslContext', () => sslContext(servername)),
        `sslContext('${servername}')`,
      )
    }
    const context = sslContext ?? this.#made
    if (context === undefined) throw new Error('no context before the options were taken over')
    return context
  }
}

function readMaterial({ certfile, keyfile, sslProtocol, sslOptions }: ResolvedTlsOptions): Material {
  if (certfile === undefined) throw invalidOption('certfile', certfile, 'a file with a certificate, or sslContext')
  const cert = read('certfile', certfile, 'a certificate', (pem) => new X509Certificate(pem))
  const [option, file] = keyfile === undefined ? (['certfile', certfile] as const) : (['keyfile', keyfile] as const)
  const key = read(option, file, 'a private key that needs no password', createPrivateKey)
  return { cert, key, sslProtocol, sslOptions, origin: keyfile === undefined ? 'certfile' : 'certfile and keyfile' }
}

/** What a file holds, which has to have something in it; OpenSSL does not say of which file it complains. */
function read(option: string, file: string, content: string, parse: (pem: Buffer) => unknown): Buffer {
  const pem = naming(option, () => readFileSync(file))
  try {
    parse(pem)
  } catch {
    throw invalidOption(option, file, `a PEM file with ${content} in it`)
  }
  return pem
}

function contextFrom({ cert, key, sslProtocol, sslOptions, origin }: Material): SecureContext {
  return naming(origin, () =>
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
