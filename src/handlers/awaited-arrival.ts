import type { Socket } from 'node:net'
import type { AwaitedConnection } from './deferred-connection.ts'
import type { PendingConnection } from './transfer.ts'

/** A data connection that has still to come, and is made ready by `secure` then. */
export class AwaitedArrival implements PendingConnection {
  readonly socket: Promise<Socket>
  readonly #listener: AwaitedConnection
  #arrived: PendingConnection | undefined

  constructor(listener: AwaitedConnection, secure: (plain: Socket) => PendingConnection) {
    this.#listener = listener
    this.socket = listener.socket.then((plain) => {
      this.#arrived = secure(plain)
      return this.#arrived.socket
    })
  }

  plain(): Socket | undefined {
    return this.#arrived?.plain()
  }

  close(): void {
    this.#listener.close()
    this.#arrived?.close()
  }
}
