import { once } from 'node:events'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { readInto } from '../../src/ioloop/read-into.ts'
import { gone, received, socketPair } from './sockets.ts'

test('a connection reads into the places it is given, and writes as before', async () => {
  await using peers = await socketPair()
  const buffers = [Buffer.alloc(16), Buffer.alloc(7)]
  const sent = Buffer.from(Array.from({ length: 10_000 }, (_, i) => i & 255))
  const got: Buffer[] = []
  const room = () => buffers[got.length % 2] as Buffer
  const took = (count: number) => {
    got.push(Buffer.from(room().subarray(0, count)))
    return true
  }
  expect(readInto(peers.near, { room, took })).toBe(true)
  peers.near.resume()
  peers.far.end(sent)
  await once(peers.near, 'end')
  expect(Buffer.concat(got)).toEqual(sent)
  expect(peers.near.writable, 'half-open').toBe(true)
  const answer = received(peers.far)
  peers.near.end('done')
  expect(await answer).toBe('done')
})

test('it stops when it is told to, until it is resumed', async () => {
  await using peers = await socketPair()
  const buffer = Buffer.alloc(4)
  const counts: number[] = []
  const target = {
    room: () => buffer,
    took: (count: number) => {
      counts.push(count)
      setImmediate(() => peers.near.resume())
      return false
    },
  }
  expect(readInto(peers.near, target)).toBe(true)
  peers.near.resume()
  peers.far.end('123456789')
  await once(peers.near, 'end')
  expect(counts).toEqual([4, 4, 1])
})

test('a socket without a connection has nothing to read', async () => {
  await using peers = await socketPair()
  const target = { room: () => Buffer.alloc(16), took: () => true }
  expect(readInto(new Socket(), target)).toBe(false)
  await gone(peers.near)
  expect(readInto(peers.near, target)).toBe(false)
})
