import { readSync } from 'node:fs'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import { getSystemErrorName } from 'node:util'
import { connectionClosed } from '../ioloop/reset.ts'
import type { Sendfile } from '../native/sendfile.ts'
import { systemError } from '../native/system-error.ts'
import type { DirectTransfer, FileToSend } from './direct.ts'

const { EAGAIN, EINTR, EPIPE, ECONNRESET, ETIMEDOUT } = constants.errno

/** Those which writing to the socket would bring as well. */
const CONNECTION_ERRORS = new Set([EPIPE, ECONNRESET, ETIMEDOUT])
/** As much as one transfer sends before the others get their turn. */
const BYTES_PER_TURN = 8 * 1024 * 1024
/** As much as is written to learn when a full socket has room again. */
const PROBE_BYTES = 16 * 1024
/** Turns of the event loop in which a client is heard that sends although it is sent a file. */
const TURNS_TO_HEAR = 16

/**
 * Sends a file by sendfile(2), so that its bytes never pass through this process. The call is made on the main thread,
 * where no other can close a descriptor meanwhile, on a socket that does not block.
 */
export class SendfileSender {
  /** Where in the file the next byte is. */
  position: number
  readonly #socket: Socket
  readonly #fd: number
  readonly #transfer: DirectTransfer

  constructor(socket: Socket, { fd, start }: FileToSend, transfer: DirectTransfer) {
    this.#socket = socket
    this.#fd = fd
    this.#transfer = transfer
    this.position = start
  }

  /** Resolves at the end of the file, or with the name of an error for which the rest has to be sent in another way. */
  async send(sendfile: Sendfile): Promise<string | undefined> {
    for (;;) {
      // What libuv still holds has to go first.
      const isBusy = this.#socket.writableLength > 0
      const result = isBusy ? -EAGAIN : sendfile(this.#socketFd(), this.#fd, this.position, BYTES_PER_TURN)
      if (result === 0) return this.#hearOut()
      if (result > 0) this.#advance(result)
      else if (CONNECTION_ERRORS.has(-result)) throw systemError('sendfile', result)
      else if (result !== -EAGAIN && result !== -EINTR) return getSystemErrorName(result)
      // Less than asked for: the socket is full, or the file ends here.
      if (result < BYTES_PER_TURN && !(await this.#probe())) return this.#hearOut()
      await this.#transfer.turn()
    }
  }

  /**
   * Sends a block the usual way and waits until it has gone: Node has no other notice of a socket that has room again.
   * `false` at the end of the file.
   */
  async #probe(): Promise<boolean> {
    const { buffers } = this.#transfer
    const buffer = buffers.take(PROBE_BYTES)
    const count = readSync(this.#fd, buffer, 0, buffer.length, this.position)
    if (count > 0) {
      await new Promise<void>((resolve, reject) => {
        this.#socket.write(buffer.subarray(0, count), (error) => (error ? reject(error) : resolve()))
      })
      this.#advance(count)
    }
    // Not after an error, when libuv may still hold it.
    buffers.give(buffer)
    return count > 0
  }

  /** What is closed with bytes unread is reset by the kernel, and the reset can overtake the file: who talks is heard first. */
  async #hearOut(): Promise<undefined> {
    let heard = 0
    for (let turns = 0; turns < TURNS_TO_HEAR && heard !== this.#socket.bytesRead; turns++) {
      heard = this.#socket.bytesRead
      await this.#transfer.turn()
    }
  }

  #advance(count: number): void {
    this.position += count
    this.#transfer.progress(count)
  }

  /** Asked for anew before each call: the number of a closed descriptor may belong to somebody else by now. */
  #socketFd(): number {
    const { _handle: handle } = this.#socket as { _handle?: { readonly fd?: number } | null }
    if (this.#socket.destroyed || handle?.fd === undefined || handle.fd < 0) throw connectionClosed()
    return handle.fd
  }
}
