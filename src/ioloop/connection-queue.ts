import type { SystemSockets } from '../native/sockets.ts'
import { RawConnection } from './raw-connection.ts'

/** A listening socket whose connections are fetched: nobody is told when one comes. */
export class ConnectionQueue {
  readonly address: { readonly host: string; readonly port: number }
  readonly #sockets: SystemSockets
  #fd: number

  private constructor(sockets: SystemSockets, fd: number, address: { readonly host: string; readonly port: number }) {
    this.#sockets = sockets
    this.#fd = fd
    this.address = address
  }

  /** Listens on a port of an IPv4 address, 0 being any; `undefined` when that cannot be. */
  static open(sockets: SystemSockets, host: string, port: number): ConnectionQueue | undefined {
    const listening = sockets.listen(host, port)
    return listening && new ConnectionQueue(sockets, listening.fd, { host, port: listening.port })
  }

  /** The next connection that has come. */
  next(): RawConnection | undefined {
    const accepted = this.#sockets.accept(this.#fd)
    return accepted && new RawConnection(this.#sockets, accepted)
  }

  /** Gives the descriptor to who goes on listening with it. */
  release(): number {
    const fd = this.#fd
    this.#fd = -1
    return fd
  }

  /** Stops listening; what was given away is somebody else’s. */
  close(): void {
    if (this.#fd >= 0) this.#sockets.close(this.#fd)
    this.#fd = -1
  }
}
