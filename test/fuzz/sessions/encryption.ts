import type { Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'

/** What a client does where TLS is to begin: all of it, perhaps as one that was here before, or how it gives up. */
export type Handshake = 'whole' | 'resumed' | 'junk' | 'hello' | 'fin' | 'rst'

/** Whether a handshake is one that the client goes through with. */
export function isWhole(handshake: Handshake): boolean {
  return handshake === 'whole' || handshake === 'resumed'
}

/** The first bytes of a ClientHello that says it is longer (RFC 8446 §5.1). */
const CUT_HELLO = Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3])

/** Encrypts a connection as its client; without a socket where that was given up, or was not to be. */
export async function encrypted(
  plain: Socket,
  handshake: Handshake,
  session?: Buffer,
  onSession: (session: Buffer) => void = () => {},
): Promise<TLSSocket | undefined> {
  if (!isWhole(handshake)) {
    // Its end comes only to who reads.
    plain.on('end', () => plain.end()).resume()
    if (handshake === 'rst') plain.resetAndDestroy()
    else if (handshake === 'junk') plain.write('USER somebody\r\n')
    else plain.end(handshake === 'hello' ? CUT_HELLO : '')
    return undefined
  }
  const isKnown = handshake === 'resumed' && session !== undefined
  const socket = connect({ socket: plain, rejectUnauthorized: false, ...(isKnown && { session }) })
  socket.on('error', () => {}).on('session', onSession)
  const isUp = await new Promise<boolean>((resolve) => {
    socket.once('secureConnect', () => resolve(true)).once('close', () => resolve(false))
  })
  // OpenSSL is amid its work here, and Node crashes where the socket is destroyed meanwhile.
  await new Promise(setImmediate)
  return isUp ? socket : undefined
}
