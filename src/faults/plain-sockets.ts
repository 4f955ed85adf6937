import type { Socket } from 'node:net'
import { untilGone } from '../handlers/stages.ts'
import { endSide } from '../ioloop/end-side.ts'
import { resetBehind } from '../ioloop/reset.ts'
import type { Exchange } from './fault.ts'

/** Leaves a connection alone for a while, for ever perhaps (`Infinity`); ends when it is gone. */
export function leaveAlone(plain: Socket, durationMs: number, { session }: Exchange): Promise<void> {
  return session.ioloop.sleep(durationMs, untilGone(plain, session.signal))
}

/** Ends a connection over which nothing has been said yet, for the client to see by FIN or RST. */
export async function hangUp(plain: Socket, how: 'fin' | 'rst', exchange: Exchange): Promise<void> {
  if (how === 'rst') return resetBehind(plain, plain)
  // What the client still says is taken: left unread, it would have the kernel reset the connection.
  await endSide(plain.resume())
  void exchange.gone().then(() => plain.destroy())
}
