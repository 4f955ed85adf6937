import type { Seams } from '../handlers/seams.ts'
import { reply } from '../protocol/reply.ts'
import { type Exchange, fault } from './fault.ts'
import { PHASES, seamsAt } from './phases.ts'

/** A user who may do less than he was told. */
export const permissions = fault({
  name: 'permissions',
  does: 'From the next command to the end of the session, only what needs one of these permissions, or none, works; the rest is answered with 550.',
  phases: ['after-read', ...PHASES],
  schema: (z) => z.string().regex(/^[elradfmwMT]*$/, { error: 'letters of "elradfmwMT"' }),
  seams: (letters, exchange, moment) =>
    seamsAt(moment, exchange, async () => {
      exchange.note(letters === '' ? 'no permissions left' : `permissions limited to ${letters}`)
      exchange.last(guard(letters, exchange))
    }),
})

function guard(letters: string, { session }: Exchange): Seams {
  return {
    command: (obey) => {
      const { perm } = session.commands[session.verb] ?? {}
      if (perm === undefined || letters.includes(perm) || session.login.step !== 'done') return obey()
      return reply(550, 'Not enough privileges.')
    },
  }
}
