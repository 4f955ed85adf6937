import { read } from 'node:fs'
import type { Socket } from 'node:net'
import { deferred } from '../ioloop/deferred.ts'
import type { DirectTransfer } from './direct.ts'

/** Sends a file by two buffers that take turns: one is filled from the file while the other one is on its way. */
export class AlternatingSender {
  /** Resolves when the whole file has been handed to the kernel. */
  readonly sent: Promise<void>
  readonly #socket: Socket
  readonly #fd: number
  readonly #transfer: DirectTransfer
  #filling: Buffer
  #sending: Buffer
  #position: number
  #isReading = false
  #bytesOnTheWay = 0
  /** Bytes in `#filling` that wait to be sent; 0 at the end of the file. */
  #filled: number | undefined
  #failure: unknown
  readonly #done = deferred()

  constructor(socket: Socket, fd: number, start: number, transfer: DirectTransfer) {
    const { buffers } = transfer
    const bufferSize = buffers.load.bufferSize(transfer.bufferSize)
    this.#socket = socket
    this.#fd = fd
    this.#transfer = transfer
    this.#position = start
    this.#filling = buffers.take(bufferSize)
    this.#sending = buffers.take(bufferSize)
    this.sent = this.#done.promise
    this.#fill()
  }

  #fill(): void {
    this.#isReading = true
    read(this.#fd, this.#filling, 0, this.#filling.length, this.#position, this.#onFilled)
  }

  readonly #onFilled = (error: Error | null, count: number): void => {
    this.#isReading = false
    if (error || this.#failure !== undefined) return this.#fail(error)
    this.#filled = count
    if (this.#bytesOnTheWay === 0) this.#send()
  }

  #send(): void {
    const count = this.#filled
    if (count === undefined) return
    if (count === 0) return this.#settle()
    const full = this.#filling
    this.#bytesOnTheWay = count
    this.#position += count
    this.#filled = undefined
    this.#filling = this.#sending
    this.#sending = full
    this.#socket.write(count === full.length ? full : full.subarray(0, count), this.#onSent)
    this.#fill()
  }

  readonly #onSent = (error?: Error | null): void => {
    const count = this.#bytesOnTheWay
    this.#bytesOnTheWay = 0
    if (error || this.#failure !== undefined) return this.#fail(error)
    this.#transfer.progress(count)
    if (!this.#isReading) this.#send()
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    this.#settle()
  }

  #settle(): void {
    // The file must not be closed, nor a buffer given back, while the kernel may still read or fill it.
    if (this.#isReading || this.#bytesOnTheWay > 0) return
    if (this.#failure !== undefined) return this.#done.reject(this.#failure)
    this.#transfer.buffers.give(this.#filling)
    this.#transfer.buffers.give(this.#sending)
    this.#done.resolve()
  }
}
