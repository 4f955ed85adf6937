import type { Socket } from 'node:net'
import { type Line, LineReader } from '../protocol/line-reader.ts'
import type { IOLoop } from './ioloop.ts'

/** What an `AsyncChat` tells its owner. */
export interface ChatListener {
  /** Lines may be waiting, or there is room again for replies. */
  onReady(): void
  /** The other side will send no more. */
  onEnd(): void
  /** The connection is gone; called once. */
  onClose(error: Error | undefined): void
}

/** Unread bytes from which on no more are taken from the socket. */
const MAX_INCOMING_BYTES = 16 * 1024
/** Unsent bytes from which on no more lines are given out: a client that reads no replies gets no more of them. */
const MAX_OUTGOING_BYTES = 64 * 1024
/** How long a connection that is being closed waits for the other side to read, or to close too. */
const LINGER_MS = 2000

/** A connection that is read by lines and written by texts, with bounded buffers both ways. */
export class AsyncChat {
  readonly socket: Socket
  readonly #ioloop: IOLoop
  readonly #listener: ChatListener
  readonly #reader = new LineReader()
  #error: Error | undefined
  #closing = false

  constructor(socket: Socket, ioloop: IOLoop, listener: ChatListener) {
    this.socket = socket
    this.#ioloop = ioloop
    this.#listener = listener
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('drain', () => listener.onReady())
    socket.on('end', () => listener.onEnd())
    socket.on('error', (error) => {
      this.#error = error
    })
    socket.on('close', () => listener.onClose(this.#error))
    socket.resume()
  }

  /** The next line, or `undefined` while none is whole or the other side does not read. */
  nextLine(): Line | undefined {
    if (this.congested) return undefined
    const line = this.#reader.next()
    if (this.socket.isPaused() && this.#reader.size < MAX_INCOMING_BYTES) this.socket.resume()
    return line
  }

  /** Whether the other side has let too many replies pile up. */
  get congested(): boolean {
    return this.socket.writableLength > MAX_OUTGOING_BYTES
  }

  push(bytes: Buffer | string): void {
    if (this.socket.writable) this.socket.write(bytes)
  }

  /** Runs an action and sends what it pushes in as few segments as will do. */
  corked(action: () => void): void {
    this.socket.cork()
    try {
      action()
    } finally {
      this.socket.uncork()
    }
  }

  /**
   * Sends what is pushed, then closes; what still comes in is thrown away. Closing waits a moment for the other side:
   * a socket closed with bytes unread is reset by the kernel, and the reset can overtake the last reply.
   */
  closeWhenDone(): void {
    if (this.#closing || this.socket.destroyed) return
    this.#closing = true
    this.#reader.clear()
    this.socket.removeAllListeners('data').resume()
    this.socket.end()
    let unsent = this.socket.writableLength
    const expiry = this.#ioloop.callEvery(LINGER_MS, () => {
      if (this.socket.writableLength === unsent) this.socket.destroy()
      unsent = this.socket.writableLength
    })
    this.socket.once('close', () => expiry.cancel())
  }

  /** Closes at once; what was pushed while corked still goes as far as the kernel takes it. */
  close(): void {
    this.socket.uncork()
    this.socket.destroy()
  }

  #read(chunk: Buffer): void {
    this.#reader.push(chunk)
    if (this.#reader.size >= MAX_INCOMING_BYTES) this.socket.pause()
    this.#listener.onReady()
  }
}
