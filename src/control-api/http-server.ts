import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { IOLoop } from '../ioloop/ioloop.ts'
import { listenFailed } from '../servers/listen-address.ts'

/** How long a request may take to arrive, all of it and its headers, and a connection be silent between two. */
const REQUEST_LIMIT_MS = 60_000
const HEADERS_LIMIT_MS = 10_000
const SILENCE_LIMIT_MS = 5000
/** How often that is looked at. */
const LOOK_MS = 5000
/** How long answers that are under way are waited for when the server closes. */
const GRACE_MS = 1000

/** Takes a request, and sees to it that it is answered. */
export type RequestListener = (incoming: IncomingMessage, outgoing: ServerResponse) => unknown

/** An HTTP server that knows what is under way, so that it can close without being held up. */
export class HttpServer {
  readonly #server: Server
  readonly #ioloop: IOLoop
  readonly #sockets = new Set<Socket>()
  readonly #underWay = new Set<ServerResponse>()
  readonly #outliving = new Set<Socket>()
  #closed: Promise<void> | undefined

  /** `maxBody` is how many bytes who asks before he sends them (`Expect: 100-continue`) may send. */
  constructor(ioloop: IOLoop, listener: RequestListener, maxBody: number) {
    this.#ioloop = ioloop
    const limits = {
      requestTimeout: REQUEST_LIMIT_MS,
      headersTimeout: HEADERS_LIMIT_MS,
      keepAliveTimeout: SILENCE_LIMIT_MS,
      connectionsCheckingInterval: LOOK_MS,
    }
    const serve: RequestListener = (incoming, outgoing) => {
      this.#follow(outgoing, incoming.socket)
      listener(incoming, outgoing)
    }
    this.#server = createServer(limits, serve)
    this.#server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => {
      if (!(Number(incoming.headers['content-length']) > maxBody)) outgoing.writeContinue()
      serve(incoming, outgoing)
    })
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  /** Starts to accept; throws `ERR_LISTEN_FAILED` when that cannot be. */
  async listen(host: string, port: number): Promise<AddressInfo> {
    try {
      this.#server.listen({ host, port })
      await once(this.#server, 'listening')
    } catch (error) {
      throw listenFailed({ host, port }, error)
    }
    return this.#server.address() as AddressInfo
  }

  /** Lets what is under way on a connection come to its end though the server closes. */
  outlive(socket: Socket): void {
    this.#outliving.add(socket)
  }

  /** Frees the port, waits a little for answers that are under way, and ends all connections. */
  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #end(): Promise<void> {
    this.#server.close()
    const busy = new Set<Socket>()
    for (const outgoing of this.#underWay) {
      outgoing.shouldKeepAlive = false
      if (outgoing.socket !== null) busy.add(outgoing.socket)
    }
    const others = [...this.#sockets].filter((socket) => !this.#outliving.has(socket))
    for (const socket of others) if (!busy.has(socket)) socket.destroy()
    const gone = Promise.all(others.map(closed))
    await Promise.race([gone, this.#ioloop.sleep(GRACE_MS)])
    for (const socket of others) socket.destroy()
    await gone
  }

  #follow(outgoing: ServerResponse, socket: Socket): void {
    this.#underWay.add(outgoing)
    outgoing.once('close', () => {
      this.#underWay.delete(outgoing)
      if (this.#closed !== undefined) socket.destroySoon()
    })
  }
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })
}
