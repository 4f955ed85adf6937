import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { DTPHandler, DummyAuthorizer, FTPHandler, FTPServer, IOLoop, ManualClock } from '../../src/server.ts'
import { gate } from '../support/gate.ts'
import { RawClient } from '../support/raw-client.ts'

test('an idle client gets 421 and is disconnected', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', timeout: '300s' })
  await using client = await RawClient.login(ftp)
  await ftp.clock.advance('299s')
  await client.command('NOOP', 200)
  await ftp.clock.advance(299_999)
  expect(ftp.transcript.replies({ code: 421 })).toHaveLength(0)
  await ftp.clock.advance(1)
  expect((await client.expect(421)).text).toBe('421 Control connection timed out.')
  await client.closed()
  await ftp.waitFor({ type: 'disconnect' })
  expect(ftp.server.ioloop.pending).toBe(0)
})

test('a client that never says anything is idle too', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', timeout: 1000 })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  client.socket.write('NOO')
  await ftp.clock.advance(1000)
  await client.expect(421)
  await client.closed()
})

test('timeout: 0 is never', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', timeout: 0 })
  await using client = await RawClient.login(ftp)
  await ftp.clock.advance('24h')
  await client.command('NOOP', 200)
  expect(ftp.server.ioloop.pending).toBe(0)
})

test('a timeout that changes on a running server holds from the next command on', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', timeout: 0 })
  await using client = await RawClient.login(ftp)
  ftp.server.configure({ timeout: 1000 })
  await ftp.clock.advance('1h')
  await client.command('NOOP', 200)
  await ftp.clock.advance(999)
  await client.command('NOOP', 200)
  ftp.server.configure({ timeout: 5000 })
  await client.command('NOOP', 200)
  await ftp.clock.advance(4999)
  await client.command('NOOP', 200)
  await ftp.clock.advance(5000)
  await client.expect(421)
})

test('a client is not idle while its transfer runs, and starts anew when it ends', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', timeout: '300s', dataTimeout: 0 })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('STOR a.txt', 125, 150)
  data.write('half of it, ')
  await ftp.clock.advance('1h')
  data.end('and the rest')
  await client.expect(226)
  data.destroy()
  expect(await ftp.files.read('a.txt', 'utf8')).toBe('half of it, and the rest')
  await ftp.clock.advance(299_999)
  expect(ftp.transcript.replies({ code: 421 })).toHaveLength(0)
  await ftp.clock.advance(1)
  await client.expect(421)
})

test('a data connection without a transfer does not keep a client from being idle', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', timeout: '10s' })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await ftp.clock.advance('10s')
  await client.expect(421)
  await ftp.waitFor({ type: 'disconnect' })
  data.destroy()
  expect(ftp.server.dataConnections).toBe(0)
})

test('a client is not idle while an asynchronous callback runs, and starts anew when it is done', async () => {
  const { passed, open } = gate()
  class Handler extends FTPHandler {
    override onLogin() {
      return passed
    }
  }
  await using ftp = await startFtpServer({ clock: 'manual', timeout: '10s', handler: Handler })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  await ftp.clock.advance('1h')
  await ftp.clock.advance('9s')
  open()
  await ftp.clock.advance(9999)
  expect(ftp.transcript.replies({ code: 421 })).toHaveLength(0)
  await ftp.clock.advance(1)
  await client.expect(421)
})

test('a stage that takes long does not make its client idle', async () => {
  const { passed, open } = gate()
  class Slow extends DTPHandler {
    override stages() {
      return [
        async function* (chunks: AsyncIterable<Buffer>) {
          await passed
          yield* chunks
        },
      ]
    }
  }
  await using ftp = await startFtpServer({
    clock: 'manual',
    timeout: '10s',
    dataTimeout: '1h',
    dtpHandler: Slow,
    files: { 'a.txt': 'slow' },
  })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('RETR a.txt', 125, 150)
  await ftp.clock.advance('30m')
  open()
  await client.expect(226)
  data.destroy()
})

test('a passive data connection that nobody opens makes its transfer 425', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', passiveTimeout: '30s', files: { 'a.txt': 'a' } })
  await using client = await RawClient.login(ftp)
  await client.passiveAddress()
  await ftp.clock.advance(29_999)
  await client.command('RETR a.txt', 150)
  // The time to wait is counted from the transfer command on.
  await ftp.clock.advance(29_999)
  await client.command('NOOP', 200)
  await ftp.clock.advance(1)
  expect((await client.expect(425)).text).toContain('timed out')
  await client.command('NOOP', 200)
  expect(ftp.transcript.transfers()).toMatchObject([{ verb: 'RETR', outcome: 'failed', bytes: 0 }])
})

test('a passive port that was not used in time is closed silently', async () => {
  await using ftp = await startFtpServer({
    clock: 'manual',
    passiveTimeout: '30s',
    timeout: 0,
    files: { 'a.txt': 'a' },
  })
  await using client = await RawClient.login(ftp)
  const { host, port } = await client.passiveAddress()
  await ftp.clock.advance('30s')
  await expect(RawClient.connect({ host, port })).rejects.toThrow('ECONNREFUSED')
  await client.command('RETR a.txt', 425)
  expect(String(await client.fetch('RETR a.txt'))).toBe('a')
  expect(ftp.server.ioloop.pending).toBe(0)
})

test('an active data connection that does not open in time is 425', async () => {
  /** Rings the alarm of `activeTimeout` before the event loop has turned once: no answer can have come by then. */
  class Impatient extends ManualClock {
    override alarm(delayMs: number, ring: () => void) {
      if (delayMs === 5000) queueMicrotask(ring)
      return super.alarm(delayMs, ring)
    }
  }
  const authorizer = new DummyAuthorizer()
  authorizer.addUser('user', '12345', '/')
  const options = { authorizer, activeTimeout: '5s', ioloop: new IOLoop(new Impatient()) } as const
  await using server = await new FTPServer({ port: 0 }, FTPHandler, options).listen()
  await using client = await RawClient.login(server.address)
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const { text } = await client.command(`PORT 127,0,0,1,${port >> 8},${port & 255}`, 425)
  expect(text).toContain(`Can't connect to 127.0.0.1:${port}: no answer within 5000 ms.`)
  await client.command('LIST', 425)
  listener.close()
})
