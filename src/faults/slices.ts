import type { DataFlow } from '../handlers/seams.ts'
import { flushed } from '../ioloop/flushed.ts'
import { fault } from './fault.ts'
import type { Chunks } from './passing.ts'
import { duration, someBytes } from './shapes.ts'

/** A line of small segments: whoever takes one read for one record is found out. */
export const slices = fault({
  name: 'slices',
  does: 'Cuts the data into slices of so many bytes at most, each sent by itself, with a pause of `every` between them.',
  needs: 'transfer',
  schema: (z) =>
    z.union([
      someBytes(z).transform((bytes) => ({ bytes, every: 0 })),
      z.strictObject({
        bytes: someBytes(z).meta({ description: 'How large a slice is at most.' }),
        every: duration(z).default(0).meta({ description: 'The pause between two of them. Default: 0.' }),
      }),
    ]),
  seams: ({ bytes, every }, exchange) => ({
    data: (flow) => [
      async function* (chunks, signal) {
        exchange.note(`${flow.path}: in slices of ${bytes} bytes${every === 0 ? '' : `, one every ${every} ms`}`)
        flow.plain.setNoDelay()
        let isFirst = true
        for await (const slice of sliced(chunks, bytes)) {
          if (!isFirst) await pause(flow, every)
          if (signal.aborted) return
          yield slice
          isFirst = false
        }
      },
    ],
  }),
})

/** What waits in a socket is sent together with what comes after it. */
async function pause(flow: DataFlow, durationMs: number): Promise<void> {
  if (flow.direction === 'sent') await flushed(flow.socket)
  if (durationMs > 0) await flow.hold(durationMs)
}

/** Chunks cut down to a size. What is left of one goes by itself: held back, it would be lost where the next thing is a cut. */
async function* sliced(chunks: Chunks, bytes: number): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += bytes) yield chunk.subarray(at, at + bytes)
  }
}
