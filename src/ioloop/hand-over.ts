import type { Socket } from 'node:net'

/**
 * Stops reading from a socket that another process is to go on with, and gives what has been read already. Node leaves
 * a socket that it sends away reading until the other process has it, and what comes meanwhile would be lost.
 */
export function stopReading(socket: Socket): Buffer | undefined {
  const early = socket.readableLength > 0 ? (socket.read() as Buffer | null) : null
  const { _handle: handle } = socket as { _handle?: { readStop?(): number } | null }
  handle?.readStop?.()
  return early ?? undefined
}
