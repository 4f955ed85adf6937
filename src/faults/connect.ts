import { isIP } from 'node:net'
import type { ConnectPlan } from '../handlers/seams.ts'
import { fault } from './fault.ts'
import { duration } from './shapes.ts'

/** Active mode in which the server does not come, comes late, or comes from where nobody expects it. */
export const connect = fault({
  name: 'connect',
  does: 'Answers PORT or EPRT with 200 and connects late or never; or connects from another address.',
  needs: 'active',
  schema: (z) => {
    const after = duration(z).meta({ description: 'How long behind the reply to connect.' })
    const from = z
      .string()
      .refine((text) => isIP(text) !== 0, { error: 'an IP address of this machine' })
      .meta({ description: 'The address to connect from, one of this machine.' })
    return z.union([z.literal('never'), z.strictObject({ after, from: from.optional() }), z.strictObject({ from })])
  },
  seams: (how, exchange) => ({
    connecting(): ConnectPlan {
      if (how === 'never') {
        exchange.note('does not connect')
        return { after: exchange.gone() }
      }
      const { from } = how
      const local = from === undefined ? {} : { localAddress: from }
      const origin = from === undefined ? '' : ` from ${from}`
      if (!('after' in how)) {
        exchange.note(`connects${origin}`)
        return local
      }
      exchange.note(`connects ${how.after} ms later${origin}`)
      return { ...local, after: exchange.sleep(how.after) }
    },
  }),
})
