import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { DummyAuthorizer, FTPHandler, FTPServer, type FtpEvent, type ListenAddress } from '../../src/server.ts'
import { tempTree } from '../filesystems/temp-tree.ts'
import { gate } from '../support/gate.ts'
import { RawClient } from '../support/raw-client.ts'

async function serverAt(address: ListenAddress, onEvent: (event: FtpEvent) => void = () => {}): Promise<FTPServer> {
  const authorizer = new DummyAuthorizer()
  authorizer.addUser('user', '12345', await tempTree({ 'a.txt': 'a' }), { perm: 'elradfmw' })
  return new FTPServer(address, FTPHandler, { authorizer, onEvent })
}

test('without options it listens on a free port of the loopback address', async () => {
  await using server = await serverAt({})
  expect(server.address).toEqual({ host: '', port: 0 })
  await server.listen()
  expect(server.address).toEqual({ host: '127.0.0.1', port: expect.any(Number) })
  expect(server.address.port).toBeGreaterThan(0)
  await using client = await RawClient.login(server.address)
  expect(String(await client.fetch('RETR a.txt'))).toBe('a')
})

test('listen gives the server back, and a second time does nothing', async () => {
  await using server = await (await serverAt({ port: 0 })).listen()
  const { port } = server.address
  expect(await server.listen()).toBe(server)
  expect(server.address.port).toBe(port)
})

test('two servers share nothing', async () => {
  await using one = await (await serverAt({})).listen()
  await using other = await (await serverAt({})).listen()
  await using client = await RawClient.login(one.address)
  await client.store('STOR b.txt', 'b')
  await using stranger = await RawClient.login(other.address)
  await stranger.command('SIZE b.txt', 550)
  expect([one.sessions.size, other.sessions.size]).toEqual([1, 1])
})

test('a net.Server that does not listen yet', async () => {
  const existing = createServer()
  await using server = await (await serverAt(existing)).listen()
  expect(server.address.port).toBe((existing.address() as AddressInfo).port)
  await using client = await RawClient.login(server.address)
  expect(String(await client.fetch('RETR a.txt'))).toBe('a')
  await client.command('QUIT', 221)
  await client.closed()
})

test('a net.Server that listens already, and is closed with the FTP server', async () => {
  const existing = createServer()
  existing.listen(0, '127.0.0.1')
  await once(existing, 'listening')
  const server = await (await serverAt(existing)).listen()
  await using client = await RawClient.login(server.address)
  await client.store('STOR b.txt', 'b')
  expect(String(await client.fetch('RETR b.txt'))).toBe('b')
  await server.closeAll()
  await client.closed()
  expect(existing.listening).toBe(false)
})

test('a client that ends its side first is answered there too', async () => {
  const existing = createServer()
  const ended = gate()
  existing.on('connection', (socket) => socket.on('end', () => setImmediate(ended.open)))
  class Handler extends FTPHandler {
    override onConnect() {
      return ended.passed
    }
  }
  const authorizer = new DummyAuthorizer()
  await using server = await new FTPServer(existing, Handler, { authorizer }).listen()
  await using client = await RawClient.connect(server.address)
  client.socket.end('NOOP\r\nSYST\r\nQUIT\r\n')
  for (const code of [220, 200, 215, 221]) await client.expect(code)
  await client.closed()
})

test('the descriptor of a socket that another process opened', async () => {
  const directory = await tempTree({ 'a.txt': 'a' })
  const outfile = path.join(directory, 'server.mjs')
  await build({ entryPoints: ['src/server.ts'], bundle: true, platform: 'node', format: 'esm', outfile })
  const script = `
    import { DummyAuthorizer, FTPHandler, FTPServer } from ${JSON.stringify(pathToFileURL(outfile).href)}
    const authorizer = new DummyAuthorizer()
    authorizer.addUser('user', '12345', ${JSON.stringify(directory)})
    const server = await new FTPServer({ fd: 3 }, FTPHandler, { authorizer }).listen()
    console.log(server.address.port)`
  const existing = createServer()
  existing.listen(0, '127.0.0.1')
  await once(existing, 'listening')
  const { fd } = (existing as unknown as { readonly _handle: { readonly fd: number } })._handle
  const { port } = existing.address() as AddressInfo
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit', fd],
  })
  existing.close()
  expect((await once(createInterface(child.stdout as Readable), 'line'))[0]).toBe(String(port))
  await using client = await RawClient.login({ host: '127.0.0.1', port })
  expect(String(await client.fetch('RETR a.txt'))).toBe('a')
  child.kill()
  await once(child, 'close')
})

test('IPv6 and both families at once', async () => {
  await using server = await (await serverAt({ host: '::' })).listen()
  const { port } = server.address
  for (const host of ['::1', '127.0.0.1']) {
    await using client = await RawClient.login({ host, port })
    const { port: dataPort } = await client.passiveAddress('EPSV')
    await using data = await RawClient.connect({ host, port: dataPort })
    await client.command('RETR a.txt', 125, 150)
    await client.expect(226)
    await data.closed()
  }
  const seen = [...server.sessions].map(({ remoteAddress }) => remoteAddress)
  expect(seen.every((address) => address === '::1' || address === '127.0.0.1')).toBe(true)
})

test('a taken port: ERR_LISTEN_FAILED names host and port', async () => {
  await using first = await (await serverAt({})).listen()
  const { port } = first.address
  await using second = await serverAt({ port })
  await expect(second.listen()).rejects.toMatchObject({
    code: 'ERR_LISTEN_FAILED',
    message: `cannot listen on 127.0.0.1 port ${port}: the port is taken`,
    cause: { code: 'EADDRINUSE' },
  })
  await expect(startFtpServer({ port })).rejects.toThrow(`127.0.0.1 port ${port}: the port is taken`)
})

test('a port that became free can be had by the next call', async () => {
  const first = await (await serverAt({})).listen()
  const { port } = first.address
  await using second = await serverAt({ port })
  await expect(second.listen()).rejects.toThrow('taken')
  await first.closeAll()
  await second.listen()
  expect(second.address.port).toBe(port)
})

test('an unknown host, an address that is not here, and a bad descriptor', async () => {
  const wrong = [
    [{ host: 'no-such-host.invalid' }, 'cannot listen on no-such-host.invalid port 0'],
    [{ host: '192.0.2.1', port: 2121 }, 'cannot listen on 192.0.2.1 port 2121: the machine has no such address'],
    [{ fd: 9999 }, 'cannot listen on descriptor 9999'],
  ] as const
  for (const [address, message] of wrong) {
    await using server = await serverAt(address)
    await expect(server.listen()).rejects.toMatchObject({ code: 'ERR_LISTEN_FAILED' })
    await expect(server.listen()).rejects.toThrow(message)
  }
})

test('closeAll ends the sessions, close waits for them', async () => {
  const server = await (await serverAt({})).listen()
  const { address } = server
  await using first = await RawClient.login(address)
  let isClosed = false
  const closed = server.close().then(() => {
    isClosed = true
  })
  await expect(RawClient.connect(address)).rejects.toThrow('ECONNREFUSED')
  await first.store('STOR b.txt', 'still served')
  expect(isClosed).toBe(false)
  await first.command('QUIT', 221)
  await closed
  expect(server.sessions.size).toBe(0)
})

test('closeAll during transfers, listenings and logins leaves nothing behind', async () => {
  const events: FtpEvent[] = []
  const server = await (await serverAt({}, (event) => events.push(event))).listen()
  const { address } = server
  await using uploading = await RawClient.login(address)
  const data = await uploading.passive()
  await uploading.command('STOR b.txt', 125, 150)
  await using listening = await RawClient.login(address)
  const { host, port } = await listening.passiveAddress()
  await using waiting = await RawClient.login(address)
  await waiting.passiveAddress()
  await waiting.command('RETR a.txt', 150)
  await using greeted = await RawClient.connect(address)
  await greeted.expect(220)
  await server.closeAll()
  for (const client of [uploading, listening, waiting, greeted]) await client.closed()
  await expect(RawClient.connect({ host, port })).rejects.toThrow('ECONNREFUSED')
  data.destroy()
  expect(server.ioloop.pending).toBe(0)
  expect(server.dataConnections).toBe(0)
  expect(events.filter(({ type }) => type === 'disconnect')).toHaveLength(4)
  expect(events.filter(({ type }) => type === 'error')).toHaveLength(0)
})

test('closeAll does not wait for one who was turned away and does not go', async () => {
  const server = await (await serverAt({})).listen()
  server.configure({ maxCons: 1 })
  await using client = await RawClient.login(server.address)
  const lingering = connect({ ...server.address, allowHalfOpen: true }).resume()
  await once(lingering, 'end')
  const started = performance.now()
  await server.closeAll()
  expect(performance.now() - started).toBeLessThan(1000)
  await client.closed()
  lingering.destroy()
})

test('closing twice, before listening, and while somebody is turned away', async () => {
  const idle = await serverAt({})
  await idle.close()
  await idle.closeAll()
  const server = await (await serverAt({})).listen()
  server.configure({ maxCons: 1 })
  await using client = await RawClient.login(server.address)
  await using refused = await RawClient.connect(server.address)
  await refused.expect(421)
  await Promise.all([server.closeAll(), server.closeAll()])
  await server.close()
  await client.closed()
})

test.each([
  [{ port: 65_536 }, 'address.port: expected a whole number from 0 to 65535, found 65536'],
  [{ port: '21' }, 'address.port: expected'],
  [{ host: 5 }, 'address.host: expected a string, found 5'],
  [{ fd: 'x' }, 'address.fd: expected'],
  [{ fd: 3, port: 21 }, 'address: expected { host, port }, { fd } or a net.Server'],
  [{ hots: 'x' }, 'hots: unknown field of address; did you mean "host"?'],
])('an address that will not do throws at once: %j', (address, message) => {
  const construct = () => new FTPServer(address as object, FTPHandler, { authorizer: new DummyAuthorizer() })
  expect(construct).toThrow(message)
})

test('clients that come all at once are all greeted', async () => {
  await using ftp = await startFtpServer()
  // No await between them: the server accepts none before the last one has knocked.
  const clients = Array.from({ length: 300 }, () => connect(ftp.port, ftp.host))
  await Promise.all(clients.map((client) => once(client, 'data')))
  for (const client of clients) client.destroy()
})
