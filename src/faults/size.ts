import { fault } from './fault.ts'

/** A server that miscounts. */
export const size = fault({
  name: 'size',
  does: 'SIZE, and no other command, answers with a wrong size: so many bytes more, fewer, or times the right one.',
  needs: 'size',
  schema: (z) =>
    z
      .strictObject({
        add: z.int().optional().meta({ description: 'How many bytes too many are told; below 0, too few.' }),
        times: z.number().min(0).optional().meta({ description: 'The right size times this is told.' }),
      })
      .refine(({ add, times }) => (add === undefined) !== (times === undefined), { error: 'either add or times' })
      .transform(({ add = 0, times = 1 }) => ({ add, times })),
  seams: ({ add, times }, exchange) => ({
    reply(outgoing, send) {
      if (outgoing.code !== 213 || outgoing.wire !== undefined) return send(outgoing)
      const right = Number(outgoing.lines[0])
      const wrong = Math.max(0, Math.round(right * times) + add)
      exchange.note(`said ${wrong} bytes, where there are ${right}`)
      return send({ ...outgoing, lines: [String(wrong)] })
    },
  }),
})
