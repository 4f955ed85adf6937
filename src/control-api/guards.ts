import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { Refusal } from './refusal.ts'

/** What requests are held against. */
export interface Admission {
  readonly token: string
  /** The host that the API was told to listen on. */
  readonly host: string
}

/** Throws a `Refusal` for a request that is not from here, or from somebody who does not know the token. */
export function admit(incoming: IncomingMessage, admission: Admission): void {
  checkHost(incoming, admission.host)
  checkOrigin(incoming)
  checkToken(incoming, admission.token)
}

/**
 * A page on the web may have its name resolve to this machine (DNS rebinding): its requests arrive here, but say the
 * name of the page's host.
 */
function checkHost({ headersDistinct, socket }: IncomingMessage, own: string): void {
  // Of several, each reader may take another one (RFC 9112 §3.2).
  const host = headersDistinct.host?.join(', ') ?? ''
  const [, name = '', port = '80'] = /^(\[[\da-f:.%]+\]|[^:[\]]+)(?::(\d+))?$/i.exec(host) ?? []
  const bare = name.replace(/^\[|\]$/g, '').toLowerCase()
  const isOwn = [own.toLowerCase(), 'localhost'].includes(bare) || isLoopback(bare) || bare === local(socket)
  if (isOwn && Number(port) === socket.localPort) return
  throw new Refusal(403, `Host: expected this API's own address, found "${host}"`)
}

function isLoopback(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))
}

/** The address that the connection was made to; one over IPv4 to a socket for both has it in IPv6's form. */
function local({ localAddress = '' }: IncomingMessage['socket']): string {
  return localAddress.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '')
}

/** Browsers say for whom they ask; nobody else does, and no page has any business here. */
function checkOrigin({ headers }: IncomingMessage): void {
  const { host, origin } = headers
  const site = headers['sec-fetch-site']
  if (origin !== undefined && origin !== `http://${host}`) {
    throw new Refusal(403, `Origin: expected none, or this API's own, found "${origin}"`)
  }
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new Refusal(403, `Sec-Fetch-Site: expected none, or this API's own, found "${site}"`)
  }
}

function checkToken({ headers }: IncomingMessage, token: string): void {
  const shown = tokenIn(headers.authorization ?? '')
  if (shown !== undefined && areSame(shown, token)) return
  const found = shown === undefined ? 'no token' : 'another token'
  const message = `Authorization: expected "Bearer" and the token, or "Basic" with it as password, found ${found}`
  throw new Refusal(401, message, {
    'WWW-Authenticate': 'Bearer realm="ftp-fixture", Basic realm="ftp-fixture"',
  })
}

/** The token that somebody shows, as a bearer of it or as the password of any user. */
function tokenIn(authorization: string): string | undefined {
  const [, scheme = '', credentials = ''] = /^(Bearer|Basic) +(\S+)$/i.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return credentials
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? []
  return password
}

/** Takes the same time wherever the first difference is. */
function areSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
