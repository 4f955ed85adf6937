import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { type FtpFixture, randomBytes, startFtpServer } from '../../src/index.ts'
import { DTPHandler, FTPHandler } from '../../src/server.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

/** More than the kernel takes for a client that does not read. */
const LARGE = '32MiB'

/** The bytes on file go another way than those that pass a stage; a standstill is the same for both. */
class Staged extends DTPHandler {
  override stages() {
    return [(chunks: AsyncIterable<Buffer>) => chunks]
  }
}

const ways = [
  { way: 'direct', dtpHandler: DTPHandler },
  { way: 'staged', dtpHandler: Staged },
]

/** Bytes over the data connection so far, once there are more than that. */
async function progress(client: RawClient, before: number): Promise<number> {
  for (;;) {
    const { text } = await client.command('STAT', 211)
    const bytes = Number(/transferring, (\d+) bytes/.exec(text)?.[1])
    if (bytes > before) return bytes
  }
}

/** Lets the time of a standstill pass until the session has ended by it: the kernel may take bytes for a while. */
async function waitOut(ftp: FtpFixture, limitMs: number): Promise<void> {
  while (ftp.transcript.replies({ code: 421 }).length === 0) await ftp.clock.advance(limitMs)
}

async function read(data: Socket, bytes: number): Promise<void> {
  for (let count = 0; count < bytes; ) {
    const chunk = await new Promise<Buffer>((resolve) => data.once('data', resolve).resume())
    count += chunk.length
    data.pause()
  }
}

async function sessionEnds(ftp: FtpFixture, client: RawClient, data: Socket): Promise<void> {
  expect((await client.expect(421)).text).toBe('421 Data connection timed out.')
  await client.closed()
  await ftp.waitFor({ type: 'disconnect' })
  data.destroy()
  expect(ftp.server.ioloop.pending).toBe(0)
  expect(ftp.server.dataConnections).toBe(0)
}

for (const { way, dtpHandler } of ways) {
  const options = { clock: 'manual', dataTimeout: '300s', timeout: '10s', dtpHandler } as const

  test(`${way}: a client that does not read its download is given up, and its session with it`, async () => {
    const calls: string[] = []
    class Handler extends FTPHandler {
      override onIncompleteFileSent(path: string) {
        calls.push(`incomplete ${path}`)
      }
      override onDisconnect() {
        calls.push('disconnect')
      }
    }
    await using ftp = await startFtpServer({ ...options, handler: Handler, files: { 'a.bin': { size: LARGE } } })
    await using client = await RawClient.login(ftp)
    const data = await client.passive()
    data.pause()
    await client.command('RETR a.bin', 125, 150)
    await waitOut(ftp, 300_000)
    await sessionEnds(ftp, client, data)
    expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'aborted', reason: 'Data connection timed out.' }])
    expect(calls).toEqual(['incomplete /a.bin', 'disconnect'])
  })

  test(`${way}: a client that does not go on with its upload is given up, and what came is there`, async () => {
    await using ftp = await startFtpServer(options)
    await using client = await RawClient.login(ftp)
    const data = await client.passive()
    await client.command('STOR a.txt', 125, 150)
    data.write('a beginning')
    await progress(client, 0)
    await ftp.clock.advance(299_999)
    await client.command('NOOP', 200)
    await ftp.clock.advance(1)
    await sessionEnds(ftp, client, data)
    expect(await ftp.files.read('a.txt', 'utf8')).toBe('a beginning')
  })

  test(`${way}: a slow download that goes on is not given up`, async () => {
    await using ftp = await startFtpServer({ ...options, files: { 'a.bin': { size: LARGE, seed: 1 } } })
    await using client = await RawClient.login(ftp)
    const data = await client.passive()
    data.pause()
    await client.command('RETR a.bin', 125, 150)
    for (const _ of [1, 2, 3, 4, 5]) {
      const before = await progress(client, 0)
      await ftp.clock.advance('200s')
      await read(data, 4 * 1024 ** 2)
      await progress(client, before)
    }
    const rest = readAll(data)
    await client.expect(226)
    await rest
    expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'completed', bytes: 32 * 1024 ** 2 }])
  })

  test(`${way}: a slow upload that goes on is not given up`, async () => {
    await using ftp = await startFtpServer(options)
    await using client = await RawClient.login(ftp)
    const data = await client.passive()
    await client.command('STOR a.bin', 125, 150)
    const content = randomBytes(5000, { seed: 2 })
    for (let at = 0; at < content.length; at += 1000) {
      data.write(content.subarray(at, at + 1000))
      await progress(client, at)
      await ftp.clock.advance('299s')
    }
    data.end()
    await client.expect(226)
    data.destroy()
    expect(await ftp.files.read('a.bin')).toEqual(content)
  })
}

test('a listing that its client does not read is given up too', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [`${'long-'.repeat(40)}${index}`, ''] as const),
  )
  class Many extends DTPHandler {
    /** Each line many times over, for more than the kernel takes. */
    override stages() {
      return [
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) for (let times = 0; times < 800; times++) yield chunk
        },
      ]
    }
  }
  await using ftp = await startFtpServer({ clock: 'manual', dataTimeout: '5s', dtpHandler: Many, files })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  data.pause()
  await client.command('NLST', 125, 150)
  await waitOut(ftp, 5000)
  await sessionEnds(ftp, client, data)
  expect(ftp.transcript.transfers()).toMatchObject([{ verb: 'NLST', outcome: 'aborted' }])
})

test('dataTimeout: 0 is never', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', dataTimeout: 0 })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('STOR a.txt', 125, 150)
  await ftp.clock.advance('24h')
  data.end('late')
  await client.expect(226)
  data.destroy()
  expect(await ftp.files.read('a.txt', 'utf8')).toBe('late')
})

test('dataTimeout may change between two transfers', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', dataTimeout: 0 })
  await using client = await RawClient.login(ftp)
  await client.store('STOR a.txt', 'a')
  ftp.server.configure({ dataTimeout: 1000 })
  const data = await client.passive()
  await client.command('STOR b.txt', 125, 150)
  await ftp.clock.advance(1000)
  await sessionEnds(ftp, client, data)
})

test('the wait for a data connection is no standstill', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', dataTimeout: '1s', passiveTimeout: '1h' })
  await using client = await RawClient.login(ftp)
  const address = await client.passiveAddress()
  await client.command('STOR a.txt', 150)
  await ftp.clock.advance('30m')
  await using data = await RawClient.connect(address)
  await ftp.waitFor({ type: 'data-open' })
  await ftp.clock.advance(999)
  data.socket.end('a')
  await client.expect(226)
})

test('one session that stands still does not hold up another one', async () => {
  await using ftp = await startFtpServer({
    clock: 'manual',
    dataTimeout: '60s',
    timeout: 0,
    files: { 'a.bin': { size: LARGE } },
  })
  await using stalled = await RawClient.login(ftp)
  const data = await stalled.passive()
  data.pause()
  await stalled.command('RETR a.bin', 125, 150)
  await using other = await RawClient.login(ftp)
  expect((await other.fetch('RETR a.bin')).length).toBe(32 * 1024 ** 2)
  await waitOut(ftp, 60_000)
  await stalled.expect(421)
  await other.command('NOOP', 200)
  data.destroy()
})
