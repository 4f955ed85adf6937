import type { Socket } from 'node:net'
import { type Line, LineReader } from '../protocol/line-reader.ts'
import { flushed } from './flushed.ts'
import type { IOLoop } from './ioloop.ts'
import { readCopies } from './read-into.ts'
import { resetBehind } from './reset.ts'

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
  #socket: Socket
  readonly #ioloop: IOLoop
  readonly #listener: ChatListener
  readonly #reader = new LineReader()
  #error: Error | undefined
  #closing = false
  /** The TCP connection, below TLS. */
  #plain: Socket
  #muted = false
  /** It is to be closed when it is no longer mute. */
  #closesUnmuted = false
  /** The one whose bytes are read as lines. */
  #attended: Socket | undefined
  #isCorked = false
  /** What was pushed while corked. */
  #corkedText = ''

  readonly #onData = (chunk: Buffer): void => this.#read(chunk)
  readonly #onDrain = (): void => this.#listener.onReady()
  readonly #onEnd = (): void => this.#listener.onEnd()
  readonly #onError = (error: Error): void => {
    this.#error = error
  }
  readonly #onClose = (): void => this.#listener.onClose(this.#error)

  constructor(socket: Socket, ioloop: IOLoop, listener: ChatListener) {
    this.#socket = socket
    this.#plain = socket
    this.#ioloop = ioloop
    this.#listener = listener
    this.#attend(socket)
  }

  get socket(): Socket {
    return this.#socket
  }

  /** The next line, or `undefined` while none is whole or the other side does not read. */
  nextLine(): Line | undefined {
    if (this.congested) return undefined
    const line = this.#reader.next()
    if (this.socket.isPaused() && this.#reader.size < MAX_INCOMING_BYTES) this.socket.resume()
    return line
  }

  /** Whether no line is given out now: the other side has let too many replies pile up, or nothing is to be read. */
  get congested(): boolean {
    return this.#muted || this.socket.writableLength + this.#corkedText.length > MAX_OUTGOING_BYTES
  }

  /** Whether it is being closed from here. */
  get closing(): boolean {
    return this.#closing
  }

  /** Sends bytes, or a text in UTF-8. */
  push(data: Buffer | string): void {
    if (this.#isCorked && typeof data === 'string') {
      this.#corkedText += data
      return
    }
    this.#flush()
    if (this.socket.writable) this.socket.write(data)
  }

  /** Runs an action and sends the texts that it pushes as one. */
  corked<T>(action: () => T): T {
    if (this.#isCorked) return action()
    this.#isCorked = true
    try {
      return action()
    } finally {
      this.#isCorked = false
      this.#flush()
    }
  }

  /**
   * Goes on over another socket that wraps this one, an encrypted one say. What was pushed still goes the old way; what
   * came the old way and was not read is thrown away (RFC 4217 §15.1: it must not pass for what comes encrypted).
   * Without another socket all stays as it is: the connection has been closed meanwhile.
   */
  async upgrade(wrap: (socket: Socket) => Socket | Promise<Socket | undefined>): Promise<void> {
    const plain = this.socket
    // Thrown away before the reply leaves: what comes after it is encrypted already.
    this.#detach().pause()
    this.#reader.clear()
    while (plain.read() !== null);
    this.#flush()
    if (plain.writableLength > 0) await flushed(plain)
    if (plain.destroyed) return
    const wrapped = await wrap(plain)
    if (wrapped === undefined) return
    this.#socket = wrapped
    // Not before: when it cannot be wrapped, it is still this one whose end counts.
    plain.off('drain', this.#onDrain).off('end', this.#onEnd).off('close', this.#onClose)
    this.#attend(this.#socket)
  }

  /**
   * Sends what is pushed, then closes; what still comes in is thrown away. Closing waits a moment for the other side:
   * a socket closed with bytes unread is reset by the kernel, and the reset can overtake the last reply. Not for one that
   * has said goodbye, and sends no more.
   */
  closeWhenDone(hasSaidGoodbye = false): void {
    if (this.#closing || this.socket.destroyed) return
    if (this.#muted) {
      this.#closesUnmuted = true
      return
    }
    this.#closing = true
    this.#flush()
    const isSilent = hasSaidGoodbye && this.socket === this.#plain && this.#reader.size === 0
    if (isSilent && this.socket.writableLength === 0) return void this.socket.destroy()
    this.#reader.clear()
    this.#detach().resume()
    this.socket.end()
    let unsent = this.socket.writableLength
    const expiry = this.#ioloop.callEvery(LINGER_MS, () => {
      if (this.socket.writableLength === unsent) this.socket.destroy()
      unsent = this.socket.writableLength
    })
    this.socket.once('close', () => expiry.cancel())
  }

  /** Ends this side only: what comes in is still read, what is pushed goes nowhere. */
  endWriting(): void {
    this.#flush()
    this.socket.end()
  }

  /** Has the other side see a reset, also through TLS. */
  reset(): Promise<void> {
    this.#closing = true
    this.#flush()
    return resetBehind(this.socket, this.#plain)
  }

  /** From here on no line is given out, and the connection is not closed; `false` has all go on. */
  mute(muted: boolean): void {
    // What comes is still taken up to the usual limit: its end would go unnoticed else.
    this.#muted = muted
    if (muted) return
    if (this.#closesUnmuted) this.closeWhenDone()
    else this.#listener.onReady()
  }

  /** Closes at once, for an error perhaps; what was pushed while corked still goes as far as the kernel takes it. */
  close(error?: Error): void {
    this.#flush()
    this.socket.destroy(error)
  }

  #flush(): void {
    const text = this.#corkedText
    if (text === '') return
    this.#corkedText = ''
    if (this.socket.writable) this.socket.write(text)
  }

  #attend(socket: Socket): void {
    this.#attended = socket
    // What it has read already comes in the usual way alone.
    const isFresh = socket.readableLength === 0
    const take = (chunk: Buffer) => (this.#attended === socket ? this.#read(chunk) : void socket.push(chunk))
    if (!isFresh || !readCopies(socket, take)) socket.on('data', this.#onData)
    socket.on('drain', this.#onDrain).on('end', this.#onEnd)
    socket.on('error', this.#onError).on('close', this.#onClose)
    socket.resume()
  }

  /** What comes from here on is not read as lines. */
  #detach(): Socket {
    this.#attended = undefined
    return this.socket.off('data', this.#onData)
  }

  #read(chunk: Buffer): void {
    this.#reader.push(chunk)
    if (this.#reader.size >= MAX_INCOMING_BYTES) this.socket.pause()
    this.#listener.onReady()
  }
}
