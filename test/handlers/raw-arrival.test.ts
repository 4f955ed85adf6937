import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { RawArrival } from '../../src/handlers/raw-arrival.ts'
import { ConnectionQueue } from '../../src/ioloop/connection-queue.ts'
import { loadSystemSockets, type SystemSockets } from '../../src/native/sockets.ts'
import { openSockets, socketsSince } from '../support/descriptors.ts'

const sockets = await loadSystemSockets()

test.runIf(sockets === undefined)('connections that came unnoticed', (context) => context.skip('needs Linux and koffi'))

/** A connection that came, and its other end. */
async function arrival() {
  const queue = ConnectionQueue.open(sockets as SystemSockets, '127.0.0.1', 0)
  if (queue === undefined) throw new Error('cannot listen')
  const far = connect({ ...queue.address }).on('error', () => {})
  await once(far, 'connect')
  const raw = queue.next()
  queue.close()
  if (raw === undefined) throw new Error('nothing came')
  return { arrived: new RawArrival(raw, true), far }
}

describe.runIf(sockets !== undefined)('a connection that came unnoticed', () => {
  test('is made a socket once, when one is asked for, and closed with it', async () => {
    const before = openSockets()
    const { arrived, far } = await arrival()
    expect(arrived.plain()).toBeUndefined()
    const socket = await arrived.socket
    expect(await arrived.socket).toBe(socket)
    expect(arrived.plain()).toBe(socket)
    expect(arrived.raw.isOpen).toBe(false)
    arrived.close()
    expect(socket.destroyed).toBe(true)
    await once(far.resume(), 'close')
    expect(await socketsSince(before)).toEqual([])
  })

  test('and closed before is none any more', async () => {
    const before = openSockets()
    const { arrived, far } = await arrival()
    arrived.close()
    await expect(arrived.socket).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
    await once(far.resume(), 'close')
    expect(await socketsSince(before)).toEqual([])
  })
})
