import { fault } from './fault.ts'
import { bytesAt, mark } from './marks.ts'
import { ending } from './shapes.ts'

/** The data connection ends amid a transfer, which fails with 426; see `truncate` for one that claims success. */
export const cut = fault({
  name: 'cut',
  does: 'Ends the data connection after so many bytes, by FIN or RST; the reply is 426 then.',
  needs: 'transfer',
  schema: (z) => z.strictObject({ after: mark(z), with: ending(z).default('fin') }),
  seams: ({ after, with: end }, exchange) => ({
    data: (flow) => {
      const limit = bytesAt(after, flow)
      return [
        async function* (chunks) {
          let rest = limit
          for await (const chunk of chunks) {
            if (chunk.length < rest) {
              rest -= chunk.length
              yield chunk
              continue
            }
            if (rest > 0) yield chunk.subarray(0, rest)
            exchange.note(`${flow.path}: data connection cut after ${limit} bytes by ${end.toUpperCase()}`)
            if (end === 'rst') await flow.reset()
            else flow.giveUp()
            return
          }
        },
      ]
    },
  }),
})
