import { type Exchange, fault } from './fault.ts'
import { replies, type ScriptedReply } from './scripted-reply.ts'

/** The server says something else than it would, without doing what it was told. */
export const reply = fault({
  name: 'reply',
  does: "Answers with this in place of doing the command, or of greeting: one reply, several, or 'none'.",
  phases: ['after-read', 'quit', 'greeting'],
  schema: (z) => {
    const settings = z.strictObject({
      with: replies(z).meta({ description: 'What is said.' }),
      data: z
        .enum(['close', 'leave'])
        .default('close')
        .meta({ description: 'What becomes of a data connection that waits for this transfer. Default: close.' }),
    })
    return z.union([replies(z).transform((said) => ({ with: said, data: 'close' as const })), settings])
  },
  seams: ({ with: said, data }, exchange, { phase }) => {
    if (phase === 'greeting') {
      return {
        reply: (natural, send) => {
          exchange.note(effect(said))
          return exchange.replace(natural, send, ...said)
        },
      }
    }
    return {
      async command() {
        if (exchange.isConcluded) return undefined
        exchange.note(effect(said))
        await exchange.conclude(...said)
        if (exchange.command?.spec?.transfers) await endTransfer(exchange, data)
        return undefined
      },
    }
  },
})

/** What becomes of a data connection that was waiting, as when the server itself refuses a transfer: reply first, then close. */
async function endTransfer({ session }: Exchange, data: 'close' | 'leave'): Promise<void> {
  const { dataConnection, ioloop } = session
  session.take('restartMarker')
  if (data === 'leave' || dataConnection.state.is === 'transferring') return
  await ioloop.turn()
  await dataConnection.close()
}

/** What is said in place of something else, in words. */
function effect(said: readonly ScriptedReply[]): string {
  if (said.length === 0) return 'not answered'
  return `answered by the scenario${said.length === 1 ? '' : ` with ${said.length} replies`}`
}
