import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { Acceptor } from '../../src/ioloop/acceptor.ts'
import { ConnectionQueue } from '../../src/ioloop/connection-queue.ts'
import { loadSystemSockets, type SystemSockets } from '../../src/native/sockets.ts'
import { openSockets, socketsSince } from '../support/descriptors.ts'
import { gone, received } from './sockets.ts'

const sockets = await loadSystemSockets()

test.runIf(sockets === undefined)('connections that are descriptors', (context) =>
  context.skip('needs Linux and koffi'),
)

/** A queue on loopback, the descriptors that were closed by it, and a look at what is left. */
function queueing() {
  const before = openSockets()
  const closed: number[] = []
  const counted: SystemSockets = {
    ...(sockets as SystemSockets),
    close: (fd) => {
      closed.push(fd)
      sockets?.close(fd)
    },
  }
  const queue = ConnectionQueue.open(counted, '127.0.0.1', 0)
  if (queue === undefined) throw new Error('cannot listen')
  const dialled: Socket[] = []
  const dial = async () => {
    const socket = connect({ ...queue.address, allowHalfOpen: true }).on('error', () => {})
    dialled.push(socket)
    await once(socket, 'connect')
    return socket
  }
  return {
    queue,
    closed,
    dial,
    [Symbol.asyncDispose]: async () => {
      queue.close()
      await gone(...dialled)
      expect(await socketsSince(before)).toEqual([])
    },
  }
}

describe.runIf(sockets !== undefined)('a queue', () => {
  test('gives the connections that have come, in turn', async () => {
    await using peers = queueing()
    expect(peers.queue.next()).toBeUndefined()
    const ports = [(await peers.dial()).localPort, (await peers.dial()).localPort]
    const connections = [peers.queue.next(), peers.queue.next()]
    expect(connections.map((each) => each?.remotePort)).toEqual(ports)
    expect(connections.map((each) => each?.remoteAddress)).toEqual(['127.0.0.1', '127.0.0.1'])
    expect(peers.queue.next()).toBeUndefined()
    for (const each of connections) each?.close()
  })

  test('is closed once, however often it is asked to, and gives nothing then', async () => {
    await using peers = queueing()
    peers.queue.close()
    peers.queue.close()
    expect(peers.closed).toHaveLength(1)
    expect(peers.queue.next()).toBeUndefined()
    await expect(peers.dial()).rejects.toThrow('ECONNREFUSED')
  })

  test('lets go of its descriptor for an acceptor, which has those that wait and those to come', async () => {
    await using peers = queueing()
    const early = await peers.dial()
    const accepted: Socket[] = []
    const acceptor = new Acceptor({ onAccept: (socket) => void accepted.push(socket) })
    await acceptor.listenOn(peers.queue.release())
    await vi.waitUntil(() => accepted.length === 1)
    const late = await peers.dial()
    await vi.waitUntil(() => accepted.length === 2)
    peers.queue.close()
    expect(peers.closed).toEqual([])
    expect(acceptor.address).toEqual(peers.queue.address)
    expect(accepted.map(({ remotePort }) => remotePort)).toEqual([early.localPort, late.localPort])
    expect(accepted.every((socket) => socket.isPaused() && socket.allowHalfOpen)).toBe(true)
    acceptor.close()
    await gone(...accepted)
  })

  test('and one that lets go of it is not closed by an acceptor that closes at once', async () => {
    await using peers = queueing()
    const acceptor = new Acceptor({ onAccept: () => {} })
    void acceptor.listenOn(peers.queue.release())
    acceptor.close()
    expect(acceptor.listening).toBe(false)
  })
})

describe.runIf(sockets !== undefined)('a connection', () => {
  test('sends and receives, and is closed once', async () => {
    await using peers = queueing()
    const far = await peers.dial()
    const near = peers.queue.next()
    const got = received(far)
    expect(near?.send(Buffer.from('hello there'), 5)).toBe(5)
    await new Promise((resolve) => far.write('you', resolve))
    expect(near?.receive(Buffer.alloc(10))).toBe(3)
    expect(near?.isOpen).toBe(true)
    near?.close()
    near?.close()
    expect(near?.isOpen).toBe(false)
    expect(peers.closed).toHaveLength(1)
    expect(await got).toBe('hello')
    expect(near?.send(Buffer.from('x'), 1)).toBeLessThan(0)
  })

  test('goes on as a socket, paused, with what was not read, and is the socket’s to close', async () => {
    await using peers = queueing()
    const far = await peers.dial()
    far.end('what came')
    await once(far, 'finish')
    const near = peers.queue.next()
    const socket = near?.toSocket(true) as Socket
    near?.close()
    expect(near?.isOpen).toBe(false)
    expect(peers.closed).toEqual([])
    expect(socket.isPaused()).toBe(true)
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
    expect(socket.bytesRead).toBe(0)
    const whole = received(socket)
    socket.resume()
    expect(await whole).toBe('what came')
    const got = received(far)
    socket.end('and an answer')
    expect(await got).toBe('and an answer')
    await gone(socket)
  })

  test('and a socket of it that is reset brings nobody down', async () => {
    await using peers = queueing()
    const far = await peers.dial()
    const socket = peers.queue.next()?.toSocket(false) as Socket
    // Not `once` of node:events, which listens for errors itself.
    const closed = new Promise((resolve) => socket.resume().on('close', resolve))
    far.resetAndDestroy()
    await closed
    await gone(socket)
  })
})
