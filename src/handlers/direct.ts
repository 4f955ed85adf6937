import { readSync } from 'node:fs'
import type { Socket } from 'node:net'
import { endSide } from '../ioloop/end-side.ts'
import { connectionClosed } from '../ioloop/reset.ts'
import { sendfileIfLoaded } from '../native/sendfile.ts'
import { AlternatingReceiver } from './alternating-receiver.ts'
import { AlternatingSender } from './alternating-sender.ts'
import type { BufferPool } from './buffer-pool.ts'
import { SendfileSender } from './sendfile-sender.ts'

/** A regular file of the host to send, and from where on. */
export interface FileToSend {
  readonly fd: number
  readonly size: number
  readonly start: number
}

/** A regular file of the host to receive into, and from where on; `null` is its end. */
export interface FileToReceive {
  readonly fd: number
  readonly start: number | null
}

/** What a direct transfer needs of its owner. */
export interface DirectTransfer {
  readonly buffers: BufferPool
  readonly bufferSize: number
  readonly progress: (bytes: number) => void
  /** Resolves once the others had their turn. */
  readonly turn: () => Promise<void>
}

/** What it takes to try sendfile(2) first. */
export interface SendfileUse {
  /** Told the name of the system's error when the kernel will not; the file then goes by buffers. */
  readonly onRefused: (errorName: string) => void
}

/** Files up to this size are read whole in one call, without a thread in between. */
const SMALL_FILE_BYTES = 64 * 1024

/**
 * Sends a file as it is, without a stream: a small one in one piece, a larger one by sendfile(2) where that is wanted
 * and there, or by two buffers that take turns. Resolves when the last byte is the kernel's and the connection is shut
 * down.
 */
export async function sendDirect(
  socket: Socket,
  file: FileToSend,
  transfer: DirectTransfer,
  use?: SendfileUse,
): Promise<void> {
  const { fd, size, start } = file
  const rest = size - start
  if (rest <= SMALL_FILE_BYTES) {
    // One byte more than there should be, so that a file which grew is noticed.
    const bytes = Buffer.allocUnsafe(Math.max(rest, 0) + 1)
    const count = readSync(fd, bytes, 0, bytes.length, start)
    if (count < bytes.length) return end(socket, bytes.subarray(0, count), transfer.progress)
  }
  transfer.buffers.load.downloads += 1
  try {
    const position = use && rest > SMALL_FILE_BYTES ? await sendByKernel(socket, file, transfer, use) : start
    if (position !== undefined) await new AlternatingSender(socket, fd, position, transfer).sent
  } finally {
    transfer.buffers.load.downloads -= 1
  }
  return end(socket)
}

/** Resolves with where to go on in another way, or with `undefined` when all has been sent. */
async function sendByKernel(
  socket: Socket,
  file: FileToSend,
  transfer: DirectTransfer,
  { onRefused }: SendfileUse,
): Promise<number | undefined> {
  const sendfile = sendfileIfLoaded()
  if (sendfile === undefined) return file.start
  const sender = new SendfileSender(socket, file, transfer)
  const refusal = await sender.send(sendfile)
  if (refusal === undefined) return undefined
  onRefused(refusal)
  return sender.position
}

/**
 * Receives a file as it is, without a stream in between. Resolves at the end of the data; `undefined` when the socket
 * cannot be read from in this way.
 */
export function receiveDirect(
  socket: Socket,
  file: FileToReceive,
  transfer: DirectTransfer,
): Promise<void> | undefined {
  const received = new AlternatingReceiver(socket, file, transfer).start()
  // TLS has an end to be said by both sides (RFC 8446 §6.1): Python's ftplib fails an upload that we do not end too.
  return 'encrypted' in socket ? received?.then(() => endSide(socket)) : received
}

/** Shuts the connection down behind its last bytes; resolves when those are the kernel's. */
export function end(socket: Socket, last?: Buffer, progress?: (bytes: number) => void): Promise<void> {
  // Node never calls back when `end` is first called on a socket that is destroyed already (by ABOR, say).
  if (socket.destroyed) return Promise.reject(connectionClosed())
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => {
      if (error) return reject(error)
      if (last) progress?.(last.length)
      resolve()
    }
    if (last !== undefined && last.length > 0) socket.end(last, done)
    else socket.end(done)
  })
}
