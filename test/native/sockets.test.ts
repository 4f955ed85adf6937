import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { constants } from 'node:os'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { loadSystemSockets } from '../../src/native/sockets.ts'
import { openSockets, socketsSince } from '../support/descriptors.ts'
import { readAll } from '../support/raw-client.ts'

type SocketsModule = typeof import('../../src/native/sockets.ts')

const { EAGAIN, EBADF } = constants.errno
const sockets = await loadSystemSockets()

/** The module as a program finds it that has just started. */
async function freshModule(): Promise<SocketsModule> {
  vi.resetModules()
  return import('../../src/native/sockets.ts')
}

beforeEach(() => void vi.doUnmock('koffi'))

test.runIf(sockets === undefined)('sockets by system calls', (context) => context.skip('needs Linux and koffi'))

describe.runIf(sockets !== undefined)('system sockets', () => {
  const { accept, close, end, listen, listenAgain, receive, rest, send } = sockets as NonNullable<typeof sockets>

  /** A connection between Node and a descriptor. */
  async function connection() {
    const listener = listen('127.0.0.1', 0)
    if (listener === undefined) throw new Error('cannot listen')
    const far = connect({ host: '127.0.0.1', port: listener.port, allowHalfOpen: true }).on('error', () => {})
    await once(far, 'connect')
    const accepted = accept(listener.fd)
    close(listener.fd)
    if (accepted === undefined) throw new Error('nothing to accept')
    return { ...accepted, far }
  }

  test('listen on a port of an address, and accept who comes, in turn', async () => {
    const before = openSockets()
    const listener = listen('127.0.0.3', 0)
    if (listener === undefined) throw new Error('cannot listen')
    expect(accept(listener.fd)).toBeUndefined()
    const clients = ['127.0.0.1', '127.0.0.250'].map((localAddress) =>
      connect({ host: '127.0.0.3', port: listener.port, localAddress }),
    )
    for (const client of clients) await once(client, 'connect')
    const accepted = [accept(listener.fd), accept(listener.fd)]
    expect(accepted).toMatchObject(
      clients.map(({ localAddress, localPort }) => ({ remoteAddress: localAddress, remotePort: localPort })),
    )
    expect(accept(listener.fd)).toBeUndefined()
    for (const each of accepted) if (each) close(each.fd)
    close(listener.fd)
    for (const client of clients) client.destroy()
    expect(await socketsSince(before)).toEqual([])
  })

  test('take a port that was asked for, and none that is taken or another host’s', async () => {
    const before = openSockets()
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    expect(listen('127.0.0.1', port)).toBeUndefined()
    taken.close()
    await once(taken, 'close')
    const listener = listen('127.0.0.1', port)
    expect(listener?.port).toBe(port)
    expect(listen('127.0.0.1', port)).toBeUndefined()
    expect(listen('192.0.2.1', 0)).toBeUndefined()
    if (listener) close(listener.fd)
    expect(await socketsSince(before)).toEqual([])
  })

  test('take a port again on which a connection was closed just now', async () => {
    const listener = listen('127.0.0.1', 0)
    if (listener === undefined) throw new Error('cannot listen')
    const far = connect({ host: '127.0.0.1', port: listener.port })
    await once(far, 'connect')
    const accepted = accept(listener.fd)
    close(listener.fd)
    if (accepted) close(accepted.fd)
    await readAll(far)
    const again = listen('127.0.0.1', listener.port)
    expect(again?.port).toBe(listener.port)
    if (again) close(again.fd)
  })

  test('rest, and listen again on another port of the same address', async () => {
    const before = openSockets()
    const listener = listen('127.0.0.3', 0)
    if (listener === undefined) throw new Error('cannot listen')
    const { fd } = listener
    const dial = (host: string, port: number) => once(connect({ host, port }), 'connect')
    const waiting = connect({ host: '127.0.0.3', port: listener.port })
    await once(waiting, 'connect')
    expect(rest(fd)).toBe(true)
    await expect(once(waiting, 'end')).rejects.toThrow('ECONNRESET')
    await expect(dial('127.0.0.3', listener.port)).rejects.toThrow('ECONNREFUSED')
    const port = listenAgain(fd) ?? 0
    expect(port).not.toBe(listener.port)
    await expect(dial('127.0.0.3', listener.port)).rejects.toThrow('ECONNREFUSED')
    await expect(dial('127.0.0.1', port)).rejects.toThrow('ECONNREFUSED')
    const client = connect({ host: '127.0.0.3', port })
    await once(client, 'connect')
    const accepted = accept(fd)
    expect(accepted?.remotePort).toBe(client.localPort)
    if (accepted) close(accepted.fd)
    close(fd)
    client.destroy()
    expect(rest(-1)).toBe(false)
    expect(listenAgain(-1)).toBeUndefined()
    expect(await socketsSince(before)).toEqual([])
  })

  test('send the end with the last bytes, and receive still', async () => {
    const { fd, far } = await connection()
    expect(send(fd, Buffer.from('all'), 3)).toBe(3)
    end(fd)
    expect(String((await once(far, 'data'))[0])).toBe('all')
    await once(far, 'end')
    far.end('late')
    await once(far, 'finish')
    expect(receive(fd, Buffer.alloc(10))).toBe(4)
    close(fd)
  })

  test('send and receive as much as there is, and do not wait', async () => {
    const { fd, far } = await connection()
    const buffer = Buffer.alloc(100)
    expect(receive(fd, buffer)).toBe(-EAGAIN)
    expect(send(fd, Buffer.from('hello'), 4)).toBe(4)
    expect(String((await once(far, 'data'))[0])).toBe('hell')
    await new Promise((resolve) => far.write('you', resolve))
    expect(receive(fd, buffer)).toBe(3)
    expect(String(buffer.subarray(0, 3))).toBe('you')
    far.end()
    await once(far, 'finish')
    expect(receive(fd, buffer)).toBe(0)
    close(fd)
    await readAll(far)
  })

  test('what the kernel has no room for is not taken', async () => {
    const { fd, far } = await connection()
    const bytes = Buffer.alloc(64 * 1024 * 1024)
    const taken = send(fd, bytes, bytes.length)
    expect(taken).toBeGreaterThan(0)
    expect(taken).toBeLessThan(bytes.length)
    expect(send(fd, bytes, bytes.length)).toBe(-EAGAIN)
    close(fd)
    expect((await readAll(far)).length).toBe(taken)
  })

  test('answer with the error, and raise no signal', async () => {
    expect(send(-1, Buffer.alloc(1), 1)).toBe(-EBADF)
    expect(receive(-1, Buffer.alloc(1))).toBe(-EBADF)
    expect(accept(-1)).toBeUndefined()
    const { fd, far } = await connection()
    far.resetAndDestroy()
    await once(far, 'close')
    expect([send(fd, Buffer.alloc(1), 1), send(fd, Buffer.alloc(1), 1)]).toEqual([
      expect.any(Number),
      expect.any(Number),
    ])
    expect(send(fd, Buffer.alloc(1), 1)).toBeLessThan(0)
    close(fd)
  })
})

describe('without', () => {
  test('koffi there are none', async () => {
    vi.doMock('koffi', () => {
      throw new Error('not installed')
    })
    const { loadSystemSockets: load, systemSocketsWhenWorthwhile } = await freshModule()
    expect(await load()).toBeUndefined()
    expect(systemSocketsWhenWorthwhile()).toBeUndefined()
  })

  test('a function of the C library there are none', async () => {
    const func = () => {
      throw new Error('no such function')
    }
    vi.doMock('koffi', () => ({ default: { load: () => ({ func }) } }))
    expect(await (await freshModule()).loadSystemSockets()).toBeUndefined()
  })

  test.each([
    ['platform', 'darwin'],
    ['arch', 'ia32'],
  ] as const)('the %s koffi is left alone: %s', async (property, value) => {
    const load = vi.fn()
    vi.doMock('koffi', () => ({ default: { load } }))
    const other = vi.spyOn(process, property, 'get').mockReturnValue(value)
    const { loadSystemSockets: loadSockets } = await freshModule()
    expect(await loadSockets()).toBeUndefined()
    expect(load).not.toHaveBeenCalled()
    other.mockRestore()
  })
})

test('in a thread there are none', async () => {
  const load = vi.fn()
  vi.doMock('koffi', () => ({ default: { load } }))
  vi.doMock('node:worker_threads', () => ({ isMainThread: false }))
  const { loadSystemSockets: loadSockets } = await freshModule()
  vi.doUnmock('node:worker_threads')
  expect(await loadSockets()).toBeUndefined()
  expect(load).not.toHaveBeenCalled()
})

test.each([
  [19, 0],
  [20, 1],
])('asked for %d times, koffi has been loaded %d times', async (asked, times) => {
  const load = vi.fn(() => ({ func: () => () => 0 }))
  vi.doMock('koffi', () => ({ default: { load } }))
  const { systemSocketsWhenWorthwhile } = await freshModule()
  for (let i = 0; i < asked; i++) systemSocketsWhenWorthwhile()
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
  if (process.platform === 'linux') expect(load).toHaveBeenCalledTimes(times)
})
