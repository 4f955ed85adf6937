import type { Stage } from '../handlers/stages.ts'
import { compose } from './compose.ts'
import { fault } from './fault.ts'
import { PHASES, seamsAt } from './phases.ts'
import { durationOrForever, lasting } from './shapes.ts'

/** Both connections stay, and nothing comes of them any more. */
export const blackHole = fault({
  name: 'blackHole',
  does: 'Reads and writes nothing any more, on the control connection and on the data connection of the command, and closes neither.',
  phases: ['after-read', ...PHASES],
  schema: (z) => durationOrForever(z),
  seams: (durationMs, exchange, moment) => {
    const { wire } = exchange.session.handler.connection
    let hole: Promise<void> | undefined
    const fall = async () => {
      exchange.note(`black hole ${lasting(durationMs)} at ${moment.phase}`)
      wire.mute(true)
      hole = exchange.sleep(durationMs)
      await hole
      hole = undefined
      wire.mute(false)
    }
    return compose([
      seamsAt(moment, exchange, fall),
      {
        securing: (_plain, connection) => (connection === 'data' ? hole : undefined),
        data: ({ hold }) => [around(() => hole && hold(hole))],
      },
    ])
  },
})

/** Nothing passes while there is something to wait for, and nothing ends. */
function around(wait: () => Promise<void> | undefined): Stage {
  return async function* (chunks) {
    await wait()
    for await (const chunk of chunks) {
      await wait()
      yield chunk
    }
    await wait()
  }
}
