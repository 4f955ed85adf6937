import type { DataFlow } from '../handlers/seams.ts'
import { type Exchange, fault } from './fault.ts'
import { mark, placeOf } from './marks.ts'
import { behind, type Chunks } from './passing.ts'
import { someBytes } from './shapes.ts'

/** Where a size is not known, the place is drawn among so many bytes. */
const HEAD_BYTES = 1024

/** Bytes that arrive as others. */
export const corrupt = fault({
  name: 'corrupt',
  does: 'Changes bytes on their way, one unless told otherwise, at a mark or at a place left to chance; none is lost or added.',
  needs: 'transfer',
  schema: (z) =>
    z.strictObject({
      at: mark(z).optional().meta({ description: 'Behind how much of the data. Default: left to chance.' }),
      bytes: someBytes(z).default(1).meta({ description: 'How many bytes in a row. Default: 1.' }),
    }),
  seams: ({ at, bytes }, exchange) => ({
    data: (flow) => {
      const from = (place: number) =>
        behind(place, (rest) => {
          return changed(rest, bytes, exchange, () =>
            exchange.note(`${flow.path}: ${bytes} bytes corrupted behind the first ${place}`),
          )
        })
      if (at !== undefined) return [from(placeOf(at, flow, exchange))]
      return [
        async function* (chunks, signal) {
          const { place, all } = await drawn(chunks, flow, exchange)
          yield* from(place)(all, signal)
        },
      ]
    },
  }),
})

/** A place among the bytes to come. */
async function drawn(chunks: Chunks, { size }: DataFlow, exchange: Exchange): Promise<{ place: number; all: Chunks }> {
  const among = (bytes: number) => Math.floor(exchange.random() * bytes)
  if (size !== undefined) return { place: among(size), all: chunks }
  const source = chunks[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  while (head.length < HEAD_BYTES) {
    const { done, value } = await source.next()
    if (done) break
    head = Buffer.concat([head, value])
  }
  return { place: among(Math.min(head.length, HEAD_BYTES)), all: withHead(head, source) }
}

async function* withHead(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

/** Each byte becomes another one. */
async function* changed(chunks: Chunks, bytes: number, exchange: Exchange, done: () => void): AsyncGenerator<Buffer> {
  let left = bytes
  for await (const chunk of chunks) {
    if (left === bytes) done()
    if (left > 0) {
      const copy = Buffer.from(chunk)
      const end = Math.min(left, chunk.length)
      for (let at = 0; at < end; at++) copy[at] = (copy[at] ?? 0) ^ (1 + Math.floor(exchange.random() * 255))
      left -= end
      yield copy
    } else yield chunk
  }
}
