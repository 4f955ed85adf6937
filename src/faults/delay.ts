import { fault } from './fault.ts'
import { PHASES, seamsAt } from './phases.ts'
import { duration } from './shapes.ts'

/** The server takes its time. */
export const delay = fault({
  name: 'delay',
  does: 'Waits before it goes on: before the command is done, unless `phase` names another moment.',
  phases: ['after-read', ...PHASES],
  schema: (z) => duration(z),
  seams: (delayMs, exchange, moment) =>
    seamsAt(moment, async () => {
      exchange.note(`delayed by ${delayMs} ms at ${moment.phase}`)
      await exchange.sleep(delayMs)
    }),
})
