import type { Socket } from 'node:net'

/**
 * Whether a connection that has just come to its end was in truth reset: when bytes and a reset arrive together, libuv
 * hands out the bytes and then tells of an end. Only that the other side has no name any more gives it away.
 */
export function wasReset(socket: Socket): boolean {
  // Not `remoteAddress`, which is remembered from before.
  const { _handle: handle } = socket as { _handle?: { getpeername?(into: object): number } | null }
  return handle?.getpeername !== undefined && handle.getpeername({}) !== 0
}

/** The error that such an end should have been. */
export function connectionReset(): Error {
  return Object.assign(new Error('the connection was reset'), { code: 'ECONNRESET' })
}

/** The error of a connection that was closed on this side while something was still to be sent or to come. */
export function connectionClosed(): Error {
  return Object.assign(new Error('the data connection was closed'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
}
