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

/** The error that the end of a connection should have been, where it came before the end of the file that came by it. */
export function cutError(socket: Socket): Error | undefined {
  if (!('encrypted' in socket)) return wasReset(socket) ? connectionReset() : undefined
  // Not by the reset: a TLS client that leaves our session tickets unread resets the connection behind its close_notify,
  // as Go's do.
  return (socket as { wasCut?: boolean }).wasCut === true ? tlsCut() : undefined
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

function connectionReset(): Error {
  return Object.assign(new Error('the connection was reset'), { code: 'ECONNRESET' })
}

/** As OpenSSL calls it. */
function tlsCut(): Error {
  const code = 'ERR_SSL_UNEXPECTED_EOF_WHILE_READING'
  return Object.assign(new Error('TLS ended without close_notify'), { code })
}

/** The error of a connection that was closed on this side while something was still to be sent or to come. */
export function connectionClosed(): Error {
  return Object.assign(new Error('the data connection was closed'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
}
