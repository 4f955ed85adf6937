import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync, truncateSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { constants } from 'node:os'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { BufferPool } from '../../src/handlers/buffer-pool.ts'
import { sendDirect } from '../../src/handlers/direct.ts'
import { type FtpFixture, randomBytes, startFtpServer } from '../../src/index.ts'
import { turn } from '../../src/ioloop/clock.ts'
import { RawClient, readAll } from '../support/raw-client.ts'
import { kernel } from '../support/sendfile-spy.ts'
import { HUGE, makeHugeFile, startDownload, untilClosed } from '../support/transfers.ts'

vi.mock('../../src/native/sendfile.ts', async (importOriginal) => {
  const { kernel } = await import('../support/sendfile-spy.ts')
  return kernel.watch(await importOriginal())
})

const { ECONNRESET, EPIPE, ETIMEDOUT } = constants.errno
const MIB = 1024 ** 2

beforeEach(() => kernel.reset())

/** Resolves once the kernel has taken all that it takes for a client that does not read. */
async function untilFull(): Promise<void> {
  while (kernel.results.length === 0 || kernel.results.at(-1) === MIB) await turn()
}

/** Begins a download that nobody reads; resolves once the socket is full. */
async function startStalled(ftp: FtpFixture, client: RawClient): Promise<Socket> {
  makeHugeFile(ftp, 'a.bin')
  const data = await startDownload(client, 'a.bin')
  await untilFull()
  return data
}

/** Reads so many bytes of a paused connection, or up to its end. */
async function sip(data: Socket, count: number): Promise<number> {
  let read = 0
  for (; read < count && !data.readableEnded; await turn()) read += (data.read() as Buffer | null)?.length ?? 0
  return read
}

describe.runIf(process.platform === 'linux')('sendfile', () => {
  test('to a client that pauses and goes on', async () => {
    const content = randomBytes(HUGE, { seed: 1 })
    await using ftp = await startFtpServer({ files: { 'a.bin': content } })
    await using client = await RawClient.login(ftp)
    const data = await startDownload(client, 'a.bin')
    await untilFull()
    expect((await readAll(data)).equals(content)).toBe(true)
    await client.expect(226)
    expect(kernel.bytes).toBeGreaterThan(HUGE / 2)
  })

  test('ABOR ends a download that stands still, and one that flows', async () => {
    const content = randomBytes(2 * MIB, { seed: 2 })
    await using ftp = await startFtpServer({ files: { 'b.bin': content, 'endless.bin': '' } })
    truncateSync(ftp.files.path('endless.bin'), 1024 ** 4)
    await using client = await RawClient.login(ftp)
    for (const flows of [false, true]) {
      const data = flows ? await startDownload(client, 'endless.bin') : await startStalled(ftp, client)
      if (flows) await once(data.resume(), 'data')
      await client.command('ABOR', 426)
      const calls = kernel.results.length
      await client.expect(226)
      await untilClosed(data)
      expect((await client.command('NOOP')).code).toBe(200)
      expect(kernel.results).toHaveLength(calls)
      expect((await client.fetch('RETR b.bin')).equals(content)).toBe(true)
    }
    expect(ftp.transcript.transfers().map(({ outcome }) => outcome)).toEqual([
      'aborted',
      'completed',
      'aborted',
      'completed',
    ])
  })

  test('so does stopping the server, and the end of the session', async () => {
    for (const end of ['stop', 'disconnect'] as const) {
      kernel.reset()
      await using ftp = await startFtpServer({ files: { 'endless.bin': '' } })
      truncateSync(ftp.files.path('endless.bin'), 1024 ** 4)
      await using client = await RawClient.login(ftp)
      const data = await startDownload(client, 'endless.bin')
      await once(data.resume(), 'data')
      if (end === 'disconnect') client.socket.destroy()
      else await ftp.stop()
      await untilClosed(data)
      if (end === 'disconnect') await ftp.waitFor({ type: 'transfer' })
      const calls = kernel.results.length
      await turn()
      expect(calls).toBeGreaterThan(0)
      expect(kernel.results).toHaveLength(calls)
      expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'aborted' }])
    }
  })

  test.each([true, false])(
    'a client that resets its data connection, standing still or flowing, gets 426 (useSendfile: %s)',
    async (useSendfile) => {
      await using ftp = await startFtpServer({ useSendfile, files: { 'endless.bin': '' } })
      truncateSync(ftp.files.path('endless.bin'), 1024 ** 4)
      await using client = await RawClient.login(ftp)
      for (const flows of [false, true]) {
        const data = await startDownload(client, 'endless.bin')
        if (flows) await once(data.resume(), 'data')
        else for (let turn = 0; turn < 200; turn++) await client.command('NOOP', 200)
        data.resetAndDestroy()
        expect((await client.expect(426)).text).toBe('426 Connection closed; transfer aborted.')
      }
      expect(kernel.results.length > 0).toBe(useSendfile)
      expect(ftp.transcript.events.filter(({ type }) => type === 'debug' || type === 'error')).toEqual([])
    },
  )

  test.each([EPIPE, ECONNRESET, ETIMEDOUT])(
    'error %d of the connection is 426, and no other way is tried',
    async (errno) => {
      await using ftp = await startFtpServer({ files: { 'a.bin': { size: MIB } } })
      await using client = await RawClient.login(ftp)
      kernel.instead = () => -errno
      const data = await startDownload(client, 'a.bin')
      expect((await client.expect(426)).text).toBe('426 Connection closed; transfer aborted.')
      expect((await readAll(data)).length).toBe(0)
      expect(ftp.transcript.events.filter(({ type }) => type === 'debug' || type === 'error')).toEqual([])
    },
  )

  test('a client that stands still is given up after dataTimeout', async () => {
    await using ftp = await startFtpServer({ clock: 'manual', dataTimeout: '10s' })
    await using client = await RawClient.login(ftp)
    const data = await startStalled(ftp, client)
    await ftp.clock.advance('9s')
    await client.command('NOOP', 200)
    expect(ftp.transcript.transfers()).toEqual([])
    await ftp.clock.advance('2s')
    await client.expect(421)
    await untilClosed(data)
  })

  test('one that is slow but alive is not', async () => {
    const size = 3 * HUGE
    await using ftp = await startFtpServer({ clock: 'manual', dataTimeout: '10s', files: { 'a.bin': '' } })
    truncateSync(ftp.files.path('a.bin'), size)
    await using client = await RawClient.login(ftp)
    const data = await startDownload(client, 'a.bin')
    let read = 0
    let rounds = 0
    const isOver = () => ftp.transcript.transfers().length > 0
    for (; !isOver(); rounds++) {
      await ftp.clock.advance('6s')
      const before = kernel.bytes
      for (; !isOver() && kernel.bytes === before; await turn()) read += await sip(data, MIB)
    }
    read += (await readAll(data)).length
    await client.expect(226)
    expect(read).toBe(size)
    expect(rounds).toBeGreaterThan(3)
    expect(kernel.bytes).toBeGreaterThan(size / 2)
  })

  test('the others get their turn while a client takes all that comes', async () => {
    await using ftp = await startFtpServer({ files: { 'a.bin': { size: MIB } } })
    await using client = await RawClient.login(ftp)
    await using other = await RawClient.login(ftp)
    let answered = false
    const limit = 100_000
    kernel.instead = (_real, _socket, _file, _position, count) =>
      answered || kernel.results.length >= limit ? 0 : count
    const data = await startDownload(client, 'a.bin')
    await other.command('NOOP', 200)
    answered = true
    await client.expect(226)
    data.destroy()
    expect(kernel.results.length).toBeGreaterThan(1)
    expect(kernel.results.length).toBeLessThan(limit)
  })

  test('what the socket still holds goes first', async () => {
    const content = randomBytes(4 * MIB, { seed: 3 })
    await using ftp = await startFtpServer({ files: { 'a.bin': content } })
    const listener = createServer().listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const client = connect((listener.address() as AddressInfo).port, '127.0.0.1')
    const [socket] = (await once(listener, 'connection')) as [Socket]
    const head = randomBytes(HUGE, { seed: 4 })
    socket.write(head)
    let overtaken = false
    kernel.instead = (real, ...call) => {
      overtaken ||= socket.writableLength > 0
      return real(...call)
    }
    const fd = openSync(ftp.files.path('a.bin'), 'r')
    const transfer = { buffers: new BufferPool(), bufferSize: MIB, progress: () => {}, turn }
    const use = { onRefused: () => {} }
    const sent = sendDirect(socket, { fd, size: content.length, start: 0 }, transfer, use)
    const bytes = await readAll(client)
    await sent
    expect(bytes.equals(Buffer.concat([head, content]))).toBe(true)
    expect(overtaken).toBe(false)
    expect(kernel.bytes).toBeGreaterThan(MIB)
    socket.destroy()
    closeSync(fd)
    listener.close()
    await once(listener, 'close')
  })

  test('a thousand downloads at a time keep their bytes apart', async () => {
    const contents = Array.from({ length: 10 }, (_, index) => randomBytes(3 * MIB + index, { seed: index }))
    const hashes = contents.map((content) => createHash('sha256').update(content).digest('hex'))
    const files = Object.fromEntries(contents.map((content, index) => [`${index}.bin`, content]))
    await using ftp = await startFtpServer({ maxCons: 2000, files })
    const clients: RawClient[] = []
    const connections: Socket[] = []
    for (let count = 0; count < 1000; count++) {
      const client = await RawClient.login(ftp)
      clients.push(client)
      connections.push(await client.passive())
    }
    await Promise.all(
      connections.map(async (data, index) => {
        const client = clients[index] as RawClient
        await client.command(`RETR ${index % 10}.bin`, 125, 150)
        const hash = createHash('sha256')
        for await (const chunk of data) hash.update(chunk as Buffer)
        data.destroy()
        await client.expect(226)
        expect(hash.digest('hex'), `download ${index}`).toBe(hashes[index % 10])
      }),
    )
    expect(kernel.bytes).toBeGreaterThan(1000 * MIB)
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()))
    expect(ftp.server.dataConnections).toBe(0)
  })
})
