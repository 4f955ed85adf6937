import type { Awaitable } from '../authorizers/authorizer.ts'
import { decodeText } from '../protocol/encoding.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import { detailOf } from './command-detail.ts'
import { dispatch, type RecognizedCommand, recognize } from './dispatch.ts'
import type { CommandDetail } from './events.ts'
import type { FTPHandler } from './ftp-handler.ts'

/** What a line of the client's asks for. */
export interface Request {
  readonly command: RecognizedCommand
  /** What the time line is told of it. */
  readonly detail: CommandDetail
  /** Does it. */
  obey(): Awaitable<Reply>
}

/** Reads a line as a command. */
export function requestOf({ commands, session, server, connection }: FTPHandler, line: Buffer): Request {
  const { encoding, unicodeErrors } = server.options
  const text = decodeText(line, encoding, unicodeErrors === 'strict')
  const command = recognize(commands, text ?? line.toString('latin1'))
  // Before ABOR and the like, what cannot be decoded is left of Telnet signals.
  const undecodable = text === undefined && !(command.spec?.urgent && command.argument === '')
  return {
    command,
    detail: detailOf(commands, command, line),
    obey: () => {
      // A fault may have held it up until nobody is there to want it.
      if (connection.isGone || connection.wire.hasEnded) return reply(421, 'Connection closed.')
      return undecodable ? reply(501, `Can't decode command as ${encoding}.`) : dispatch(session, command)
    },
  }
}
