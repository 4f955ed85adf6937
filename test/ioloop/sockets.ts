import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Both ends of a TCP connection on loopback; disposing closes them and waits until they are gone. */
export interface SocketPair extends AsyncDisposable {
  /** The accepted end: paused and half-open, as an `Acceptor` hands it out. */
  readonly near: Socket
  /** The client's end, half-open too, so that a test decides when it closes. */
  readonly far: Socket
}

export async function socketPair(): Promise<SocketPair> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const far = connect({ ...loopback(server), allowHalfOpen: true }).on('error', () => {})
  const [near] = (await accepted) as [Socket]
  server.close()
  return { near, far, [Symbol.asyncDispose]: () => gone(near, far) }
}

/** Where a server on 127.0.0.1 is reached. */
export function loopback(server: Server): { readonly host: string; readonly port: number } {
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

/** A port that nobody listens on. */
export async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = loopback(server)
  await closed(server)
  return port
}

export async function closed(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  await once(server, 'close')
}

/** Destroys sockets and waits until they are closed. */
export async function gone(...sockets: readonly Socket[]): Promise<void> {
  await Promise.all(
    sockets.map(async (socket) => {
      if (socket.closed) return
      socket.destroy()
      // Not `once` of node:events: it would reject for an error that is on its way.
      await new Promise<void>((resolve) => socket.on('error', () => {}).once('close', () => resolve()))
    }),
  )
}

/** All that a socket receives until the other side ends. */
export async function received(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'end')
  return Buffer.concat(chunks).toString('latin1')
}
