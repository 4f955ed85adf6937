import type { OutgoingReply } from '../handlers/seams.ts'
import { type Encoding, encodeText } from '../protocol/encoding.ts'
import { formatReply } from '../protocol/reply.ts'
import { fault } from './fault.ts'
import { outgoing, textOf } from './scripted-reply.ts'

/** A reply of the server's own, in other words. */
export const rewrite = fault({
  name: 'rewrite',
  does: "Changes the text of the server's own replies on their way: what `match`, a regular expression, finds is replaced by `with`.",
  schema: (z) => {
    const flags = z.string().regex(/^(?!.*(.).*\1)[gimsu]*$/, { error: 'letters of "gimsu", each at most once' })
    return z
      .strictObject({
        match: z.string().min(1).meta({ description: 'A regular expression for what is to be replaced.' }),
        with: z.string().meta({ description: "What is put in its place; '$1' is its first group." }),
        flags: flags.default('').meta({ description: "Flags of the expression: 'g' for every match. Default: none." }),
      })
      .transform(({ match, with: replacement, flags }, context) => {
        try {
          return { pattern: new RegExp(match, flags), replacement }
        } catch (error) {
          const reason = (error as Error).message.replace(/^.*: /s, '').toLowerCase()
          const message = 'a regular expression'
          context.issues.push({ code: 'custom', message, input: match, path: ['match'], params: { reason } })
          return z.NEVER
        }
      })
  },
  seams: ({ pattern, replacement }, exchange) => ({
    reply: (natural, send) => {
      const { encoding } = exchange.session.options
      const text = shownText(natural, encoding)
      const changed = text.replace(pattern, replacement)
      if (changed === text) return send(natural)
      exchange.note(`reply rewritten: ${natural.code}`)
      const { isPreliminary } = natural
      return send({ ...outgoing({ raw: `${changed}\r\n` }, encoding), isPreliminary })
    },
  }),
})

/** A reply as it is about to go over the wire, without its last line end. */
function shownText({ code, lines, wire }: OutgoingReply, encoding: Encoding): string {
  const bytes = wire ?? encodeText(formatReply({ code, lines }), encoding)
  return textOf(bytes, encoding).replace(/\r\n$/, '')
}
