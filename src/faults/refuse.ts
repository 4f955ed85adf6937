import type { DataFlow } from '../handlers/seams.ts'
import { reply } from '../protocol/reply.ts'
import { type Exchange, fault } from './fault.ts'
import { mark, placeOf } from './marks.ts'
import { type Chunks, drain, endAndDrain, endBehind } from './passing.ts'
import { replies } from './scripted-reply.ts'

const THEN = ['drain', 'ignore', 'fin', 'rst'] as const

/** An upload that the server does not want any more: the disk is full, a quota is used up, a virus was found. */
export const refuse = fault({
  name: 'refuse',
  does: 'Refuses an upload after so many bytes by a reply at once, then reads on, reads no more, or ends the data connection.',
  needs: 'upload',
  schema: (z) =>
    z.strictObject({
      after: mark(z).default({ bytes: 0 }).meta({ description: 'Behind how much of the data. Default: 0.' }),
      with: replies(z)
        .default([{ text: '552 Storage allocation exceeded; upload refused.' }])
        .meta({ description: "The refusal. Default: '552 Storage allocation exceeded; upload refused.'" }),
      then: z.enum(THEN).default('drain').meta({
        description:
          "What becomes of the data that still comes: 'drain' reads it and throws it away, 'ignore' leaves it unread, 'fin' and 'rst' end the connection. Default: drain.",
      }),
      keep: z
        .boolean()
        .default(true)
        .meta({ description: 'Whether what had come by then stays on the server. Default: true.' }),
    }),
  seams: (settings, exchange) => {
    // Asked at the command: another user may be logged in when it comes to that, or nobody.
    const { login } = exchange.session
    const fs = login.step === 'done' ? login.account.fs : undefined
    return {
      data: (flow) => {
        const limit = placeOf(settings.after, flow, exchange)
        return [
          endBehind(limit, async (rest) => {
            const what = settings.keep ? '' : ', and what had come removed'
            exchange.note(`${flow.path}: refused after ${limit} bytes${what}`)
            flow.giveUp(reply(552, 'Upload refused.'))
            if (!settings.keep) await fs?.remove(flow.path)
            await exchange.announced()
            await exchange.conclude(...settings.with)
            await goOn(settings.then, rest, flow, exchange)
          }),
        ]
      },
    }
  },
})

/** What becomes of the data connection. */
async function goOn(how: (typeof THEN)[number], rest: Chunks, flow: DataFlow, exchange: Exchange): Promise<void> {
  switch (how) {
    case 'drain':
      return drain(rest)
    case 'ignore':
      return flow.hold(Number.POSITIVE_INFINITY)
    case 'fin':
      return endAndDrain(rest, flow, exchange.session.ioloop)
    case 'rst':
      return flow.reset()
  }
}
