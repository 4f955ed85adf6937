import { fault } from './fault.ts'
import { mark, placeOf } from './marks.ts'
import { endAndDrain, endBehind } from './passing.ts'
import { ending } from './shapes.ts'

/** The data connection ends amid a transfer, which fails with 426; see `truncate` for one that claims success. */
export const cut = fault({
  name: 'cut',
  does: 'Ends the data connection after so many bytes, by FIN or RST; the reply is 426 then.',
  needs: 'transfer',
  schema: (z) =>
    z.strictObject({
      after: mark(z).meta({ description: 'Behind how much of the data.' }),
      with: ending(z).default('fin').meta({ description: 'How the connection ends. Default: fin.' }),
    }),
  seams: ({ after, with: end }, exchange) => ({
    data: (flow) => {
      const limit = placeOf(after, flow, exchange)
      return [
        endBehind(limit, async (rest) => {
          exchange.note(`${flow.path}: data connection cut after ${limit} bytes by ${end.toUpperCase()}`)
          if (end === 'rst') return flow.reset()
          flow.giveUp()
          // Closed with bytes unread, the connection would be reset: they are read, and go nowhere.
          if (flow.direction === 'received') await endAndDrain(rest, flow, exchange.session.ioloop)
        }),
      ]
    },
  }),
})
