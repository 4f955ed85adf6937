import { createServer, type ListenOptions, type Server, Socket, type SocketConstructorOpts } from 'node:net'
import { listenAtOnce } from './listen-at-once.ts'

/** How an `Acceptor` listens. */
export interface AcceptorOptions {
  /** Called with each connection; its socket may be half-open, and is paused unless the server is somebody else's. */
  readonly onAccept: (socket: Socket) => void
  /** Called when accepting fails for a while, as it does when descriptors run out. */
  readonly onError?: (error: Error) => void
  /** Whether sockets get TCP_NODELAY, asked for each. Default: true. */
  readonly noDelay?: () => boolean
}

/** A listening socket: IPv4, IPv6 or both (`::` takes IPv4 too), or one that somebody else opened. */
export class Acceptor {
  readonly #server: Server
  readonly #onAccept: (socket: Socket) => void
  readonly #onError: (error: Error) => void
  readonly #isOwn: boolean
  #closed = false

  constructor({ onAccept, onError, noDelay = () => true }: AcceptorOptions, existing?: Server) {
    this.#onAccept = (socket) => {
      // As `createServer` does it below, for the sockets of a server that somebody else made.
      socket.allowHalfOpen = true
      onAccept(socket.setNoDelay(noDelay()))
    }
    this.#isOwn = existing === undefined
    this.#server = existing ?? createServer({ pauseOnConnect: true, allowHalfOpen: true })
    this.#onError = (error) => onError?.(error)
    this.#server.on('connection', this.#onAccept)
    if (this.listening) this.#server.on('error', this.#onError)
  }

  /** Starts to listen; rejects with the system's error when the address cannot be had. */
  listen(options: ListenOptions | { readonly fd: number }): Promise<void> {
    const server = this.#server
    return new Promise((resolve, reject) => {
      const failed = (error: Error) => {
        server.off('listening', listening)
        reject(error)
      }
      const listening = () => {
        server.off('error', failed).on('error', this.#onError)
        if (!this.#closed) return resolve()
        // `close` was called meanwhile; while the host was looked up, the server could not be closed.
        server.close()
        reject(new Error('the acceptor was closed'))
      }
      server.once('error', failed)
      if (!this.#isOwn || !listenAtOnce(server, options)) server.once('listening', listening).listen(options)
      // What came of it is known already, where it is no error. Not `queueMicrotask`, which fake timers replace.
      else if (server.listening) void Promise.resolve().then(listening)
    })
  }

  /**
   * Goes on with a descriptor of this process that listens already. In a process of node:cluster, `listen` takes the number
   * for one of the first process's, and asks there.
   */
  async listenOn(fd: number): Promise<void> {
    // The only public way to a handle of its own; the socket is left without it.
    const holder = new Socket({ fd, pauseOnCreate: true } as SocketConstructorOpts) as { _handle?: unknown }
    const handle = holder._handle
    holder._handle = null
    return this.listen({ _handle: handle } as ListenOptions)
  }

  /** Whether connections can come in. */
  get listening(): boolean {
    return this.#server.listening
  }

  /** The address and port listened on; '' and 0 when that is no IP socket or none yet. */
  get address(): { readonly host: string; readonly port: number } {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') return { host: address ?? '', port: 0 }
    return { host: address.address, port: address.port }
  }

  /** Stops listening; connections that were accepted live on. */
  close(): void {
    this.#closed = true
    this.#server.off('connection', this.#onAccept)
    if (this.#server.listening) this.#server.close()
  }
}
