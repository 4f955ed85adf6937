import type { Socket } from 'node:net'
import type { RawConnection } from '../ioloop/raw-connection.ts'
import { connectionClosed } from '../ioloop/reset.ts'
import type { PendingConnection } from './transfer.ts'

/** A data connection that came while nobody watched; a socket is made of it when it takes one. */
export class RawArrival implements PendingConnection {
  readonly raw: RawConnection
  readonly #noDelay: boolean
  #made: Socket | undefined

  constructor(raw: RawConnection, noDelay: boolean) {
    this.raw = raw
    this.#noDelay = noDelay
  }

  get socket(): Promise<Socket> {
    if (this.#made === undefined && !this.raw.isOpen) return Promise.reject(connectionClosed())
    this.#made ??= this.raw.toSocket(this.#noDelay)
    return Promise.resolve(this.#made)
  }

  plain(): Socket | undefined {
    return this.#made
  }

  close(): void {
    this.raw.close()
    this.#made?.destroy()
  }
}
