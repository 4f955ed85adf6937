import { fault } from './fault.ts'
import { durationOrForever, lasting } from './shapes.ts'

/** Who waits for the end of the data connection, and not for the reply or the size, waits in vain. */
export const keepOpen = fault({
  name: 'keepOpen',
  does: 'Leaves the data connection open behind the last byte, for a time or until the next one is set up; the reply comes at once.',
  needs: 'transfer',
  schema: (z) => durationOrForever(z),
  seams: (durationMs, exchange) => ({
    ending: ({ keep, path, socket }) => {
      // A client that has left meanwhile has not had it all.
      if (socket.destroyed || !keep()) return false
      const { ioloop } = exchange.session
      exchange.note(`${path}: data connection kept open ${lasting(durationMs)}`)
      // A client that gives up waiting.
      if (!socket.readableEnded) socket.once('end', () => socket.destroy())
      if (durationMs === Number.POSITIVE_INFINITY) return true
      const expiry = ioloop.callLater(durationMs, () => socket.end())
      socket.once('close', () => expiry.cancel())
      return true
    },
  }),
})
