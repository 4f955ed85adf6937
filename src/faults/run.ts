import { type Exchange, fault } from './fault.ts'
import { PHASES, seamsAt } from './phases.ts'

/** Code of a test's own, called at a moment of an exchange, which waits for it. */
export type RunFunction = (exchange: Exchange) => void | Promise<void>

/** What no other fault does. */
export const run = fault({
  name: 'run',
  does: 'Calls a function of yours: for scenarios that are written in code.',
  phases: ['after-read', ...PHASES],
  schema: (z) => z.custom<RunFunction>((value) => typeof value === 'function', { error: 'a function' }),
  seams: (call, exchange, moment) =>
    seamsAt(moment, exchange, async () => {
      exchange.note(`called ${call.name || 'a function'} at ${moment.phase}`)
      await call(exchange)
    }),
})
