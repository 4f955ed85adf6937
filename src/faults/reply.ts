import { fault } from './fault.ts'
import { scriptedReply } from './scripted-reply.ts'

/** The server says something else than it would, without doing what it was told. */
export const reply = fault({
  name: 'reply',
  does: "Answers with this in place of doing the command: one reply, several, or 'none'.",
  schema: (z) =>
    z.union([
      z.literal('none').transform(() => []),
      scriptedReply(z).transform((one) => [one]),
      z.array(scriptedReply(z)),
    ]),
  seams: (replies, exchange) => ({
    async command() {
      exchange.note(replies.length === 0 ? 'not answered' : 'answered by the scenario')
      await exchange.conclude(...replies)
      return undefined
    },
  }),
})
