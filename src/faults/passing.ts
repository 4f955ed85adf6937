import type { DataFlow } from '../handlers/seams.ts'
import type { Stage } from '../handlers/stages.ts'
import type { IOLoop } from '../ioloop/ioloop.ts'

/** The bytes of a transfer, chunk by chunk. */
export type Chunks = AsyncIterable<Buffer>

/** How long a client that should end its side may be silent before the connection is reset. */
const SILENCE_MS = 2000

/**
 * A stage that passes so many bytes on and leaves all behind them to another, which may find nothing there. When there
 * are fewer it is not asked.
 */
export function behind(limit: number, others: (rest: Chunks, signal: AbortSignal) => Chunks): Stage {
  return async function* (chunks, signal) {
    const source = chunks[Symbol.asyncIterator]()
    let left = limit
    let over: Buffer = Buffer.alloc(0)
    try {
      while (left > 0) {
        const { done, value } = await source.next()
        if (done) return
        const part = value.subarray(0, left)
        over = value.subarray(part.length)
        left -= part.length
        yield part
      }
      yield* others(joined(over, source), signal)
    } finally {
      await source.return?.()
    }
  }
}

/** As `behind`, where none of the others is passed on. */
export function endBehind(limit: number, act: (rest: Chunks) => Promise<void>): Stage {
  return behind(limit, async function* (rest) {
    await act(rest)
    yield* []
  })
}

async function* joined(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

/** Reads on and throws away, up to the end that the client makes. */
export async function drain(rest: Chunks): Promise<void> {
  for await (const _ of rest);
}

/** Ends this side of an upload, and drains the other; a client that neither ends nor goes on is reset. */
export async function endAndDrain(rest: Chunks, flow: DataFlow, ioloop: IOLoop): Promise<void> {
  flow.socket.end()
  const expiry = ioloop.callLater(SILENCE_MS, () => void flow.reset())
  try {
    for await (const _ of rest) expiry.reset()
  } finally {
    expiry.cancel()
  }
}
