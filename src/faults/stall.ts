import { fault } from './fault.ts'
import { mark, placeOf } from './marks.ts'
import { behind } from './passing.ts'
import { durationOrForever, lasting } from './shapes.ts'

/** A line that is dead for a while, or for good, with nobody closing anything. */
export const stall = fault({
  name: 'stall',
  does: 'Sends or reads nothing after so many bytes, for a time or for ever; the rest follows.',
  needs: 'transfer',
  schema: (z) =>
    z.strictObject({
      after: mark(z).meta({ description: 'Behind how much of the data.' }),
      for: durationOrForever(z)
        .default(Number.POSITIVE_INFINITY)
        .meta({ description: 'How long nothing goes on. Default: forever.' }),
    }),
  seams: ({ after, for: durationMs }, exchange) => ({
    data: (flow) => {
      const limit = placeOf(after, flow, exchange)
      return [
        behind(limit, async function* (rest, signal) {
          exchange.note(`${flow.path}: stalled after ${limit} bytes ${lasting(durationMs)}`)
          await flow.hold(durationMs)
          if (!signal.aborted) yield* rest
        }),
      ]
    },
  }),
})
