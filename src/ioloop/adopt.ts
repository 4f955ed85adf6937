import { Socket } from 'node:net'

/**
 * Gives a paused, accepted socket's connection to a new `Socket` that reads into one buffer over and over: Node has
 * `onread` for sockets that connect, but not for those that a server accepts. `undefined` where a socket has no handle
 * of its own to give (TLS).
 */
export function adoptForReading(socket: Socket, buffer: Buffer, onBytes: (bytes: Buffer) => void): Socket | undefined {
  const owner = socket as { _handle?: unknown }
  const handle = owner._handle
  if (handle == null || 'encrypted' in socket) return undefined
  owner._handle = null
  const callback = (count: number) => {
    onBytes(buffer.subarray(0, count))
    return true
  }
  // `handle` is how net.Server itself makes its sockets; only its documentation is missing.
  const options = { handle, allowHalfOpen: true, onread: { buffer, callback } }
  return new Socket(options as ConstructorParameters<typeof Socket>[0])
}
