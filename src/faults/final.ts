import type { OutgoingReply, Seams } from '../handlers/seams.ts'
import { type Exchange, fault } from './fault.ts'
import { replies, type ScriptedReply, silence } from './scripted-reply.ts'
import { duration } from './shapes.ts'

type Early = 'before-preliminary' | 'with-preliminary' | 'data-end'

/** Another end of a command, or one at the wrong time. */
export const final = fault({
  name: 'final',
  does: "Does the command, but with this in place of its final reply, or with that one early, late or repeated; 'none' for none.",
  schema: (z) => {
    const settings = z
      .strictObject({
        with: replies(z)
          .optional()
          .meta({ description: 'What is said. Default: what would be; a 226 where it is early.' }),
        early: z.enum(['before-preliminary', 'with-preliminary', 'data-end']).optional().meta({
          description:
            'Before the 1yz reply, in one segment with it, or with the last byte and before the connection ends.',
        }),
        late: duration(z)
          .optional()
          .meta({ description: 'How long it is held back; other commands are answered meanwhile.' }),
        repeat: z.int().min(2).optional().meta({ description: 'How often it is said.' }),
      })
      .refine((given) => Object.values(given).some((value) => value !== undefined), {
        error: "one of with, early, late, repeat, such as { late: '5s' }",
      })
      .refine(({ early, late }) => early === undefined || late === undefined, { error: 'early or late, not both' })
    return z.union([
      replies(z).transform((said) => ({ with: said, early: undefined, late: undefined, repeat: 1 })),
      settings,
    ])
  },
  seams: ({ with: said, early, late, repeat = 1 }, exchange) => {
    // A greeting ends no command.
    if (exchange.command === undefined) return {}
    if (early !== undefined) return ahead(early, repeated(repeat, said ?? COMPLETE), exchange)
    return {
      reply: (natural, send) => {
        if (natural.isPreliminary) return send(natural)
        const all = repeated<ScriptedReply | OutgoingReply>(repeat, said ?? [natural])
        if (late !== undefined) {
          exchange.note(`final reply held back for ${late} ms`)
          // The command counts as answered: the next ones are read and answered meanwhile.
          void exchange.sleep(late).then(() => exchange.say(...all))
          return exchange.replace(natural, send)
        }
        exchange.note(`final reply ${all.length === 0 ? 'not sent' : (said && 'replaced') || `sent ${repeat} times`}`)
        return exchange.replace(natural, send, ...all)
      },
    }
  },
})

const COMPLETE: readonly ScriptedReply[] = [{ text: '226 Transfer complete.' }]

/** The final reply before its time; where there is no transfer after all, the refusal is sent as it is. */
function ahead(early: Early, said: readonly ScriptedReply[], exchange: Exchange): Seams {
  let isSaid = false
  const say = () => {
    isSaid = true
    exchange.note(`final reply sent early: ${early}`)
    return exchange.say(...said)
  }
  const instead: Seams['reply'] = (natural, send) => send(isSaid ? silence : natural)
  if (early === 'data-end') return { ending: say, reply: (natural, send) => instead(natural, send) }
  const { wire } = exchange.session.handler.connection
  return {
    reply: async (natural, send) => {
      if (!natural.isPreliminary) return instead(natural, send)
      if (early === 'before-preliminary') await say()
      await wire.together(() => Promise.all([send(natural), early === 'with-preliminary' ? say() : undefined]))
    },
    // What is sent so early would be late all the same behind a short file.
    data: () => [
      async function* (chunks) {
        await exchange.announced()
        yield* chunks
      },
    ],
  }
}

function repeated<T>(times: number, all: readonly T[]): T[] {
  return Array.from({ length: times }, () => all).flat()
}
