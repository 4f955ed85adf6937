import { generateKeyPairSync } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { ContextSettings } from '../handlers/tls-options.ts'
import { IOLoop } from '../ioloop/ioloop.ts'
import type { Flaw } from './flaw.ts'
import { makeCertificate } from './x509.ts'

const AUTHORITY = 'ftp-fixture throw-away CA'
const STRANGER = 'ftp-fixture CA that nobody trusts'
/** The name on a certificate for somebody else (RFC 2606 §2: nobody has it). */
const WRONG_NAME = 'somebody-else.invalid'
const DAY_MS = 24 * 60 * 60 * 1000
/** Certificates kept, one for each name that clients ask for. */
const MAX_CONTEXTS = 100

interface Validity {
  readonly notBefore: Date
  readonly notAfter: Date
}

/** An authority that lives as long as a fixture: it signs certificates for its server, and clients are told to trust it. */
export class CertificateAuthority {
  /** Its own certificate, in PEM: what a client has to trust. */
  readonly certificate: string
  readonly #name: string
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  readonly #hosts: readonly string[]
  readonly #contexts = new Map<string, SecureContext>()
  #stranger: CertificateAuthority | undefined

  constructor(hosts: readonly string[], name: string = AUTHORITY) {
    this.#name = name
    this.#hosts = hosts
    const { publicKey, privateKey } = this.#keys
    const names = { subject: name, issuer: name }
    this.certificate = makeCertificate({ ...names, publicKey, signedBy: privateKey, ...validity() })
  }

  /**
   * The context to show for a name that a client asks for ('' for none), with a certificate made at the first time; with
   * a flaw in it where one is asked for.
   */
  contextFor(servername: string, settings: ContextSettings = {}, flaw?: Flaw): SecureContext {
    if (flaw === 'other-authority') {
      this.#stranger ??= new CertificateAuthority(this.#hosts, STRANGER)
      return this.#stranger.contextFor(servername, settings)
    }
    const key = JSON.stringify([servername, settings, flaw])
    const known = this.#contexts.get(key)
    if (known) return known
    const hosts = servername === '' ? this.#hosts : [...new Set([servername, ...this.#hosts])]
    const context = createSecureContext({ ...settings, ...this.#sign(hosts, flaw) })
    if (this.#contexts.size < MAX_CONTEXTS) this.#contexts.set(key, context)
    return context
  }

  /** A certificate for its server with the chain and the key, in PEM: for those who can be given a file and no context. */
  makePem(): string {
    const { cert, key } = this.#sign(this.#hosts)
    return cert + key
  }

  #sign(right: readonly string[], flaw?: Flaw): { readonly cert: string; readonly key: string } {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const hosts = flaw === 'wrong-name' ? [WRONG_NAME] : right
    const subject = hosts[0] ?? 'localhost'
    const content = { subject, publicKey, hosts, ...validity(flaw) }
    const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
    if (flaw === 'self-signed')
      return { cert: makeCertificate({ ...content, issuer: subject, signedBy: privateKey }), key }
    const signed = makeCertificate({ ...content, issuer: this.#name, signedBy: this.#keys.privateKey })
    return { cert: signed + this.certificate, key }
  }
}

/** Generous on both sides, since clocks differ; not beyond what Apple's clients accept for a server (825 days). */
function validity(flaw?: Flaw): Validity {
  // The clients' time counts, not the server's: that may be a test's.
  const nowMs = new IOLoop().now()
  const [from, to] = flaw === 'expired' ? [-365, -1] : flaw === 'not-yet-valid' ? [1, 365] : [-1, 365]
  return { notBefore: new Date(nowMs + from * DAY_MS), notAfter: new Date(nowMs + to * DAY_MS) }
}
