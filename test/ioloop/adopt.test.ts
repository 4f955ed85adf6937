import { once } from 'node:events'
import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { adoptForReading } from '../../src/ioloop/adopt.ts'
import { gone, received, socketPair } from './sockets.ts'

test('an adopted connection reads into the one buffer and writes as before', async () => {
  await using peers = await socketPair()
  const buffer = Buffer.alloc(16)
  const sent = Buffer.from(Array.from({ length: 10_000 }, (_, i) => i & 255))
  const got: Buffer[] = []
  const adopted = adoptForReading(peers.near, buffer, (bytes) => {
    expect(bytes.buffer).toBe(buffer.buffer)
    got.push(Buffer.from(bytes))
  })
  if (adopted === undefined) return expect.fail('was not adopted')
  peers.far.end(sent)
  await once(adopted, 'end')
  expect(Buffer.concat(got)).toEqual(sent)
  expect(adopted.writable, 'half-open').toBe(true)
  const answer = received(peers.far)
  adopted.end('done')
  expect(await answer).toBe('done')
  await gone(adopted)
})

test('the socket it was taken from is left without a connection', async () => {
  await using peers = await socketPair()
  const adopted = adoptForReading(peers.near, Buffer.alloc(16), () => {})
  if (adopted === undefined) return expect.fail('was not adopted')
  peers.near.destroy()
  await once(peers.near, 'close')
  const got = once(peers.far, 'data')
  adopted.write('still here')
  expect(String((await got)[0])).toBe('still here')
  await gone(adopted)
})

test('a socket without a handle of its own is not adopted', async () => {
  await using peers = await socketPair()
  const secure = new TLSSocket(peers.near, { isServer: true })
  expect(adoptForReading(secure, Buffer.alloc(16), () => {})).toBeUndefined()
  expect(adoptForReading(new Socket(), Buffer.alloc(16), () => {})).toBeUndefined()
  await gone(peers.near)
  expect(adoptForReading(peers.near, Buffer.alloc(16), () => {})).toBeUndefined()
})
