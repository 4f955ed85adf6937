import { Socket } from 'node:net'
import type { AcceptedConnection, SystemSockets } from '../native/sockets.ts'

/** A connection that is a descriptor and no more: for what can be done with it at once. */
export class RawConnection {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly #sockets: SystemSockets
  #fd: number

  constructor(sockets: SystemSockets, { fd, remoteAddress, remotePort }: AcceptedConnection) {
    this.#sockets = sockets
    this.#fd = fd
    this.remoteAddress = remoteAddress
    this.remotePort = remotePort
  }

  /** Whether it has not been closed, nor made a socket. */
  get isOpen(): boolean {
    return this.#fd >= 0
  }

  /**
   * Sends so many bytes of a buffer; answers with how many were taken, or with the system’s error number, negated. What
   * fills no packet waits a moment for more, or for the end.
   */
  send(bytes: Buffer, count: number): number {
    return this.#sockets.send(this.#fd, bytes, count)
  }

  /** Says that nothing more will be sent. */
  end(): void {
    this.#sockets.end(this.#fd)
  }

  /** Reads into a buffer; answers with the number of bytes, 0 at the end, or the system’s error number, negated. */
  receive(into: Buffer): number {
    return this.#sockets.receive(this.#fd, into)
  }

  /** Closes it; a second time does nothing. */
  close(): void {
    if (this.#fd >= 0) this.#sockets.close(this.#fd)
    this.#fd = -1
  }

  /** Goes on as a socket, which is paused as one that was accepted; who uses it hears of its errors another way. */
  toSocket(noDelay: boolean): Socket {
    // `pauseOnCreate` is how net.Server itself makes its sockets; only its documentation is missing.
    const options = { fd: this.#fd, allowHalfOpen: true, pauseOnCreate: true }
    this.#fd = -1
    return new Socket(options).setNoDelay(noDelay).on('error', () => {})
  }
}
