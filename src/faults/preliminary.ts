import { fault } from './fault.ts'
import { replies } from './scripted-reply.ts'

/** Another announcement of a transfer, or none. */
export const preliminary = fault({
  name: 'preliminary',
  does: "Does the transfer, but with this in place of its 1yz reply: one reply, several, or 'none'.",
  needs: 'transfer',
  schema: (z) => replies(z),
  seams: (said, exchange) => ({
    reply: (natural, send) => {
      if (!natural.isPreliminary) return send(natural)
      exchange.note(`preliminary reply ${said.length === 0 ? 'not sent' : 'replaced'}`)
      return exchange.replace(natural, send, ...said)
    },
  }),
})
