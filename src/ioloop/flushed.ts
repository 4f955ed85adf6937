import type { Socket } from 'node:net'

/** Resolves when all that was written has been given to the kernel, or the connection is gone. */
export function flushed(socket: Socket): Promise<void> {
  if (!socket.writable) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      socket.off('close', done)
      resolve()
    }
    socket.once('close', done).write('', done)
  })
}
