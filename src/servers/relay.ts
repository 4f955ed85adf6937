import type { Socket } from 'node:net'
import { packError } from './portable-event.ts'
import type { Post } from './relayed-socket.ts'
import type { Inbound, Outbound } from './worker-messages.ts'

/** The main thread's end of a control connection that a thread serves. */
export class Relay {
  readonly #socket: Socket
  readonly #post: Post<Inbound>
  #error: Error | undefined

  constructor(socket: Socket, post: Post<Inbound>) {
    this.#socket = socket
    this.#post = post
    socket.pause()
    socket.on('data', (chunk: Buffer) => {
      socket.pause()
      post({ type: 'bytes', bytes: new Uint8Array(chunk) })
    })
    socket.on('end', () => post({ type: 'end' }))
    socket.on('error', (error) => {
      this.#error = error
    })
    socket.on('close', () => post({ type: 'closed', error: this.#error && packError(this.#error) }))
  }

  /** Does what the thread asks for. */
  receive(message: Outbound): void {
    const socket = this.#socket
    switch (message.type) {
      case 'read':
        socket.resume()
        break
      case 'bytes':
        if (socket.writable) socket.write(message.bytes, (error) => error ?? this.#post({ type: 'written' }))
        break
      case 'end':
        socket.end()
        break
      case 'destroy':
        socket.destroy()
    }
  }
}
