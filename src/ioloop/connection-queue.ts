import type { SystemSockets } from '../native/sockets.ts'
import { RawConnection } from './raw-connection.ts'
import type { RestingSockets } from './resting-sockets.ts'

/** A listening socket whose connections are fetched: nobody is told when one comes. */
export class ConnectionQueue {
  readonly address: { readonly host: string; readonly port: number }
  readonly #sockets: SystemSockets
  readonly #resting: RestingSockets | undefined
  #fd: number

  private constructor(
    sockets: SystemSockets,
    fd: number,
    address: { readonly host: string; readonly port: number },
    resting: RestingSockets | undefined,
  ) {
    this.#sockets = sockets
    this.#fd = fd
    this.address = address
    this.#resting = resting
  }

  /**
   * Listens on a port of an IPv4 address, 0 being any; `undefined` when that cannot be. For any port, a socket that rests
   * will do, and goes back when it is closed.
   */
  static open(
    sockets: SystemSockets,
    host: string,
    port: number,
    resting?: RestingSockets,
  ): ConnectionQueue | undefined {
    const reusable = port === 0 ? resting : undefined
    const listening = reusable?.listen(sockets, host) ?? sockets.listen(host, port)
    return listening && new ConnectionQueue(sockets, listening.fd, { host, port: listening.port }, reusable)
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
    const fd = this.release()
    if (fd < 0) return
    if (this.#resting === undefined) this.#sockets.close(fd)
    else this.#resting.take(this.#sockets, this.address.host, fd)
  }
}
