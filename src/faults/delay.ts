import { type Exchange, fault } from './fault.ts'
import { PHASES, seamsAt } from './phases.ts'
import { duration, durationOrForever, lasting } from './shapes.ts'

/** The server takes its time. */
export const delay = fault({
  name: 'delay',
  does: "Waits before it goes on, `forever` perhaps, or until the transfer that is running ends (`until: 'transfer-end'`).",
  phases: ['after-read', ...PHASES],
  schema: (z) =>
    z.union([
      durationOrForever(z).transform((forMs) => ({ forMs, jitterMs: 0 })),
      z
        .strictObject({
          for: duration(z).meta({ description: 'How long to wait.' }),
          jitter: duration(z)
            .default(0)
            .meta({ description: 'By how much that may be more or less, left to chance. Default: 0.' }),
        })
        .transform(({ for: forMs, jitter: jitterMs }) => ({ forMs, jitterMs })),
      z.strictObject({ until: z.literal('transfer-end') }),
    ]),
  seams: (settings, exchange, moment) =>
    seamsAt(moment, exchange, async () => {
      if ('until' in settings) return transferEnd(exchange)
      const { forMs, jitterMs } = settings
      const delayMs = jitterMs === 0 ? forMs : Math.max(0, Math.round(forMs + jitterMs * (2 * exchange.random() - 1)))
      exchange.note(`delayed ${lasting(delayMs)} at ${moment.phase}`)
      await exchange.sleep(delayMs)
    }),
})

/** Waits for the final reply of a transfer that an earlier command began. */
async function transferEnd(exchange: Exchange): Promise<void> {
  const { dataConnection, ioloop } = exchange.session
  const { state } = dataConnection
  if (state.is !== 'transferring') return
  exchange.note('delayed until the transfer ends')
  await state.transfer.completion
  await ioloop.turn()
}
