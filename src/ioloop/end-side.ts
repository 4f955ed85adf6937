import type { Socket } from 'node:net'

/** Ends this side of a connection; resolves once the other side is told, or the connection is gone. */
export function endSide(socket: Socket): Promise<void> {
  // Node calls nobody back who ends a socket that is destroyed already.
  if (socket.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    socket.once('close', () => resolve()).end(() => resolve())
  })
}
