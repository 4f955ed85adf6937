import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { DTPHandler } from '../../src/server.ts'
import { openSockets, socketsSince } from '../support/descriptors.ts'
import { fetchOver, secured, trusting } from '../support/ftps.ts'
import { ending, overTls, RawClient, readAll } from '../support/raw-client.ts'
import { system } from '../support/sockets-spy.ts'

vi.mock('../../src/native/sockets.ts', async (importOriginal) => {
  const { system } = await import('../support/sockets-spy.ts')
  return system.watch(await importOriginal())
})
vi.mock('../../src/ioloop/clock.ts', async (importOriginal) => {
  const { system } = await import('../support/sockets-spy.ts')
  return system.wait(await importOriginal())
})

beforeEach(() => system.reset())

/** A server and a client, and a look at what they leave. */
async function session(options: Parameters<typeof startFtpServer>[0] = {}) {
  const before = openSockets()
  const ftp = await startFtpServer({ files: { 'a.txt': 'a' }, ...options })
  const client = await RawClient.login(ftp)
  return {
    ftp,
    client,
    types: () => ftp.transcript.events.map(({ type }) => type).filter((type) => type.startsWith('data-')),
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]()
      await ftp.stop().catch(() => {})
      expect(await socketsSince(before), 'sockets left open').toEqual([])
      expect(ftp.server.dataConnections).toBe(0)
    },
  }
}

type Peers = Awaited<ReturnType<typeof session>>

/** A connection from another address, which is there. */
async function connected(address: { readonly host: string; readonly port: number }, localAddress = '127.0.0.1') {
  const socket = connect({ ...address, localAddress, allowHalfOpen: true }).on('error', () => {})
  await once(socket, 'connect')
  return socket
}

describe.runIf(system.isPresent)('connections that come while nobody watches', () => {
  test('from elsewhere are closed and told of, and the client’s is taken', async () => {
    await using peers = await session()
    const address = await peers.client.passiveAddress()
    const strangers = [await connected(address, '127.0.0.9'), await connected(address, '127.0.0.8')]
    const data = readAll(await connected(address))
    await peers.client.command('RETR a.txt', 125)
    await peers.client.expect(226)
    expect(String(await data)).toBe('a')
    for (const stranger of strangers) await readAll(stranger)
    expect(peers.types()).toEqual(['data-listen', 'data-refused', 'data-refused', 'data-open'])
    expect(system.sent).toEqual([1])
  })

  test('are taken one at a time, and those behind it are reset', async () => {
    await using peers = await session()
    const address = await peers.client.passiveAddress()
    const [first, second] = [await connected(address), await connected(address)]
    const end = ending(second)
    const data = readAll(first)
    await peers.client.command('RETR a.txt', 125)
    expect(String(await data)).toBe('a')
    expect(await end).toBe('RST')
    second.destroy()
    await peers.client.expect(226)
    expect(peers.types()).toEqual(['data-listen', 'data-open'])
  })

  const leaving: readonly [string, (peers: Peers) => unknown][] = [
    ['ABOR', ({ client }) => client.command('ABOR', 225)],
    ['REIN', ({ client }) => client.command('REIN', 230)],
    ['a new PASV', ({ client }) => client.passiveAddress()],
    ['a transfer that is refused', ({ client }) => client.command('RETR none', 550)],
    ['QUIT', ({ client }) => client.command('QUIT', 221)],
    ['the end of the session', ({ client }) => client.socket.destroy()],
    ['a reset of the session', ({ client }) => client.socket.resetAndDestroy()],
    ['the end of the server', ({ ftp }) => ftp.stop()],
  ]
  test.each(leaving)('are closed in order by %s', async (_name, leave) => {
    await using peers = await session()
    const data = await peers.client.passive()
    const end = ending(data)
    await leave(peers)
    expect(await end).toBe('FIN')
    data.destroy()
  })

  test('are not overlooked by the timeout, when nobody has looked by then', async () => {
    await using peers = await session({ clock: 'manual', passiveTimeout: '5s' })
    const data = readAll(await peers.client.passive())
    await peers.ftp.clock.advance('6s')
    await peers.client.command('RETR a.txt', 125)
    await peers.client.expect(226)
    expect(String(await data)).toBe('a')
    const address = await peers.client.passiveAddress()
    await peers.ftp.clock.advance('6s')
    await peers.client.command('RETR a.txt', 425)
    await expect(connected(address)).rejects.toThrow('ECONNREFUSED')
  })

  test('are watched for as soon as a transfer has been asked for', async () => {
    await using peers = await session()
    const address = await peers.client.passiveAddress()
    await peers.client.command('RETR a.txt', 150)
    expect(String(await readAll(await connected(address)))).toBe('a')
    await peers.client.expect(226)
  })

  test('are noticed though no command comes', async () => {
    system.isPatient = false
    await using peers = await session()
    const { ftp, client } = peers
    const early = await client.passive()
    await ftp.waitFor((event) => event.type === 'data-open' && event.remotePort === early.localPort)
    expect((await client.command('STAT', 211)).text).toContain('Data connection: open')
    const data = readAll(early)
    await client.command('RETR a.txt', 125)
    await client.expect(226)
    expect(String(await data)).toBe('a')
    const address = await client.passiveAddress()
    await client.command('RETR a.txt', 150)
    expect(String(await readAll(await connected(address)))).toBe('a')
    await client.expect(226)
    expect(system.sent).toEqual([])
  })

  test('and are closed by who is told of them are gone', async () => {
    await using peers = await session()
    const { ftp, client } = peers
    const [handler] = ftp.server.sessions
    ftp.server.on('data-open', () => handler?.session.dataConnection.close())
    const data = await client.passive()
    const end = ending(data)
    await client.command('RETR a.txt', 425)
    expect(await end).toBe('FIN')
    data.destroy()
    expect(ftp.server.dataConnections).toBe(0)
  })

  test('are closed when the stages of their transfer cannot be made', async () => {
    class Failing extends DTPHandler {
      override stages(): never {
        throw new Error('no stages')
      }
    }
    await using peers = await session({ dtpHandler: Failing })
    const data = await peers.client.passive()
    const end = ending(data)
    await peers.client.command('RETR a.txt', 451)
    expect(await end).toBe('FIN')
    data.destroy()
  })
})

describe.runIf(system.isPresent)('a port is Node’s from the start', () => {
  test('where PROT P was given', async () => {
    await using peers = await session({ tls: true })
    const { ftp } = peers
    await using client = await secured(ftp)
    const data = await overTls(await client.passive(), trusting(ftp))
    expect(String(await fetchOver(client, data, 'RETR a.txt'))).toBe('a')
    expect(system.sent).toEqual([])
    await client.command('PROT C', 200)
    const plain = readAll(await client.passive())
    await client.command('RETR a.txt', 125)
    await client.expect(226)
    expect(String(await plain)).toBe('a')
    expect(system.sent).toEqual([1])
  })

  test('over IPv6', async () => {
    await using peers = await session({ host: '::1' })
    const data = readAll(await peers.client.passive('EPSV'))
    await peers.client.command('RETR a.txt', 125, 150)
    await peers.client.expect(226)
    expect(String(await data)).toBe('a')
    expect(system.sent).toEqual([])
  })

  test('where a rule has a hand in the connection', async () => {
    await using peers = await session()
    peers.ftp.use({ rules: [{ times: 1, then: { accept: 'refused' } }] })
    await expect(connected(await peers.client.passiveAddress())).rejects.toThrow('ECONNREFUSED')
    peers.ftp.use({ rules: [{ times: 1, then: { accept: 'fin' } }] })
    const data = await peers.client.passive()
    // Before any command.
    expect(await ending(data)).toBe('FIN')
    data.destroy()
    expect(String(await peers.client.fetch('RETR a.txt'))).toBe('a')
    expect(system.sent).toEqual([1])
  })
})

test.runIf(system.isPresent)('one socket is listened with again and again, on another port each time', async () => {
  await using peers = await session()
  const before = openSockets()
  const ports = new Set<number>()
  for (let times = 0; times < 5; times++) {
    const address = await peers.client.passiveAddress()
    ports.add(address.port)
    const data = readAll(await connected(address))
    await peers.client.command('RETR a.txt', 125)
    await peers.client.expect(226)
    expect(String(await data)).toBe('a')
    await expect(connected(address)).rejects.toThrow('ECONNREFUSED')
  }
  expect(ports.size).toBe(5)
  expect(await socketsSince(before, 1)).toHaveLength(1)
})

test.runIf(system.isPresent)('ports of passivePorts are taken where they are free', async () => {
  const others = [createServer(), createServer()]
  for (const other of others) await once(other.listen(0, '127.0.0.1'), 'listening')
  const [taken = 0, free = 0] = others.map((other) => (other.address() as AddressInfo).port)
  others[1]?.close()
  {
    await using peers = await session({ passivePorts: [taken, free] })
    for (let times = 0; times < 5; times++) expect((await peers.client.passiveAddress()).port).toBe(free)
    await using other = await RawClient.login(peers.ftp)
    expect([taken, free]).not.toContain((await other.passiveAddress()).port)
    expect(peers.ftp.transcript.events.filter(({ type }) => type === 'warning')).toHaveLength(1)
  }
  others[0]?.close()
})
