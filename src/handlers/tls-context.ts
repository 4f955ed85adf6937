import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, createServer, type SecureContext, type Server } from 'node:tls'
import { isDeepStrictEqual } from 'node:util'
import { invalidOption, naming } from '../options/check.ts'
import { type ContextChoice, contextSettings, isContext, type ResolvedTlsOptions } from './tls-options.ts'

/** Sessions kept for clients that resume them by id. */
const MAX_SESSIONS = 1000

/** What a context is made of. */
interface Material extends Pick<ResolvedTlsOptions, 'sslProtocol' | 'sslOptions'> {
  readonly cert: Buffer
  readonly key: Buffer
  /** The options that the two come from. */
  readonly origin: string
}

/** What connections are encrypted by: a context of files, or what the options give in its place. */
interface Choice {
  readonly context: ContextChoice
  /** What the context was made of. */
  readonly material?: Material
}

/** What all TLS connections of a server share: the context, and the sessions to resume. */
export class TlsContext {
  #resumption = sessionStore()
  #choice: Choice | undefined
  #prepared: (Choice & { readonly options: ResolvedTlsOptions }) | undefined
  #isMarked = false

  /** A `tls.Server` that never listens: sockets ask it for the sessions that TLS 1.2 clients resume by id. */
  get server(): Server {
    return this.#resumption
  }

  /**
   * Makes ready for options; throws `FtpFixtureError` for those that will not do. Files are read again each time, since
   * they may have been renewed; where nothing has changed, the context stays, and clients can resume their sessions.
   */
  prepare(options: ResolvedTlsOptions): void {
    this.#prepared = { ...this.#choiceFor(options), options }
  }

  /** Goes by options from here on; by what was there before, where nothing was made ready for them. */
  install(options: ResolvedTlsOptions): void {
    if (this.#prepared?.options !== options) return
    const { context, material } = this.#prepared
    this.#prepared = undefined
    if (this.#choice && this.#choice.context !== context) this.#resumption = sessionStore()
    this.#choice = { context, ...(material && { material }) }
  }

  /** The context for a name that a client asks for, '' for none; throws what a function that picks one throws. */
  for(servername: string, options: ResolvedTlsOptions): SecureContext {
    if (this.#choice === undefined) throw new Error('no context before the options were taken over')
    return contextOf(this.#choice.context, servername, options)
  }

  /**
   * Has the next connection over a context resume sessions of the same mark and no others: OpenSSL compares the contexts
   * of sessions, which a connection takes over when it begins. Nothing is touched before there is a first mark.
   */
  mark(context: SecureContext, mark: string): SecureContext {
    if (mark === '' && !this.#isMarked) return context
    this.#isMarked = true
    // Not of Node's documented interface: where it is missing, a session of any control connection will do.
    context.context.setSessionIdContext?.(mark)
    return context
  }

  #choiceFor(options: ResolvedTlsOptions): Choice {
    const { sslContext } = options
    if (sslContext !== undefined) {
      contextOf(sslContext, '', options)
      return { context: sslContext }
    }
    const material = readMaterial(options)
    if (this.#choice && isDeepStrictEqual(material, this.#choice.material)) return this.#choice
    return { context: contextFrom(material), material }
  }
}

function contextOf(context: ContextChoice, servername: string, options: ResolvedTlsOptions): SecureContext {
  if (typeof context !== 'function') return context
  return isContext(
    naming('sslContext', () => context(servername, contextSettings(options))),
    `sslContext('${servername}')`,
  )
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

function contextFrom(material: Material): SecureContext {
  const { cert, key, origin } = material
  return naming(origin, () => createSecureContext({ cert, key, ...contextSettings(material) }))
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
