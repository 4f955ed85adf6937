import { RefusalError } from '../handlers/error-reply.ts'
import { type FinalCode, type FinalReply, reply } from '../protocol/reply.ts'
import { fault } from './fault.ts'

const REFUSAL = '522 The data connection must resume the TLS session of the control connection.'

/**
 * A server that takes a data connection for the client's only when it resumes the TLS session of the control connection,
 * as vsftpd (522) and FileZilla (425) do. On control connections from before the scenario, a session of any will do.
 */
export const requireResumption = fault({
  name: 'requireResumption',
  does: 'Ends a data connection that does not resume the TLS session of the control connection, and the transfer over it.',
  needs: 'data-handshake',
  mayPass: true,
  schema: (z) => {
    const refusal = z
      .string()
      .regex(/^[45]\d\d .+$/, { error: "a reply of one line, such as '425 Resume the session.'" })
    return z.union([
      z.literal('close'),
      z.strictObject({
        with: refusal.default(REFUSAL).meta({ description: `The refusal. Default: '${REFUSAL}'` }),
      }),
    ])
  },
  seams: (how, exchange) => ({
    secured(socket) {
      if (socket.isSessionReused()) return
      exchange.note('data connection closed: it does not resume the session of the control connection')
      throw new RefusalError(how === 'close' ? reply(426, 'Connection closed; transfer aborted.') : read(how.with))
    },
  }),
})

function read(text: string): FinalReply {
  // Which codes there are is the scenario's choice.
  return reply(Number(text.slice(0, 3)) as FinalCode, text.slice(4))
}
