import { connect, type Socket } from 'node:net'
import type { IOLoop } from './ioloop.ts'

/** Where an outgoing connection goes, and from which local address. */
export interface ConnectorTarget {
  readonly host: string
  readonly port: number
  readonly localAddress?: string | undefined
  readonly noDelay?: boolean
}

/** An outgoing connection being made; settles once. */
export class Connector {
  /**
   * The open socket, paused like those of an `Acceptor`: what comes early waits for whoever reads it. Rejects when the
   * other side refuses, the time is up or `close` was called.
   */
  readonly connected: Promise<Socket>
  readonly #socket: Socket

  constructor(ioloop: IOLoop, target: ConnectorTarget, timeoutMs: number) {
    const { host, port, localAddress, noDelay = true } = target
    this.#socket = connect({ host, port, noDelay, allowHalfOpen: true, ...(localAddress && { localAddress }) })
    const socket = this.#socket.on('error', () => {}).pause()
    this.connected = new Promise((resolve, reject) => {
      const expire = () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`))
      const expiry = timeoutMs === 0 ? undefined : ioloop.callLater(timeoutMs, expire)
      const failed = (error?: unknown) => {
        expiry?.cancel()
        reject(error instanceof Error ? error : new Error('the attempt was given up'))
      }
      socket.once('error', failed).once('close', failed)
      socket.once('connect', () => {
        expiry?.cancel()
        socket.off('error', failed).off('close', failed)
        resolve(socket)
      })
    })
  }

  /** Gives the attempt up. */
  close(): void {
    this.#socket.destroy()
  }
}
