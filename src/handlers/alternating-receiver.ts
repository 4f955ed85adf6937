import { fstatSync, ftruncateSync, write } from 'node:fs'
import type { Socket } from 'node:net'
import { deferred } from '../ioloop/deferred.ts'
import { type ReadTarget, readInto } from '../ioloop/read-into.ts'
import { connectionClosed, cutError } from '../ioloop/reset.ts'
import { writeWhole } from './at-once.ts'
import type { DirectTransfer, FileToReceive } from './direct.ts'

/** The buffer that small uploads do with; and what is written at once, since a thread would cost more. */
const SMALL_BYTES = 64 * 1024
/** The most that TLS hands out in one piece (RFC 8446 §5.1). */
const RECORD_BYTES = 16 * 1024
/** As much as one upload writes before the others get their turn. */
const BYTES_PER_TURN = 8 * 1024 * 1024

/**
 * Receives a file. A single plain upload is read into one buffer and written from there at once. Where there is more to
 * do meanwhile (TLS, other uploads), a thread writes what is in one of two buffers while the other is being filled.
 */
export class AlternatingReceiver implements ReadTarget {
  readonly #socket: Socket
  readonly #fd: number
  readonly #transfer: DirectTransfer
  readonly #isEncrypted: boolean
  /** Where in the file the next byte is written; `null` is its end. */
  #position: number | null
  #filling: Buffer
  #spare: Buffer | undefined
  /** What `#filling` has up to here is written, or a thread is at it. */
  #taken = 0
  #filled = 0
  #bytes = 0
  #bytesThisTurn = 0
  /** The buffer that a thread writes from. */
  #writing: Buffer | undefined
  /** Reading has stopped, for that thread or for the others' turn. */
  #waits: 'for-room' | 'for-turn' | undefined
  #isLookDue = false
  #isOver = false
  #failure: unknown
  /** Where in the file a thread could not write. */
  #tornAt: number | undefined
  readonly #done = deferred()

  constructor(socket: Socket, { fd, start }: FileToReceive, transfer: DirectTransfer) {
    this.#socket = socket
    this.#fd = fd
    this.#transfer = transfer
    this.#position = start
    this.#isEncrypted = 'encrypted' in socket
    this.#filling = transfer.buffers.take(Math.min(SMALL_BYTES, transfer.bufferSize))
  }

  /**
   * Resolves at the end of the data, when all has been written; rejects once nothing is being written any more.
   * `undefined` when the socket cannot be read from in this way.
   */
  start(): Promise<void> | undefined {
    const socket = this.#socket
    const { buffers } = this.#transfer
    if (socket.destroyed || !readInto(socket, this)) {
      buffers.give(this.#filling)
      return undefined
    }
    buffers.load.uploads += 1
    socket.once('error', (error) => this.#end(error))
    socket.once('close', () => this.#end(connectionClosed()))
    const ended = () => this.#end(cutError(socket))
    socket.once('end', ended)
    this.#takeEarly()
    if (socket.readableEnded) ended()
    else this.#goOn()
    return this.#done.promise
  }

  room(): Buffer {
    // Nothing is read while it waits, but this is where it will go on.
    if (this.#waits === 'for-room') return this.#second()
    return this.#filled === 0 ? this.#filling : this.#filling.subarray(this.#filled)
  }

  took(count: number): boolean {
    this.#filled += count
    this.#count(count)
    try {
      this.#makeRoom()
    } catch (error) {
      this.#fail(error)
    }
    return this.#waits === undefined
  }

  #makeRoom(): void {
    const isIdle = this.#writing === undefined
    if (isIdle && !this.#isEncrypted && !this.#hasHelp) {
      this.#write()
      this.#startOver()
      if (this.#bytesThisTurn < BYTES_PER_TURN) return
      this.#waits = 'for-turn'
      return this.#lookLater()
    }
    const least = this.#isEncrypted ? RECORD_BYTES : this.#filling.length / 4
    if (this.#filling.length - this.#filled >= least) return this.#lookLater()
    if (!isIdle && !this.#isEncrypted) {
      this.#waits = 'for-room'
      return
    }
    // TLS may have decrypted more already, which comes whether or not it is to wait.
    if (isIdle) this.#write()
    else this.#writeNow()
    if (this.#writing === this.#filling) this.#swap()
    else this.#startOver()
  }

  /** Has what came by then written when the event loop has turned. */
  #lookLater(): void {
    if (!this.#isLookDue) void this.#transfer.turn().then(this.#look)
    this.#isLookDue = true
  }

  readonly #look = (): void => {
    this.#isLookDue = false
    this.#bytesThisTurn = 0
    if (this.#isOver) return
    try {
      if (this.#writing === undefined) this.#write()
    } catch (error) {
      return this.#fail(error)
    }
    if (this.#waits === 'for-turn') this.#goOn()
  }

  /** Writes what is there, or has a thread do it. */
  #write(): void {
    const count = this.#filled - this.#taken
    if (count <= SMALL_BYTES || !this.#hasHelp || this.#position === null) return this.#writeNow()
    this.#writing = this.#filling
    this.#writeAside(this.#filling.subarray(this.#taken, this.#filled), this.#position)
    this.#taken = this.#filled
    this.#position += count
  }

  #writeNow(): void {
    const bytes = this.#filling.subarray(this.#taken, this.#filled)
    this.#taken = this.#filled
    this.#put(bytes)
  }

  #put(bytes: Buffer): void {
    const position = this.#position
    // Before it is tried: some of it may be written where all of it cannot be.
    if (position !== null) this.#position = position + bytes.length
    writeWhole(this.#fd, bytes, position)
  }

  #writeAside(bytes: Buffer, position: number): void {
    write(this.#fd, bytes, 0, bytes.length, position, (error, count) => {
      if (!error && count < bytes.length) return this.#writeAside(bytes.subarray(count), position + count)
      this.#writing = undefined
      if (error) this.#failAside(error, position)
      if (this.#isOver) this.#finish()
      else if (this.#waits === 'for-room') this.#makeRoomAgain()
      else this.#lookLater()
    })
  }

  #makeRoomAgain(): void {
    try {
      this.#write()
    } catch (error) {
      return this.#fail(error)
    }
    // Even where no thread was needed any more: it goes on where `room` said.
    this.#swap()
    this.#goOn()
  }

  #goOn(): void {
    this.#waits = undefined
    if (!this.#socket.destroyed) this.#socket.resume()
  }

  #swap(): void {
    const full = this.#filling
    this.#filling = this.#second()
    this.#spare = full
    this.#taken = this.#filled = 0
  }

  #second(): Buffer {
    const { buffers, bufferSize } = this.#transfer
    this.#spare ??= buffers.take(buffers.load.bufferSize(bufferSize))
    return this.#spare
  }

  /** From the start of the buffer, or of a larger one once there is more than a little to receive. */
  #startOver(): void {
    this.#taken = this.#filled = 0
    const { buffers } = this.#transfer
    const bufferSize = buffers.load.bufferSize(this.#transfer.bufferSize)
    if (this.#filling.length >= bufferSize || this.#bytes < bufferSize) return
    buffers.give(this.#filling)
    this.#filling = buffers.take(bufferSize)
  }

  /** What was read before the transfer began, as TLS does. */
  #takeEarly(): void {
    try {
      for (let early = this.#socket.read(); early !== null; early = this.#socket.read()) {
        this.#count(early.length)
        this.#put(early)
      }
    } catch (error) {
      this.#fail(error)
    }
  }

  #count(count: number): void {
    this.#bytes += count
    this.#bytesThisTurn += count
    this.#transfer.progress(count)
  }

  /** Whether a thread is of use. Never where the file's end is written to: two writes might change places. */
  get #hasHelp(): boolean {
    return this.#position !== null && (this.#isEncrypted || this.#transfer.buffers.load.uploads > 1)
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    // From the start, since TLS still decrypts what it has: into an empty buffer it would do so for ever.
    this.#taken = this.#filled = 0
    this.#socket.destroy()
  }

  #failAside(error: unknown, position: number): void {
    this.#tornAt = position
    this.#fail(error)
  }

  /** What was written behind a place that a thread could not write goes: who resumes by the size would never fill the hole. */
  #cutBack(): void {
    if (this.#tornAt === undefined || this.#position === null) return
    const { size } = fstatSync(this.#fd)
    // Not where an older file reaches further.
    if (size > this.#tornAt && size <= this.#position) ftruncateSync(this.#fd, this.#tornAt)
  }

  #end(error?: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#failure ??= error
    if (this.#writing === undefined) this.#finish()
  }

  #finish(): void {
    try {
      this.#writeNow()
      this.#cutBack()
    } catch (error) {
      this.#failure ??= error
    }
    const { buffers } = this.#transfer
    buffers.load.uploads -= 1
    buffers.give(this.#filling)
    if (this.#spare) buffers.give(this.#spare)
    if (this.#failure === undefined) this.#done.resolve()
    else this.#done.reject(this.#failure)
  }
}
