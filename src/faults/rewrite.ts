import type { OutgoingReply } from '../handlers/seams.ts'
import { type Encoding, encodeText } from '../protocol/encoding.ts'
import { formatReply } from '../protocol/reply.ts'
import { fault } from './fault.ts'
import { outgoing, textOf } from './scripted-reply.ts'

/** A reply of the server's own, in other words. */
export const rewrite = fault({
  name: 'rewrite',
  does: "Changes the text of the server's own replies on their way: what `match`, a regular expression, finds is replaced by `with`.",
  schema: (z) =>
    z
      .strictObject({ match: z.string().min(1), with: z.string(), flags: z.string().default('') })
      .transform(({ match, with: replacement, flags }, context) => {
        try {
          return { pattern: new RegExp(match, flags), replacement }
        } catch (error) {
          context.issues.push({ code: 'custom', message: (error as Error).message, input: match, path: ['match'] })
          return z.NEVER
        }
      }),
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
