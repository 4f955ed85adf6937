import { readSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { getSystemErrorName } from 'node:util'
import type { Awaitable } from '../authorizers/authorizer.ts'
import { andThen } from '../ioloop/awaitable.ts'
import type { RawConnection } from '../ioloop/raw-connection.ts'
import type { FinalReply } from '../protocol/reply.ts'
import type { TransferRecord } from './transfer-record.ts'

const { EAGAIN, EINTR } = constants.errno

/** Files up to this size are sent in one call, and uploads up to this size received without a socket of Node's. */
const SMALL_BYTES = 64 * 1024
/** Turns of the event loop in which a client that may send is looked after: no longer than it would take to make a socket. */
const TURNS_WITHOUT_BYTES = 16

/**
 * Sends a small file over a connection that is there, and gives the final reply; `undefined` where it is no such file,
 * or when the kernel takes but a part of it. What is left goes the general way.
 */
export function sendAtOnce(record: TransferRecord, connection: RawConnection): Awaitable<FinalReply> | undefined {
  const { route, session, representation } = record
  if (!('send' in route) || route.send.fd === undefined || representation === 'A') return undefined
  const rest = route.send.size - route.restartMarker
  if (rest > SMALL_BYTES) return undefined
  const { buffers } = session.handler.server
  const buffer = buffers.take(SMALL_BYTES + 1)
  try {
    // One byte more than there should be, so that a file which grew is noticed.
    const count = readSync(route.send.fd, buffer, 0, rest + 1, route.restartMarker)
    if (count > rest) return undefined
    const sent = connection.send(buffer, count)
    if (sent === -EAGAIN || sent === -EINTR) return undefined
    record.bytes = Math.max(sent, 0)
    if (sent >= 0 && sent < count) return undefined
    // What is closed with bytes unread is reset by the kernel, and the reset can overtake the file.
    while (connection.receive(buffer) > 0);
    return ended(record, connection, sent < 0 ? systemError('send', sent) : undefined)
  } catch (error) {
    return ended(record, connection, error)
  } finally {
    buffers.give(buffer)
  }
}

/**
 * Receives a small file over a connection that is there, from a client which sends it at once; `false` when there is more
 * to come, which goes the general way. `progress` is told of the bytes.
 */
export async function receiveAtOnce(
  { route, session }: TransferRecord,
  connection: RawConnection,
  progress: (bytes: number) => void,
): Promise<boolean> {
  if (!('receive' in route) || route.receive.fd === undefined) return false
  const { fd, appends } = route.receive
  const buffer = session.handler.server.buffers.take(SMALL_BYTES)
  let received = 0
  try {
    for (let turns = 0; turns < TURNS_WITHOUT_BYTES && received < SMALL_BYTES && connection.isOpen; ) {
      const count = connection.receive(buffer)
      if (count === 0) return true
      if (count > 0) {
        writeWhole(fd, buffer.subarray(0, count), appends ? null : route.restartMarker + received)
        received += count
        progress(count)
      } else if (count === -EAGAIN || count === -EINTR) {
        turns++
        await session.ioloop.turn()
      } else throw systemError('recv', count)
    }
  } finally {
    session.handler.server.buffers.give(buffer)
  }
  return false
}

/** Writes all bytes at an offset, `null` being the end of the file. */
export function writeWhole(fd: number, bytes: Buffer, position: number | null): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, position === null ? null : position + done)
  }
}

function ended(record: TransferRecord, connection: RawConnection, failure: unknown): Awaitable<FinalReply> {
  connection.close()
  try {
    return andThen(record.file?.close(), () => record.settle(failure))
  } catch (error) {
    return record.settle(failure ?? error)
  }
}

function systemError(syscall: string, result: number): Error {
  const code = getSystemErrorName(result)
  return Object.assign(new Error(`${syscall} ${code}`), { code, errno: result, syscall })
}
