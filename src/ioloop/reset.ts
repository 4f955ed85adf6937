import type { Socket } from 'node:net'
import { RealClock } from './clock.ts'
import { flushed } from './flushed.ts'

/**
 * Whether a connection that has just come to its end was in truth reset: when bytes and a reset arrive together, libuv
 * hands out the bytes and then tells of an end. Only that the other side has no name any more gives it away.
 */
export function wasReset(socket: Socket): boolean {
  // Not `remoteAddress`, which is remembered from before.
  const { _handle: handle } = socket as { _handle?: { getpeername?(into: object): number } | null }
  return handle?.getpeername !== undefined && handle.getpeername({}) !== 0
}

/** Whether a connection from which a file comes, and which has just come to its end, ended before the file did. */
export function wasCut(socket: Socket): boolean {
  // Not by the reset: a TLS client that leaves our session tickets unread resets the connection behind its close_notify,
  // as Go's do.
  return 'encrypted' in socket ? (socket as { wasCut?: boolean }).wasCut === true : wasReset(socket)
}

/** How long, in real time, the other side is given to read what it was sent. */
const READING_MS = 10

/**
 * Resets a connection behind what was written to it. A moment is let pass in between: the kernel throws away what it has
 * not sent, and a client on libuv that gets bytes and a reset at once takes it for a FIN.
 */
export async function resetBehind(socket: Socket, plain: Socket): Promise<void> {
  if (socket.destroyed) return
  await flushed(socket)
  await new Promise<void>((resolve) => new RealClock().alarm(READING_MS, resolve))
  if (!plain.destroyed) plain.resetAndDestroy()
  socket.destroy()
}

/** The error that such an end should have been. */
export function connectionReset(): Error {
  return Object.assign(new Error('the connection was reset'), { code: 'ECONNRESET' })
}

/** The error of a connection that was closed on this side while something was still to be sent or to come. */
export function connectionClosed(): Error {
  return Object.assign(new Error('the data connection was closed'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
}
