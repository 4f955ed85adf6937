import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Clock, ManualClock } from '../../src/ioloop/clock.ts'
import { Connector } from '../../src/ioloop/connector.ts'
import { IOLoop } from '../../src/ioloop/ioloop.ts'
import { closed, gone, loopback, unusedPort } from './sockets.ts'

const TIMEOUT_MS = 30_000

let server: Server
let loop: IOLoop
let sockets: Socket[]
beforeEach(async () => {
  sockets = []
  loop = new IOLoop('manual')
  server = createServer({ allowHalfOpen: true }, (socket) => sockets.push(socket))
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
afterEach(async () => {
  await Promise.all([gone(...sockets), closed(server)])
  expect(loop.pending, 'calls left in the loop').toBe(0)
})

async function accepted(): Promise<Socket> {
  return (await once(server, 'connection'))[0] as Socket
}

describe('connects', () => {
  test('and hands out the open socket, which keeps what comes until it is read', async () => {
    const other = accepted()
    const connector = new Connector(loop, loopback(server), TIMEOUT_MS)
    expect(loop.pending).toBe(1)
    const socket = await connector.connected
    sockets.push(socket)
    expect(loop.pending).toBe(0)
    expect((await other).remotePort).toBe(socket.localPort)
    await new Promise((resolve) => other.then((end) => end.write('hello', resolve)))
    await loop.turn()
    expect(socket.readableLength).toBe(0)
    expect(socket.isPaused()).toBe(true)
    const [got] = await once(socket.resume(), 'data')
    expect(String(got)).toBe('hello')
  })

  test('from the local address it is told to', async () => {
    const other = accepted()
    const connector = new Connector(loop, { ...loopback(server), localAddress: '127.0.0.1' }, TIMEOUT_MS)
    sockets.push(await connector.connected)
    expect((await other).remoteAddress).toBe('127.0.0.1')
  })

  test('and the time that passes then is nothing to it', async () => {
    const socket = await new Connector(loop, loopback(server), TIMEOUT_MS).connected
    sockets.push(socket)
    await loop.advance(2 * TIMEOUT_MS)
    expect(socket.destroyed).toBe(false)
  })

  test('half-open: the end of the other side is not the end', async () => {
    const other = accepted()
    const socket = await new Connector(loop, loopback(server), TIMEOUT_MS).connected
    sockets.push(socket)
    ;(await other).end()
    await once(socket.resume(), 'end')
    expect(socket.writable).toBe(true)
  })
})

describe('rejects', () => {
  test('when the other side refuses', async () => {
    const connector = new Connector(loop, { host: '127.0.0.1', port: await unusedPort() }, TIMEOUT_MS)
    await expect(connector.connected).rejects.toThrow(expect.objectContaining({ code: 'ECONNREFUSED' }))
  })

  test('when the machine does not have the local address', async () => {
    const target = { ...loopback(server), localAddress: '192.0.2.1' }
    await expect(new Connector(loop, target, TIMEOUT_MS).connected).rejects.toThrow('EADDRNOTAVAIL')
  })

  test('when the time is up', async () => {
    // An alarm rung before the event loop has turned once: no answer can have come by then.
    const manual = new ManualClock()
    let ring = () => {}
    const clock: Clock = {
      now: () => manual.now(),
      alarm: (delayMs, action) => {
        expect(delayMs).toBe(TIMEOUT_MS)
        ring = action
        return manual.alarm(delayMs, action)
      },
    }
    loop = new IOLoop(clock)
    const connector = new Connector(loop, loopback(server), TIMEOUT_MS)
    ring()
    await expect(connector.connected).rejects.toThrow(`no answer within ${TIMEOUT_MS} ms`)
  })

  test('when it is closed', async () => {
    const connector = new Connector(loop, loopback(server), TIMEOUT_MS)
    connector.close()
    connector.close()
    await expect(connector.connected).rejects.toThrow('the attempt was given up')
  })

  test('not any more when it is closed after that', async () => {
    const connector = new Connector(loop, loopback(server), TIMEOUT_MS)
    const socket = await connector.connected
    connector.close()
    expect(await connector.connected).toBe(socket)
    await once(socket, 'close')
  })
})
