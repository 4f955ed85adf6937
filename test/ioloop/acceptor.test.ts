import cluster from 'node:cluster'
import { once } from 'node:events'
import net, { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Acceptor, type AcceptorOptions } from '../../src/ioloop/acceptor.ts'
import { unmapAddress } from '../../src/protocol/address.ts'
import { closed, gone, unusedPort } from './sockets.ts'

let acceptors: Acceptor[]
let sockets: Socket[]
let servers: Server[]
beforeEach(() => {
  acceptors = []
  sockets = []
  servers = []
})
afterEach(async () => {
  for (const acceptor of acceptors) acceptor.close()
  await Promise.all([gone(...sockets), ...servers.map(closed)])
})

/** An acceptor and the connections it hands out, in order. */
function acceptor(options: Partial<AcceptorOptions> = {}, existing?: Server) {
  const waiting: ((socket: Socket) => void)[] = []
  const onAccept = (socket: Socket) => {
    sockets.push(socket)
    waiting.shift()?.(socket)
  }
  const made = new Acceptor({ onAccept, ...options }, existing)
  acceptors.push(made)
  return { acceptor: made, next: () => new Promise<Socket>((resolve) => waiting.push(resolve)) }
}

async function dial(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host })
  sockets.push(socket)
  await once(socket, 'connect')
  return socket
}

async function existingServer(listening: boolean): Promise<Server> {
  const server = createServer()
  servers.push(server)
  if (listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

describe('listens', () => {
  test.each([
    ['IPv4', '127.0.0.1', ['127.0.0.1']],
    ['IPv6', '::1', ['::1']],
    ['both by the IPv6 wildcard', '::', ['127.0.0.1', '::1']],
    ['IPv4 by its wildcard', '0.0.0.0', ['127.0.0.1']],
  ])('on %s', async (_, host, reachedBy) => {
    const { acceptor: listener, next } = acceptor()
    expect(listener.listening).toBe(false)
    expect(listener.address).toEqual({ host: '', port: 0 })
    await listener.listen({ host, port: 0 })
    expect(listener.listening).toBe(true)
    expect(listener.address).toEqual({ host, port: expect.toSatisfy((port) => port > 0) })
    for (const address of reachedBy) {
      const accepted = next()
      const client = await dial(listener.address.port, address)
      const socket = await accepted
      expect(unmapAddress(socket.localAddress ?? '')).toBe(address)
      expect(unmapAddress(socket.remoteAddress ?? '')).toBe(address)
      expect(socket.remotePort).toBe(client.localPort)
    }
  })

  test('several connections come in the order they were made', async () => {
    const { acceptor: listener, next } = acceptor()
    await listener.listen({ host: '127.0.0.1', port: 0 })
    for (let i = 0; i < 3; i++) {
      const accepted = next()
      const client = await dial(listener.address.port)
      expect((await accepted).remotePort).toBe(client.localPort)
    }
  })

  test('the sockets are paused, and half-open when the other side ends', async () => {
    const { acceptor: listener, next } = acceptor()
    await listener.listen({ host: '127.0.0.1', port: 0 })
    const accepted = next()
    const client = await dial(listener.address.port)
    const socket = await accepted
    expect(socket.isPaused()).toBe(true)
    client.end('hello')
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume()
    await once(socket, 'end')
    expect(Buffer.concat(chunks).toString()).toBe('hello')
    expect(socket.writable).toBe(true)
    socket.end('answer')
    const [answer] = (await once(client, 'data')) as [Buffer]
    expect(answer.toString()).toBe('answer')
  })
})

describe('a port that is taken', () => {
  test('rejects with the error of the system', async () => {
    const { acceptor: first } = acceptor()
    await first.listen({ host: '127.0.0.1', port: 0 })
    const { acceptor: second } = acceptor()
    await expect(second.listen({ host: '127.0.0.1', port: first.address.port })).rejects.toThrow(
      expect.objectContaining({ code: 'EADDRINUSE' }),
    )
    expect(second.listening).toBe(false)
    expect(second.address).toEqual({ host: '', port: 0 })
  })

  test('another can be tried with the same acceptor', async () => {
    const { acceptor: first } = acceptor()
    await first.listen({ host: '127.0.0.1', port: 0 })
    const errors: Error[] = []
    const server = await existingServer(false)
    const { acceptor: second, next } = acceptor({ onError: (error) => errors.push(error) }, server)
    await expect(second.listen({ host: '127.0.0.1', port: first.address.port })).rejects.toThrow('EADDRINUSE')
    await second.listen({ host: '127.0.0.1', port: 0 })
    const accepted = next()
    await dial(second.address.port)
    await accepted
    server.emit('error', new Error('EMFILE'))
    expect(errors, 'each told once').toHaveLength(1)
  })
})

test('a process of node:cluster shares its port with others, but one that is to be its own', async () => {
  const shared = vi.spyOn(cluster, 'isWorker', 'get').mockReturnValue(true)
  const asked = vi.spyOn(net.Server.prototype, 'listen')
  await acceptor().acceptor.listen({ host: '127.0.0.1', port: 0, exclusive: true })
  expect(asked).not.toHaveBeenCalled()
  await acceptor().acceptor.listen({ host: '127.0.0.1', port: 0 })
  expect(asked).toHaveBeenCalledTimes(1)
  shared.mockRestore()
  asked.mockRestore()
})

test('an address that the machine does not have rejects', async () => {
  // 192.0.2.0/24 is for documentation (RFC 5737).
  await expect(acceptor().acceptor.listen({ host: '192.0.2.1', port: 0 })).rejects.toThrow('EADDRNOTAVAIL')
})

describe('a server that is there already', () => {
  test.each([
    ['listens', true],
    ['does not listen yet', false],
  ])('and %s is taken over', async (_, listening) => {
    const errors: Error[] = []
    const server = await existingServer(listening)
    const { acceptor: listener, next } = acceptor({ onError: (error) => errors.push(error) }, server)
    expect(listener.listening).toBe(listening)
    if (!listening) await listener.listen({ host: '127.0.0.1', port: 0 })
    const accepted = next()
    const client = await dial(listener.address.port)
    expect((await accepted).remotePort).toBe(client.localPort)
    const error = new Error('EMFILE')
    server.emit('error', error)
    expect(errors).toEqual([error])
    listener.close()
    expect(server.listening).toBe(false)
  })

  test('whose errors nobody wants to hear of breaks nothing', async () => {
    const server = await existingServer(true)
    acceptor({}, server)
    expect(server.emit('error', new Error('EMFILE'))).toBe(true)
  })
})

describe('close', () => {
  test('frees the port; connections that were accepted live on', async () => {
    const { acceptor: listener, next } = acceptor()
    await listener.listen({ host: '127.0.0.1', port: 0 })
    const { port } = listener.address
    const accepted = next()
    const client = await dial(port)
    const socket = await accepted
    listener.close()
    listener.close()
    expect(listener.listening).toBe(false)
    await expect(dial(port)).rejects.toThrow('ECONNREFUSED')
    const got = once(client, 'data')
    socket.write('still here')
    expect(String((await got)[0])).toBe('still here')
  })

  test('before listening does nothing', () => {
    const { acceptor: listener } = acceptor()
    listener.close()
    expect(listener.listening).toBe(false)
  })

  test.each(['127.0.0.1', 'localhost'])('while %s is looked up: the port is not left open', async (host) => {
    const { acceptor: listener } = acceptor()
    const port = await unusedPort()
    const listening = listener.listen({ host, port })
    listener.close()
    await expect(listening).rejects.toThrow('the acceptor was closed')
    expect(listener.listening).toBe(false)
    await expect(dial(port)).rejects.toThrow('ECONNREFUSED')
  })
})
