import { Duplex } from 'node:stream'
import { unpackError } from './portable-event.ts'
import type { Addresses, Inbound, Outbound } from './worker-messages.ts'

type Done = (error?: Error | null) => void

/** Sends a message with bytes, or without. */
export type Post<T> = (message: T) => void

/**
 * A control connection in a thread, whose socket is in the main thread: a socket cannot go over to a thread on every
 * version of Node. Each direction has one chunk under way at a time, so that both sides see how far the other one is.
 */
export class RelayedSocket extends Duplex implements Addresses {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
  readonly #post: Post<Outbound>
  #written: Done | undefined

  constructor(post: Post<Outbound>, { remoteAddress, remotePort, localAddress, localPort }: Addresses) {
    super()
    this.#post = post
    this.remoteAddress = remoteAddress
    this.remotePort = remotePort
    this.localAddress = localAddress
    this.localPort = localPort
  }

  /** Takes what comes from the socket. */
  receive(message: Inbound): void {
    if (this.destroyed) return
    switch (message.type) {
      case 'bytes':
        this.push(message.bytes)
        break
      case 'written':
        this.#written?.()
        break
      case 'end':
        this.push(null)
        break
      case 'closed':
        this.destroy(message.error && unpackError(message.error))
    }
  }

  override _read(): void {
    this.#post({ type: 'read' })
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#send(chunk, done)
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: Done): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: Done): void {
    this.#post({ type: 'end' })
    done()
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#post({ type: 'destroy' })
    done(error)
  }

  #send(chunk: Buffer, done: Done): void {
    this.#written = done
    // A copy: with the bytes of a view, all the memory that it looks at would be sent.
    this.#post({ type: 'bytes', bytes: new Uint8Array(chunk) })
  }
}
