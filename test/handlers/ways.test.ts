import { appendFileSync, truncateSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { DTPHandler } from '../../src/server.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

const KIB = 1024
const MIB = 1024 ** 2
const SIZES = [0, 1, 2, 1000, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 256 * KIB - 1, 256 * KIB, 256 * KIB + 1, MIB + 3]

/** The same bytes through a stage that leaves them as they are. */
class Staged extends DTPHandler {
  override stages() {
    return [(chunks: AsyncIterable<Buffer>) => chunks]
  }
}

/** The same bytes in other pieces. */
class Recut extends DTPHandler {
  override stages() {
    return [
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks)
          for (let at = 0; at < chunk.length; at += 9973) yield chunk.subarray(at, at + 9973)
      },
    ]
  }
}

const WAYS = [DTPHandler, Staged, Recut]

/** Reads in small sips, pausing between them. */
async function readSlowly(data: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  data.pause()
  return new Promise((resolve) => {
    data.on('data', (chunk) => {
      chunks.push(chunk)
      data.pause()
      setImmediate(() => data.resume())
    })
    data.on('end', () => {
      data.destroy()
      resolve(Buffer.concat(chunks))
    })
    data.resume()
  })
}

for (const dtpHandler of WAYS) {
  test(`${dtpHandler.name}: what is sent and received is what was there, at every size`, async () => {
    const files = Object.fromEntries(SIZES.map((size) => [`${size}.bin`, randomBytes(size, { seed: size })]))
    await using ftp = await startFtpServer({ dtpHandler, files })
    await using client = await RawClient.login(ftp)
    for (const size of SIZES) {
      const content = randomBytes(size, { seed: size })
      expect((await client.fetch(`RETR ${size}.bin`)).equals(content), `RETR ${size}`).toBe(true)
      await client.store('STOR up.bin', content)
      expect((await ftp.files.read('up.bin')).equals(content), `STOR ${size}`).toBe(true)
      await client.store('APPE up.bin', content)
      expect((await ftp.files.read('up.bin')).equals(Buffer.concat([content, content])), `APPE ${size}`).toBe(true)
    }
    expect(ftp.transcript.transfers().map(({ bytes }) => bytes)).toEqual(SIZES.flatMap((size) => [size, size, size]))
  })

  test(`${dtpHandler.name}: from any restart marker on`, async () => {
    for (const size of [1000, 64 * KIB + 1, MIB + 3]) {
      const content = randomBytes(size, { seed: size })
      await using ftp = await startFtpServer({ dtpHandler, files: { 'a.bin': content } })
      await using client = await RawClient.login(ftp)
      for (const marker of [0, 1, 999, 64 * KIB, 256 * KIB + 7, size - 1, size].filter((each) => each <= size)) {
        await client.command(`REST ${marker}`, 350)
        expect((await client.fetch('RETR a.bin')).equals(content.subarray(marker)), `RETR ${marker}`).toBe(true)
        const other = randomBytes(5000, { seed: marker })
        await ftp.files.write('b.bin', content)
        await client.command(`REST ${marker}`, 350)
        await client.store('STOR b.bin', other)
        const before = marker === 0 ? Buffer.alloc(0) : content.subarray(0, marker)
        const behind = marker === 0 ? Buffer.alloc(0) : content.subarray(marker + other.length)
        const wanted = Buffer.concat([before, other, behind])
        expect((await ftp.files.read('b.bin')).equals(wanted), `STOR ${marker}`).toBe(true)
      }
    }
  })

  test(`${dtpHandler.name}: at random sizes, with small and odd buffers`, async () => {
    for (const [sendBufferSize, receiveBufferSize] of [
      [1, 1],
      [17, 4096],
      [70_001, 100_003],
    ] as const) {
      await using ftp = await startFtpServer({ dtpHandler, sendBufferSize, receiveBufferSize })
      await using client = await RawClient.login(ftp)
      for (let round = 0; round < 4; round++) {
        const size = Math.floor(Math.random() * (sendBufferSize < 100 ? 3000 : 500_000))
        const content = randomBytes(size, { seed: round })
        await client.store('STOR a.bin', content)
        expect((await client.fetch('RETR a.bin')).equals(content), `${size} bytes`).toBe(true)
      }
    }
  })

  test(`${dtpHandler.name}: to a client that reads slowly`, async () => {
    const content = randomBytes(4 * MIB, { seed: 1 })
    await using ftp = await startFtpServer({ dtpHandler, files: { 'a.bin': content } })
    await using client = await RawClient.login(ftp)
    const data = await client.passive()
    const bytes = readSlowly(data)
    await client.command('RETR a.bin', 125, 150)
    await client.expect(226)
    expect((await bytes).equals(content)).toBe(true)
  })

  test(`${dtpHandler.name}: a file that grows, shrinks or goes while it is sent ends where it ends then`, async () => {
    const size = 32 * MIB
    for (const change of ['grow', 'shrink', 'remove'] as const) {
      await using ftp = await startFtpServer({ dtpHandler, files: { 'a.bin': { size } } })
      await using client = await RawClient.login(ftp)
      const data = await client.passive()
      data.pause()
      await client.command('RETR a.bin', 125, 150)
      const file = ftp.files.path('a.bin')
      if (change === 'grow') appendFileSync(file, 'more')
      else if (change === 'shrink') truncateSync(file, 1)
      else await ftp.files.remove('a.bin')
      const bytes = await readAll(data)
      await client.expect(226)
      if (change === 'grow') expect(bytes.subarray(size).toString()).toBe('more')
      else if (change === 'shrink') expect(bytes.length).toBeLessThan(size)
      else expect(bytes.length).toBe(size)
      expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'completed', bytes: bytes.length }])
    }
  })

  test(`${dtpHandler.name}: a small file that grows or shrinks before its data connection comes`, async () => {
    await using ftp = await startFtpServer({ dtpHandler })
    await using client = await RawClient.login(ftp)
    for (const [before, after] of [
      ['a', 'abc'],
      ['abc', 'a'],
      ['', 'abc'],
      ['abc', 'abc'.repeat(100_000)],
    ] as const) {
      await ftp.files.write('a.txt', before)
      const address = await client.passiveAddress()
      await client.command('RETR a.txt', 150)
      await ftp.files.write('a.txt', after)
      const bytes = await readAll(connect(address))
      await client.expect(226)
      expect(String(bytes) === after).toBe(true)
    }
  })

  test(`${dtpHandler.name}: a hundred transfers at a time keep their bytes apart`, async () => {
    const size = (index: number) => (index % 5 === 0 ? 300_000 : 1000) + index
    const files = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`${index}.bin`, randomBytes(size(index), { seed: index })]),
    )
    await using ftp = await startFtpServer({ dtpHandler, files })
    await Promise.all(
      Object.entries(files).map(async ([name, content]) => {
        await using client = await RawClient.login(ftp)
        expect((await client.fetch(`RETR ${name}`)).equals(content), name).toBe(true)
        await client.store(`STOR up-${name}`, content)
        expect((await ftp.files.read(`up-${name}`)).equals(content), name).toBe(true)
      }),
    )
    expect(ftp.server.dataConnections).toBe(0)
  })

  test(`${dtpHandler.name}: buffers of an aborted transfer do not show up in the next ones`, async () => {
    const content = randomBytes(2 * MIB, { seed: 7 })
    await using ftp = await startFtpServer({ dtpHandler, files: { 'a.bin': { size: 32 * MIB }, 'b.bin': content } })
    await using client = await RawClient.login(ftp)
    for (let round = 0; round < 10; round++) {
      const data = await client.passive()
      data.pause()
      await client.command('RETR a.bin', 125, 150)
      await client.command('ABOR', 426)
      await client.expect(226)
      data.destroy()
      const upload = await client.passive()
      await client.command('STOR c.bin', 125, 150)
      upload.write(Buffer.alloc(100_000, 'x'))
      await client.command('ABOR', 426)
      await client.expect(226)
      upload.destroy()
      expect((await client.fetch('RETR b.bin')).equals(content)).toBe(true)
      await client.store('STOR d.bin', content)
      expect((await ftp.files.read('d.bin')).equals(content)).toBe(true)
    }
  })
}

test('buffer sizes may change while transfers run', async () => {
  const content = randomBytes(8 * MIB, { seed: 8 })
  await using ftp = await startFtpServer({ files: { 'a.bin': content } })
  await using client = await RawClient.login(ftp)
  await using other = await RawClient.login(ftp)
  const data = await client.passive()
  data.pause()
  await client.command('RETR a.bin', 125, 150)
  for (const size of [1000, 70_000, 100]) {
    ftp.server.configure({ sendBufferSize: size })
    ftp.server.configure({ receiveBufferSize: size })
    await other.store('STOR b.bin', content.subarray(0, 300_000))
    expect((await other.fetch('RETR b.bin')).equals(content.subarray(0, 300_000))).toBe(true)
  }
  expect((await readAll(data)).equals(content)).toBe(true)
  await client.expect(226)
})
