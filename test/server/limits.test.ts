import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { FTPHandler, reply } from '../../src/server.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

test('maxCons turns one client too many away with 421, until another one leaves', async () => {
  await using ftp = await startFtpServer({ maxCons: 2 })
  await using first = await RawClient.login(ftp)
  await using second = await RawClient.login(ftp)
  await using third = await RawClient.connect(ftp)
  expect((await third.expect(421)).text).toContain('Too many connections')
  await third.closed()
  await first.command('QUIT', 221)
  await ftp.waitFor({ type: 'disconnect', session: 1 })
  await using fourth = await RawClient.login(ftp)
  await fourth.command('NOOP', 200)
  await second.command('NOOP', 200)
  expect(ftp.transcript.events.filter(({ type }) => type === 'limit')).toMatchObject([
    { session: 3, limit: 'maxCons', remoteAddress: '127.0.0.1' },
  ])
})

test('a client that was turned away costs no place, and none when it goes', async () => {
  await using ftp = await startFtpServer({ maxCons: 1 })
  await using first = await RawClient.login(ftp)
  for (const session of [2, 3, 4]) {
    await using client = await RawClient.connect(ftp)
    await client.expect(421)
    await client.closed()
    await ftp.waitFor({ type: 'disconnect', session })
  }
  expect(ftp.server.sessions.size).toBe(1)
  await first.command('QUIT', 221)
  await ftp.waitFor({ type: 'disconnect', session: 1 })
  await using last = await RawClient.connect(ftp)
  await last.expect(220)
})

test('a data connection counts towards maxCons', async () => {
  await using ftp = await startFtpServer({ maxCons: 2, files: { 'a.txt': 'a' } })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('RETR missing', 550)
  data.destroy()
  const open = await client.passive()
  await using turnedAway = await RawClient.connect(ftp)
  await turnedAway.expect(421)
  const bytes = readAll(open)
  await client.command('RETR a.txt', 125, 150)
  expect(String(await bytes)).toBe('a')
  await client.expect(226)
  expect(ftp.server.dataConnections).toBe(0)
  await using next = await RawClient.connect(ftp)
  await next.expect(220)
})

test('PASV and PORT past the limit are 425', async () => {
  await using ftp = await startFtpServer({ maxCons: 1 })
  await using client = await RawClient.login(ftp)
  expect((await client.command('PASV', 425)).text).toContain('Too many connections')
  await client.command('EPSV', 425)
  await client.command('PORT 127,0,0,1,200,1', 425)
  await client.command('NOOP', 200)
  expect(ftp.server.dataConnections).toBe(0)
})

test('a data connection takes its place when it is set up, so that nobody can take it away again', async () => {
  await using ftp = await startFtpServer({ maxCons: 2, files: { 'a.txt': 'a' } })
  await using client = await RawClient.login(ftp)
  const address = await client.passiveAddress()
  await using turnedAway = await RawClient.connect(ftp)
  await turnedAway.expect(421)
  await client.command('RETR a.txt', 150)
  await using data = await RawClient.connect(address)
  await data.closed()
  await client.expect(226)
  expect(ftp.server.dataConnections).toBe(0)
})

test('data connections that end in any way give their place back', async () => {
  await using ftp = await startFtpServer({ files: { 'a.bin': { size: '8MiB' } } })
  await using client = await RawClient.login(ftp)
  await client.fetch('RETR a.bin')
  await client.store('STOR b.bin', 'b')

  const aborted = await client.passive()
  await client.command('RETR a.bin', 125, 150)
  await client.command('ABOR', 426)
  await client.expect(226)
  aborted.destroy()

  const reset = await client.passive()
  await client.command('RETR a.bin', 125, 150)
  reset.resetAndDestroy()
  await client.expect(426)

  const replaced = await client.passive()
  const successor = await client.passive()
  replaced.destroy()
  await client.command('RETR missing', 550)
  successor.destroy()

  const active = await client.active()
  await client.command('ABOR', 225)
  active.destroy()
  expect(ftp.server.dataConnections).toBe(0)

  const lost = await client.passive()
  await client.command('RETR a.bin', 125, 150)
  client.socket.destroy()
  await ftp.waitFor({ type: 'disconnect' })
  lost.destroy()
  expect(ftp.server.dataConnections).toBe(0)
})

test('maxConsPerIp counts each address by itself', async () => {
  await using ftp = await startFtpServer({ maxConsPerIp: 1 })
  await using first = await RawClient.login(ftp)
  await using refused = await RawClient.connect(ftp)
  expect((await refused.expect(421)).text).toContain('same IP address')
  await refused.closed()
  await using elsewhere = await RawClient.connect(ftp, '127.0.0.2')
  await elsewhere.expect(220)
  await using refusedToo = await RawClient.connect(ftp, '127.0.0.2')
  await refusedToo.expect(421)
  await first.command('QUIT', 221)
  await ftp.waitFor({ type: 'disconnect', session: 1 })
  await using next = await RawClient.connect(ftp)
  await next.expect(220)
  expect(ftp.transcript.events.filter(({ type }) => type === 'limit')).toMatchObject([
    { session: 2, limit: 'maxConsPerIp', remoteAddress: '127.0.0.1' },
    { session: 4, limit: 'maxConsPerIp', remoteAddress: '127.0.0.2' },
  ])
})

test('data connections do not count towards maxConsPerIp', async () => {
  await using ftp = await startFtpServer({ maxConsPerIp: 1, files: { 'a.txt': 'a' } })
  await using client = await RawClient.login(ftp)
  expect(String(await client.fetch('RETR a.txt'))).toBe('a')
})

test('limits that change on a running server hold for the next client', async () => {
  await using ftp = await startFtpServer({ maxCons: 1 })
  await using first = await RawClient.login(ftp)
  ftp.server.configure({ maxCons: 3 })
  await using second = await RawClient.connect(ftp)
  await second.expect(220)
  ftp.server.configure({ maxConsPerIp: 2 })
  await using third = await RawClient.connect(ftp)
  expect((await third.expect(421)).text).toContain('same IP address')
  await first.command('NOOP', 200)
})

test('a crowd that comes at once gets as many places as there are', async () => {
  await using ftp = await startFtpServer({ maxCons: 20 })
  const clients = await Promise.all(Array.from({ length: 50 }, () => RawClient.connect(ftp)))
  const codes = await Promise.all(clients.map(async (client) => (await client.expect(220, 421)).code))
  expect(codes.filter((code) => code === 220)).toHaveLength(20)
  for (const client of clients) await client[Symbol.asyncDispose]()
})

test('a handler can turn clients away in its own way', async () => {
  class Handler extends FTPHandler {
    override handleMaxCons(): void {
      void this.close()
    }
    override handleMaxConsPerIp(): void {
      this.connection.say(reply(421, 'One is enough.'))
    }
  }
  await using ftp = await startFtpServer({ maxCons: 2, maxConsPerIp: 1, handler: Handler })
  await using first = await RawClient.login(ftp)
  await using second = await RawClient.connect(ftp)
  expect((await second.expect(421)).text).toBe('421 One is enough.')
  ftp.server.configure({ maxCons: 1 })
  await using third = await RawClient.connect(ftp)
  expect(await third.line()).toBeUndefined()
  await first.command('NOOP', 200)
})
