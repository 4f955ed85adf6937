import { fault } from './fault.ts'
import { PHASES, seamsAt } from './phases.ts'

const shown = { fin: 'ended by FIN', rst: 'reset', half: 'ended by FIN on this side, and still read' }

/** The control connection is lost. */
export const disconnect = fault({
  name: 'disconnect',
  does: "Ends the control connection by FIN or RST, and the data connection with it unless `data: 'leave'`; `half` ends this side only, and obeys on in silence.",
  phases: ['after-read', ...PHASES],
  schema: (z) => {
    const end = z.enum(['fin', 'rst', 'half'])
    return z.union([
      end.transform((one) => ({ with: one, data: 'close' as const })),
      z.strictObject({
        with: end.meta({ description: 'How the control connection ends.' }),
        data: z
          .enum(['close', 'leave'])
          .default('close')
          .meta({ description: 'What becomes of the data connection. Default: close.' }),
      }),
    ])
  },
  seams: ({ with: end, data }, exchange, moment) =>
    seamsAt(moment, exchange, async () => {
      exchange.note(`control connection ${shown[end]} at ${moment.phase}`)
      await exchange.session.handler.connection.wire.end(end, data)
    }),
})
