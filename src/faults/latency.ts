import { type Exchange, fault } from './fault.ts'
import { duration } from './shapes.ts'

interface Latency {
  readonly of: number
  readonly jitter: number
}

/**
 * A far line. The next chunk is taken when the one before it has gone: a line that waits for its acknowledgements, with
 * a window of one chunk.
 */
export const latency = fault({
  name: 'latency',
  does: 'Delays each chunk of the data by so much, give or take `jitter`; their order is kept.',
  needs: 'transfer',
  schema: (z) =>
    z.union([
      duration(z).transform((of) => ({ of, jitter: 0 })),
      z.strictObject({
        of: duration(z).meta({ description: 'How late each chunk is.' }),
        jitter: duration(z)
          .default(0)
          .meta({ description: 'By how much that may be more or less, left to chance. Default: 0.' }),
      }),
    ]),
  seams: (settings, exchange) => ({
    data: (flow) => [
      async function* (chunks, signal) {
        exchange.note(`${flow.path}: each chunk delayed by ${settings.of} ms${spread(settings)}`)
        for await (const chunk of chunks) {
          await flow.hold(drawn(settings, exchange))
          if (signal.aborted) return
          yield chunk
        }
      },
    ],
  }),
})

function spread({ jitter }: Latency): string {
  return jitter === 0 ? '' : ` ± ${jitter} ms`
}

function drawn({ of, jitter }: Latency, exchange: Exchange): number {
  return jitter === 0 ? of : Math.max(0, of + jitter * (2 * exchange.random() - 1))
}
