import { fault } from './fault.ts'
import { PHASES, seamsAt } from './phases.ts'
import { replies } from './scripted-reply.ts'

/** A reply too many. */
export const say = fault({
  name: 'say',
  does: 'Says something that nobody asked for, behind the final reply or at another moment, beside what it says anyway.',
  phases: ['replied', ...PHASES],
  schema: (z) => replies(z),
  seams: (said, exchange, moment) =>
    seamsAt(moment, exchange, async () => {
      exchange.note(`said ${said.length === 1 ? 'a reply' : `${said.length} replies`} of its own at ${moment.phase}`)
      await exchange.say(...said)
    }),
})
