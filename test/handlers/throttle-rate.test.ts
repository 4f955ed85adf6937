import { expect, test } from 'vitest'
import { throttle } from '../../src/handlers/throttle.ts'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { IOLoop } from '../../src/ioloop/ioloop.ts'
import { ThrottledDTPHandler } from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'
import { download, throttled, transferred, upload } from './throttled.ts'

const CONTENT = randomBytes(25_000, { seed: 1 })

test('a download takes just its time', async () => {
  await using ftp = await throttled({ files: { 'a.bin': CONTENT } })
  await using client = await RawClient.login(ftp)
  const reader = await download(client, 'RETR a.bin')
  expect(await transferred(client)).toBe(0)
  await ftp.clock.advance('1s')
  expect(await transferred(client)).toBe(10_000)
  expect(await reader.atLeast(10_000)).toBe(10_000)
  await ftp.clock.advance('250ms')
  expect(await transferred(client)).toBe(12_500)
  await ftp.clock.advance(1249)
  expect(await transferred(client)).toBe(24_900)
  await ftp.clock.advance(1)
  await client.expect(226)
  expect(reader.bytes.equals(CONTENT)).toBe(true)
  expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'completed', bytes: 25_000, durationMs: 2500 }])
})

test('an upload takes just its time, and is written as it goes', async () => {
  await using ftp = await throttled()
  await using client = await RawClient.login(ftp)
  const data = await upload(client, 'STOR a.bin', CONTENT)
  await ftp.clock.advance('1s')
  expect(await transferred(client)).toBe(10_000)
  expect((await ftp.files.read('a.bin')).equals(CONTENT.subarray(0, 10_000))).toBe(true)
  await ftp.clock.advance('250ms')
  expect((await ftp.files.read('a.bin')).length).toBe(12_500)
  await ftp.clock.advance(1249)
  expect(await transferred(client)).toBe(24_900)
  await ftp.clock.advance(1)
  await client.expect(226)
  data.destroy()
  expect((await ftp.files.read('a.bin')).equals(CONTENT)).toBe(true)
  expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'completed', bytes: 25_000, durationMs: 2500 }])
})

test('many sessions at a time, both ways: each has a limit of its own', async () => {
  await using ftp = await throttled({ files: { 'a.bin': CONTENT } })
  const clients = await Promise.all(Array.from({ length: 10 }, () => RawClient.login(ftp)))
  const sockets = await Promise.all(
    clients.map((client, i) => (i % 2 ? upload(client, `STOR ${i}.bin`, CONTENT) : download(client, 'RETR a.bin'))),
  )
  await ftp.clock.advance('1s')
  for (const client of clients) expect(await transferred(client)).toBe(10_000)
  await ftp.clock.advance('1500ms')
  for (const client of clients) await client.expect(226)
  expect(ftp.transcript.transfers().map(({ durationMs }) => durationMs)).toEqual(clients.map(() => 2500))
  for (const socket of sockets) if ('destroy' in socket) socket.destroy()
  for (const client of clients) await client[Symbol.asyncDispose]()
})

test('a download flows evenly, each byte when its time is over', async () => {
  await using ftp = await throttled({ files: { 'a.bin': CONTENT } })
  await using client = await RawClient.login(ftp)
  const reader = await download(client, 'RETR a.bin')
  await ftp.clock.advance(9)
  expect(await transferred(client)).toBe(0)
  await ftp.clock.advance(1)
  for (let slice = 1; slice < 20; slice++) {
    expect(await transferred(client)).toBe(slice * 100)
    expect(await reader.atLeast(slice * 100)).toBe(slice * 100)
    await ftp.clock.advance(10)
  }
})

test.each([
  ['7B/s', 1000, 7],
  ['7B/s', 1142, 7],
  ['7B/s', 1143, 8],
  ['999B/s', 1000, 999],
  ['64KiB/s', 330, 21_626],
  ['64KiB/s', 1000, 65_536],
  ['1MB/s', 9, 0],
  ['10MB/s', 2, 20_000],
  ['10MB/s', 9, 80_000],
  ['10MB/s', 10, 100_000],
  ['10MB/s', 1230, 12_300_000],
] as const)('at %s, %d ms are %d bytes', async (rate, durationMs, bytes) => {
  await using ftp = await throttled({ files: { 'a.bin': { size: '16MiB' } }, writeLimit: rate, readLimit: rate })
  await using client = await RawClient.login(ftp)
  const reader = await download(client, 'RETR a.bin')
  await ftp.clock.advance(durationMs)
  expect(await transferred(client)).toBe(bytes)
  expect(await reader.atLeast(bytes)).toBe(bytes)
})

test.each([
  [true, 1000, 'a download: the time until its first bytes are read counts'],
  [false, 1050, 'an upload: that until the client sends does not'],
])('counting from the start %s, it takes %d ms: %s', async (countsFromStart, durationMs) => {
  const ioloop = new IOLoop('manual')
  const beganMs = ioloop.now()
  const stage = throttle({ ioloop, countsFromStart, limit: () => 1000, hold: (ms) => ioloop.sleep(ms) })
  async function* late() {
    await ioloop.sleep(50)
    yield CONTENT.subarray(0, 1000)
  }
  const passed = (async () => {
    for await (const _ of stage(late(), new AbortController().signal));
    return ioloop.now() - beganMs
  })()
  await ioloop.advance(2000)
  expect(await passed).toBeCloseTo(durationMs)
})

test('an empty file takes no time', async () => {
  await using ftp = await throttled({ files: { 'a.bin': '' } })
  await using client = await RawClient.login(ftp)
  expect(await client.fetch('RETR a.bin')).toHaveLength(0)
  await client.store('STOR b.bin', '')
  expect(ftp.transcript.transfers().map(({ durationMs }) => durationMs)).toEqual([0, 0])
})

test("by the machine's clock it takes at least its time, and all bytes come", async () => {
  const limits = { readLimit: '250kB/s', writeLimit: '250kB/s' } as const
  await using ftp = await startFtpServer({ dtpHandler: ThrottledDTPHandler, files: { 'a.bin': CONTENT }, ...limits })
  await using client = await RawClient.login(ftp)
  expect((await client.fetch('RETR a.bin')).equals(CONTENT)).toBe(true)
  await client.store('STOR b.bin', CONTENT)
  expect((await ftp.files.read('b.bin')).equals(CONTENT)).toBe(true)
  for (const { durationMs } of ftp.transcript.transfers()) expect(durationMs).toBeGreaterThanOrEqual(100)
  expect(ftp.transcript.transfers()).toHaveLength(2)
})
