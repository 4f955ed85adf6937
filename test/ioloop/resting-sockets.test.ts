import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { ConnectionQueue } from '../../src/ioloop/connection-queue.ts'
import { RestingSockets } from '../../src/ioloop/resting-sockets.ts'
import { loadSystemSockets, type SystemSockets } from '../../src/native/sockets.ts'
import { openSockets, socketsSince } from '../support/descriptors.ts'

const sockets = await loadSystemSockets()

test.runIf(sockets === undefined)('sockets that rest', (context) => context.skip('needs Linux and koffi'))

/** A place to rest, and a look at what is left when it has been closed. */
function place() {
  const before = openSockets()
  const resting = new RestingSockets()
  const open = (host = '127.0.0.1', port = 0) => {
    const queue = ConnectionQueue.open(sockets as SystemSockets, host, port, resting)
    if (queue === undefined) throw new Error('cannot listen')
    return queue
  }
  return {
    resting,
    open,
    added: () => openSockets().filter((each) => !before.includes(each)),
    [Symbol.asyncDispose]: async () => {
      resting.close()
      expect(await socketsSince(before)).toEqual([])
    },
  }
}

async function refuses(address: { readonly host: string; readonly port: number }): Promise<void> {
  await expect(once(connect(address), 'connect')).rejects.toThrow('ECONNREFUSED')
}

describe.runIf(sockets !== undefined)('a socket that has listened', () => {
  test('refuses connections while it rests, and listens again on another port', async () => {
    await using peers = place()
    const first = peers.open()
    const used = peers.added()
    first.close()
    first.close()
    await refuses(first.address)
    const second = peers.open()
    expect(peers.added()).toEqual(used)
    expect(second.address.host).toBe('127.0.0.1')
    expect(second.address.port).not.toBe(first.address.port)
    await refuses(first.address)
    const client = connect(second.address)
    await once(client, 'connect')
    const connection = second.next()
    expect(connection?.remotePort).toBe(client.localPort)
    connection?.close()
    await once(client.resume(), 'close')
    second.close()
  })

  test('does so for its own address alone, and not where a port is asked for', async () => {
    await using peers = place()
    peers.open('127.0.0.3').close()
    const [rests] = peers.added()
    const other = peers.open()
    const { port } = other.address
    expect(other.address.host).toBe('127.0.0.1')
    expect(peers.added()).toHaveLength(2)
    const fd = other.release()
    const given = peers.open('127.0.0.3', port)
    expect(given.address.port).toBe(port)
    expect(peers.added()).toHaveLength(3)
    given.close()
    sockets?.close(fd)
    expect(peers.added()).toEqual([rests])
    peers.open('127.0.0.3').close()
    expect(peers.added()).toEqual([rests])
  })

  test('is closed where many rest already, and where no more are wanted', async () => {
    await using peers = place()
    const queues = Array.from({ length: 40 }, () => peers.open())
    for (const queue of queues) queue.close()
    expect(peers.added()).toHaveLength(32)
    const late = peers.open()
    peers.resting.close()
    expect(peers.added()).toHaveLength(1)
    late.close()
    expect(peers.added()).toEqual([])
  })

  test('and that cannot do so again gives way to a new one', async () => {
    await using peers = place()
    const unable: SystemSockets = { ...(sockets as SystemSockets), listenAgain: () => undefined }
    const open = () => ConnectionQueue.open(unable, '127.0.0.1', 0, peers.resting)
    open()?.close()
    const [first] = peers.added()
    const second = open()
    expect(second?.address.port).toBeGreaterThan(0)
    expect(peers.added()).toHaveLength(1)
    expect(peers.added()).not.toEqual([first])
    second?.close()
  })

  test('and that may not rest is closed', async () => {
    await using peers = place()
    const restless: SystemSockets = { ...(sockets as SystemSockets), rest: () => false }
    ConnectionQueue.open(restless, '127.0.0.1', 0, peers.resting)?.close()
    expect(peers.added()).toEqual([])
  })
})
