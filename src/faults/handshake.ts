import type { Socket } from 'node:net'
import { HandshakeError } from '../handlers/error-reply.ts'
import { fault } from './fault.ts'
import { hangUp, leaveAlone } from './plain-sockets.ts'
import { durationOrForever, ending, lasting } from './shapes.ts'

/**
 * A TLS handshake that is not answered, or ends behind the ClientHello. The server's own limit, `tlsHandshakeTimeout`,
 * counts all the same: only where it is 0 does a client wait for ever.
 */
export const handshake = fault({
  name: 'handshake',
  does: 'Leaves the ClientHello unanswered for a while, or ends the connection behind it by FIN or RST.',
  needs: 'handshake',
  schema: (z) => {
    const on = z
      .enum(['control', 'data'])
      .optional()
      .meta({ description: 'The connection whose handshake it is. Default: either.' })
    const stall = durationOrForever(z).meta({ description: 'How long the ClientHello is left unanswered.' })
    const cut = ending(z).meta({ description: 'How the connection ends behind the ClientHello.' })
    return z.union([z.strictObject({ stall, on }), z.strictObject({ cut, on })])
  },
  narrowed: ({ on }) => (on === undefined ? 'handshake' : `${on}-handshake`),
  seams: (how, exchange) => ({
    async securing(plain, connection) {
      if ('stall' in how) {
        exchange.note(`handshake of the ${connection} connection left alone ${lasting(how.stall)}`)
        return leaveAlone(plain, how.stall, exchange)
      }
      if (!(await hello(plain))) throw new HandshakeError()
      exchange.note(`${connection} connection ended by ${how.cut.toUpperCase()} behind the ClientHello`)
      await hangUp(plain, how.cut, exchange)
      throw new HandshakeError()
    },
  }),
})

/** Resolves when the client says the first of its handshake; with `false` when it ends the connection instead. */
function hello(plain: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const over = () => resolve(false)
    plain
      .once('data', () => resolve(true))
      .once('end', over)
      .once('close', over)
      .resume()
  })
}
