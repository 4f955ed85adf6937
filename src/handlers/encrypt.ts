import type { Socket } from 'node:net'
import type { AsyncChat } from '../ioloop/async-chat.ts'
import type { Seams } from './seams.ts'
import type { Handshake } from './tls-socket.ts'

/** Has a dialogue go on encrypted. Rejects where that fails; resolves with `false` where the connection went before. */
export async function encrypt(
  chat: AsyncChat,
  begin: (socket: Socket) => Handshake,
  seams: Seams | undefined,
): Promise<boolean> {
  let done: Promise<void> | undefined
  await chat.upgrade(async (plain) => {
    await seams?.securing?.(plain, 'control')
    if (plain.destroyed || chat.closing) return undefined
    const { socket, done: shaken } = begin(plain)
    done = shaken.then(() => seams?.secured?.(socket, 'control'))
    return socket
  })
  await done
  return done !== undefined
}
