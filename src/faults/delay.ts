import type { DataConnectionState } from '../handlers/dtp-handler.ts'
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
      z.strictObject({
        until: z.literal('transfer-end').meta({ description: 'Waits for the end of the transfer that is running.' }),
      }),
    ]),
  seams: (settings, exchange, moment) => {
    if ('until' in settings) {
      const { state } = exchange.session.dataConnection
      return seamsAt(moment, exchange, () => transferEnd(state, exchange))
    }
    return seamsAt(moment, exchange, async () => {
      const { forMs, jitterMs } = settings
      const delayMs = jitterMs === 0 ? forMs : Math.max(0, Math.round(forMs + jitterMs * (2 * exchange.random() - 1)))
      exchange.note(`delayed ${lasting(delayMs)} at ${moment.phase}`)
      await exchange.sleep(delayMs)
    })
  },
})

/** Waits for the final reply of a transfer that an earlier command began; for its own, nobody could wait. */
async function transferEnd(before: DataConnectionState, exchange: Exchange): Promise<void> {
  const { dataConnection, ioloop } = exchange.session
  if (before.is !== 'transferring' || before !== dataConnection.state) return
  exchange.note('delayed until the transfer ends')
  await before.transfer.completion
  await ioloop.turn()
  await exchange.answered()
}
