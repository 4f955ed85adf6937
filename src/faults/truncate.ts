import { reply } from '../protocol/reply.ts'
import { fault } from './fault.ts'
import { mark, placeOf } from './marks.ts'
import { drain, endBehind } from './passing.ts'

/** The end of a file goes missing, and nobody says so; see `cut` for a transfer that fails. */
export const truncate = fault({
  name: 'truncate',
  does: 'Sends or stores only so many bytes and claims with 226 that all went well.',
  needs: 'transfer',
  schema: (z) => z.strictObject({ after: mark(z).meta({ description: 'Behind how much of the data.' }) }),
  seams: ({ after }, exchange) => ({
    data: (flow) => {
      const limit = placeOf(after, flow, exchange)
      return [
        endBehind(limit, async (rest) => {
          exchange.note(`${flow.path}: truncated to ${limit} bytes`)
          flow.giveUp(reply(226, 'Transfer complete.'))
          if (flow.direction === 'received') await drain(rest)
        }),
      ]
    },
  }),
})
