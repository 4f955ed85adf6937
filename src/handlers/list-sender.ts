import type { Socket } from 'node:net'
import { type Encoding, encodeText } from '../protocol/encoding.ts'
import { end } from './direct.ts'

/**
 * Sends the texts of a listing as they come, without a stream between them and the socket. Resolves when the last byte
 * is the kernel's and the connection is shut down.
 */
export async function sendTexts(
  socket: Socket,
  texts: AsyncIterable<string>,
  encoding: Encoding,
  progress: (bytes: number) => void,
): Promise<void> {
  socket.resume()
  for await (const text of texts) {
    const bytes = encodeText(text, encoding)
    progress(bytes.length)
    await written(socket, bytes)
  }
  return end(socket)
}

function written(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}
