import { readSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { HostFile, type OpenFile } from '../filesystems/open-file.ts'
import type { RawConnection } from '../ioloop/raw-connection.ts'
import { systemError } from '../native/system-error.ts'
import type { FinalReply, PreliminaryReply } from '../protocol/reply.ts'
import type { TransferRecord } from './transfer-record.ts'

const { EAGAIN, EINTR } = constants.errno

/** Files up to this size are sent in one call, and uploads up to this size received without a socket of Node's. */
const SMALL_BYTES = 64 * 1024
/** Reads of what a client sends although it is sent a file: one that goes on and on must not hold up the others. */
const READS_BEFORE_CLOSE = 8
/** Turns of the event loop in which a client that may send is looked after: no longer than it would take to make a socket. */
const TURNS_WITHOUT_BYTES = 16

/**
 * Sends a small file over a connection that is there, closes both, and gives the replies; `undefined` where it is no such
 * file, or when the kernel takes but a part of it. What is left goes the general way.
 */
export function sendAtOnce(
  record: TransferRecord,
  connection: RawConnection,
  { code, lines }: Omit<PreliminaryReply, 'completion'>,
): PreliminaryReply | undefined {
  const { route, session, representation } = record
  if (!('send' in route) || representation === 'A' || !isPlainFile(route.send)) return undefined
  const { buffers } = session.handler.server
  const buffer = buffers.take(SMALL_BYTES + 1)
  let failure: unknown
  try {
    if (!sendWhole(record, { file: route.send, start: route.restartMarker }, connection, buffer)) return undefined
  } catch (error) {
    failure = error
  } finally {
    buffers.give(buffer)
  }
  connection.close()
  try {
    route.send.close()
  } catch (error) {
    failure ??= error
  }
  let final: FinalReply | undefined
  return {
    code,
    lines,
    // How it ended is told when it is asked for: behind the preliminary reply.
    get completion() {
      final ??= record.settle(failure)
      return final
    },
  }
}

/** A file of the host whose closing is done at once, as nobody’s own is known to be. */
function isPlainFile(file: OpenFile): file is HostFile {
  return file instanceof HostFile && file.close === HostFile.prototype.close
}

/** Whether all of a file that is small has been sent. */
function sendWhole(
  record: TransferRecord,
  { file, start }: { readonly file: HostFile; readonly start: number },
  connection: RawConnection,
  buffer: Buffer,
): boolean {
  const rest = file.size - start
  if (rest > SMALL_BYTES) return false
  // One byte more than there should be, so that a file which grew is noticed.
  const count = readSync(file.fd, buffer, 0, rest + 1, start)
  if (count > rest) return false
  const sent = connection.send(buffer, count)
  if (sent === -EAGAIN || sent === -EINTR) return false
  if (sent < 0) throw systemError('send', sent)
  record.bytes = sent
  if (sent < count) return false
  // In one packet with the last bytes, which is half the work of two.
  connection.end()
  // What is closed with bytes unread is reset by the kernel, and the reset can overtake the file.
  for (let reads = 0; reads < READS_BEFORE_CLOSE && connection.receive(buffer) > 0; reads++);
  return true
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
        // What came is counted, whether or not the disk takes it.
        progress(count)
        writeWhole(fd, buffer.subarray(0, count), appends ? null : route.restartMarker + received)
        received += count
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
