import type { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { Awaitable } from '../authorizers/authorizer.ts'
import type { OpenFile } from '../filesystems/open-file.ts'
import { endSide } from '../ioloop/end-side.ts'
import { flushed } from '../ioloop/flushed.ts'
import { connectionClosed, cutError } from '../ioloop/reset.ts'
import { FromNetworkAscii, ToNetworkAscii } from '../protocol/ascii.ts'

/** One step that the bytes of a transfer go through on their way. */
export type Stage = (chunks: AsyncIterable<Buffer>, signal: AbortSignal) => AsyncIterable<Buffer>

/** Aborted when a transfer is, and when its connection is gone: nothing is worth waiting for then. */
export function untilGone(socket: Socket, signal: AbortSignal): AbortSignal {
  const controller = new AbortController()
  const abort = () => controller.abort()
  if (signal.aborted || socket.destroyed) abort()
  socket.once('close', abort)
  signal.addEventListener('abort', abort, { once: true })
  return controller.signal
}

/** How the bytes of a transfer go. */
export interface Way {
  readonly stages: readonly Stage[]
  /** Aborted when the transfer is. */
  readonly signal: AbortSignal
  /** Asked when all has been sent or received: `true` when the connection has been ended then. */
  readonly ending?: () => Promise<boolean>
}

/** Sends what a source yields through the stages, then shuts the connection down. */
export async function sendThrough(
  source: AsyncIterable<Buffer>,
  socket: Socket,
  { stages, signal, ending }: Way,
): Promise<void> {
  const gone = untilGone(socket, signal)
  const staged = stages.reduce((chunks, stage) => stage(chunks, gone), source)
  // What a client sends while it should only listen is thrown away; reading notices when it is gone.
  socket.resume()
  if (ending === undefined) return pipeline(staged, socket, { signal })
  await pipeline(staged, socket, { signal, end: false })
  await flushed(socket)
  if (!(await ending())) await pipeline([], socket, { signal })
}

/** Receives up to the end of the data through the stages. */
export async function receiveThrough(socket: Socket, file: OpenFile, { stages, signal, ending }: Way): Promise<void> {
  let writing: Awaitable<void> | undefined
  let over = false
  const gone = untilGone(socket, signal)
  const write = async (chunks: AsyncIterable<Buffer>) => {
    const staged = stages.reduce((staged, stage) => stage(staged, gone), chunks)
    for await (const chunk of staged) {
      if (over) return
      if (chunk.length === 0) continue
      writing = file.write(chunk)
      await writing
    }
  }
  const isEncrypted = 'encrypted' in socket
  let cut: Error | undefined
  socket.once('end', () => {
    cut = cutError(socket)
  })
  // Read to its end, a socket would be closed: too early for what is to be said then, and for stages that wait.
  const source = socket.iterator({ destroyOnReturn: false })
  try {
    await pipeline(source, write, { signal })
  } finally {
    // A reset ends the pipeline amid a write, which must not find its descriptor closed or given to another file.
    over = true
    await Promise.resolve(writing).catch(() => {})
  }
  if (cut) throw cut
  // Stages that wait stop when the connection is gone: what came by then is not all of it.
  if (!socket.readableEnded) throw connectionClosed()
  const isEnded = await ending?.()
  // TLS has an end to be said by both sides (RFC 8446 §6.1): Python's ftplib fails an upload that we do not end too.
  if (isEncrypted && !isEnded) await endSide(socket)
}

/** The bytes of a file from where it stands. */
export async function* readChunks(file: OpenFile, bufferSize: number): AsyncGenerator<Buffer> {
  for (;;) {
    const buffer = Buffer.allocUnsafe(bufferSize)
    const count = await file.read(buffer)
    if (count === 0) return
    yield buffer.subarray(0, count)
  }
}

/** TYPE A towards the client. */
export const toAscii: Stage = async function* (chunks) {
  const ascii = new ToNetworkAscii()
  for await (const chunk of chunks) yield ascii.convert(chunk)
}

/** TYPE A from the client. */
export const fromAscii: Stage = async function* (chunks) {
  const ascii = new FromNetworkAscii()
  for await (const chunk of chunks) yield ascii.convert(chunk)
  yield ascii.flush()
}

/** Counts what goes over the wire. */
export function meter(count: (bytes: number) => void): Stage {
  return async function* (chunks) {
    for await (const chunk of chunks) {
      count(chunk.length)
      yield chunk
    }
  }
}
