import type { Socket } from 'node:net'
import type { DataFlow } from '../handlers/seams.ts'
import { endSide } from '../ioloop/end-side.ts'
import { resetBehind } from '../ioloop/reset.ts'
import { fault } from './fault.ts'

/**
 * The end of an encrypted transfer, which TLS wants said by both sides (close_notify, RFC 8446 §6.1). An upload has been
 * ended by the client: `none` and `wait` are the same there.
 */
export const closeNotify = fault({
  name: 'closeNotify',
  does: "Ends an encrypted transfer by FIN alone ('none'), by close_notify and RST ('rst'), or not before the client does ('wait').",
  needs: 'transfer',
  schema: (z) => z.enum(['none', 'rst', 'wait']),
  seams: (how, exchange) => ({
    async ending(flow) {
      const { socket, plain, direction } = flow
      // A client that has left meanwhile has not had it all.
      if (!('encrypted' in socket) || socket.destroyed) return false
      if (how === 'rst') {
        exchange.note('data connection ended by close_notify and RST')
        socket.end()
        await resetBehind(socket, plain)
      } else if (how === 'none' || direction === 'received') {
        exchange.note('data connection ended without close_notify')
        await endSide(plain)
      } else {
        exchange.note('data connection left for the client to end')
        await ended(socket, flow)
      }
      return true
    },
  }),
})

/** Resolves when the client has ended a connection, or the transfer is over. */
function ended(socket: Socket, { signal }: DataFlow): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || socket.readableEnded) return resolve()
    socket.once('end', resolve).once('close', resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
