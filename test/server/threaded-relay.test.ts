import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { AsyncChat, IOLoop } from '../../src/server.ts'
import { RelayedSocket } from '../../src/servers/relayed-socket.ts'
import type { Outbound } from '../../src/servers/worker-messages.ts'

const addresses = { remoteAddress: '192.0.2.1', remotePort: 4, localAddress: '192.0.2.2', localPort: 21 }

/** A relayed socket, and what it has sent to the other thread. */
function relayed(): { readonly socket: RelayedSocket; readonly sent: Outbound[] } {
  const sent: Outbound[] = []
  return { socket: new RelayedSocket((message) => sent.push(message), addresses), sent }
}

const bytes = (text: string) => ({ type: 'bytes', bytes: new TextEncoder().encode(text) }) as const
const textsIn = (sent: readonly Outbound[]) =>
  sent.flatMap((message) => (message.type === 'bytes' ? [Buffer.from(message.bytes).toString()] : []))

test('a chunk is sent when the one before it is with the kernel, and those that wait go together', async () => {
  const { socket, sent } = relayed()
  for (const text of ['one ', 'two ', 'three']) socket.write(text)
  expect(textsIn(sent)).toEqual(['one '])
  expect(socket.writableLength).toBe(13)
  socket.receive({ type: 'written' })
  await new Promise(setImmediate)
  expect(textsIn(sent)).toEqual(['one ', 'two three'])
  expect(socket.writableLength).toBe(9)
  socket.end()
  expect(sent.map(({ type }) => type)).not.toContain('end')
  socket.receive({ type: 'written' })
  await once(socket, 'finish')
  expect(sent.at(-1)).toEqual({ type: 'end' })
})

test('what is sent is a copy, not all the memory around it', () => {
  const { socket, sent } = relayed()
  socket.write(Buffer.from('short'))
  const [message] = sent
  expect(message?.type === 'bytes' && message.bytes.buffer.byteLength).toBe(5)
})

test('a chunk is asked for when there is room, and one at a time', async () => {
  const { socket, sent } = relayed()
  const asked = () => sent.filter(({ type }) => type === 'read').length
  socket.on('data', () => socket.pause())
  await new Promise(setImmediate)
  expect(asked()).toBe(1)
  socket.receive(bytes('x'.repeat(100_000)))
  await new Promise(setImmediate)
  expect(asked()).toBeLessThanOrEqual(2)
})

test('a reset on the other side is an error here, and the end of it', async () => {
  const { socket, sent } = relayed()
  const failed = once(socket, 'error')
  const error = { name: 'Error', message: 'read ECONNRESET', code: 'ECONNRESET', stack: undefined, cause: undefined }
  socket.receive({ type: 'closed', error })
  expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' })
  expect(socket.destroyed).toBe(true)
  expect(sent.at(-1)).toEqual({ type: 'destroy' })
  socket.receive(bytes('too late'))
})

test('an upgrade throws away what came before its reply left, and nothing of what comes after', async () => {
  const { socket } = relayed()
  const lines: string[] = []
  const chat: AsyncChat = new AsyncChat(socket as unknown as Socket, new IOLoop(), {
    onReady: () => {
      for (let line = chat.nextLine(); line !== undefined; line = chat.nextLine()) lines.push(String(line))
    },
    onEnd: () => {},
    onClose: () => {},
  })
  chat.push('234 go on\r\n')
  socket.pause()
  socket.receive(bytes('INJECTED\r\n'))
  const upgraded = chat.upgrade((plain) => plain)
  // The client has the reply, and this side does not know it yet.
  socket.receive(bytes('ENCRYPTED\r\n'))
  socket.receive({ type: 'written' })
  await new Promise(setImmediate)
  socket.receive({ type: 'written' })
  await upgraded
  await new Promise(setImmediate)
  expect(lines).toEqual(['ENCRYPTED'])
  socket.destroy()
})
