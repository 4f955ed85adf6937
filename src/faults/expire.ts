import { fault } from './fault.ts'
import { PHASES, seamsAt } from './phases.ts'
import { replies } from './scripted-reply.ts'
import { duration } from './shapes.ts'

/** The time of a session is up, whatever it is at. */
export const expire = fault({
  name: 'expire',
  does: 'Says 421 so long after a moment and closes the control connection, whatever goes on; a transfer still finishes.',
  phases: ['after-read', ...PHASES],
  schema: (z) =>
    z.strictObject({
      after: duration(z).meta({ description: 'How long after the moment.' }),
      with: replies(z)
        .default([{ text: '421 Session timed out; closing control connection.' }])
        .meta({ description: "What is said then. Default: '421 Session timed out; closing control connection.'" }),
    }),
  seams: ({ after, with: said }, exchange, moment) =>
    seamsAt(moment, exchange, async () => {
      const { session, memory } = exchange
      const { connection } = session.handler
      // The time of a session runs once: a later command does not make it longer.
      const counted = (memory.get('counted') ?? new WeakSet()) as WeakSet<object>
      memory.set('counted', counted)
      if (counted.has(session)) return
      counted.add(session)
      void exchange.sleep(after).then(async () => {
        if (connection.isGone || connection.wire.hasEnded || exchange.isOver) return
        exchange.note(`session expired ${after} ms after ${moment.phase}`)
        await exchange.say(...said)
        await connection.wire.end('fin', 'leave')
      })
    }),
})
