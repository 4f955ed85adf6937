import { readdirSync } from 'node:fs'
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type FtpFixture, randomBytes } from '../../src/index.ts'
import { TLS_DTPHandler } from '../../src/server.ts'
import { ftpsFixture, secured, trusting } from '../support/ftps.ts'
import { overTls, type RawClient, readAll } from '../support/raw-client.ts'

const KIB = 1024
const MIB = 1024 ** 2
const SIZES = [0, 1, 16 * KIB, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, MIB, 5 * MIB + 3]

/** The same bytes through a stage that leaves them as they are. */
class Staged extends TLS_DTPHandler {
  override stages() {
    return [(chunks: AsyncIterable<Buffer>) => chunks]
  }
}

async function opened(ftp: FtpFixture, client: RawClient, maxVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<Socket> {
  return overTls(await client.passive(), { ...trusting(ftp), maxVersion })
}

async function write(data: Socket, bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve) => data.write(bytes, () => resolve()))
}

/** Writes in pieces of any size, with pauses now and then. */
async function pour(data: Socket, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + Math.floor(Math.random() ** 4 * 700_000)
    await write(data, bytes.subarray(at, at + size))
    if (Math.random() < 0.2) await turn()
    at += size
  }
  data.end()
}

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${maxVersion}: what goes encrypted both ways is what was there, at every size`, async () => {
    const files = Object.fromEntries(SIZES.map((size) => [`${size}.bin`, randomBytes(size, { seed: size })]))
    await using ftp = await ftpsFixture({ files })
    await using client = await secured(ftp)
    for (const size of SIZES) {
      const content = files[`${size}.bin`] as Buffer
      const down = await opened(ftp, client, maxVersion)
      const bytes = readAll(down)
      await client.command(`RETR ${size}.bin`, 125, 150)
      await client.expect(226)
      expect((await bytes).equals(content), `RETR ${size}`).toBe(true)
      for (const [verb, wanted] of [
        ['STOR', content],
        ['APPE', Buffer.concat([content, content])],
      ] as const) {
        const up = await opened(ftp, client, maxVersion)
        await client.command(`${verb} up.bin`, 125, 150)
        await pour(up, content)
        await client.expect(226)
        expect((await ftp.files.read('up.bin')).equals(wanted), `${verb} ${size}`).toBe(true)
        up.destroy()
      }
    }
    const counts = ftp.transcript.transfers().map(({ bytes, outcome }) => [bytes, outcome])
    expect(counts).toEqual(SIZES.flatMap((size) => Array(3).fill([size, 'completed'])))
  })
}

test('what comes with the end of the handshake, before the command, is not lost', async () => {
  await using ftp = await ftpsFixture({})
  await using client = await secured(ftp)
  for (const size of [0, 10, 3 * MIB]) {
    const content = randomBytes(size, { seed: size })
    const data = await opened(ftp, client, 'TLSv1.3')
    const poured = pour(data, content)
    if (size < MIB) await poured
    await client.command('STOR a.bin', 125, 150)
    await client.expect(226)
    expect((await ftp.files.read('a.bin')).equals(content), `${size}`).toBe(true)
    data.destroy()
  }
})

test('an upload whose connection is lost keeps what came, and counts just that', async () => {
  for (const dtpHandler of [undefined, Staged]) {
    await using ftp = await ftpsFixture({ ...(dtpHandler && { dtpHandler }) })
    await using client = await secured(ftp)
    const content = randomBytes(3 * MIB, { seed: 4 })
    const plain = await client.passive()
    const data = await overTls(plain, trusting(ftp))
    await client.command('STOR a.bin', 125, 150)
    await write(data, content)
    plain.resetAndDestroy()
    await client.expect(426)
    data.destroy()
    const [transfer] = ftp.transcript.transfers()
    expect(transfer?.outcome).toBe('failed')
    const kept = await ftp.files.read('a.bin')
    expect(kept.equals(content.subarray(0, kept.length))).toBe(true)
    if (dtpHandler === undefined) expect(kept.length).toBe(transfer?.bytes)
  }
})

test.runIf(process.platform === 'linux')('many at once keep their bytes apart, and leave nothing open', async () => {
  const files = Object.fromEntries([...Array(8).keys()].map((i) => [`${i}.bin`, randomBytes(2 * MIB + i, { seed: i })]))
  await using ftp = await ftpsFixture({ files })
  const descriptors = () => readdirSync('/proc/self/fd').length
  const before = descriptors()
  await Promise.all(
    Object.entries(files).map(async ([name, content], index) => {
      await using client = await secured(ftp, { protection: index % 2 ? 'P' : 'C' })
      for (let round = 0; round < 3; round++) {
        const plain = await client.passive()
        const up = index % 2 ? await overTls(plain, trusting(ftp)) : plain
        await client.command(`STOR up-${name}`, 125, 150)
        await pour(up, content)
        await client.expect(226)
        up.destroy()
        expect((await ftp.files.read(`up-${name}`)).equals(content), name).toBe(true)
      }
      const halfway = await client.passive()
      const data = index % 2 ? await overTls(halfway, trusting(ftp)) : halfway
      await client.command(`STOR gone-${name}`, 125, 150)
      await write(data, content.subarray(0, MIB))
      await client.command('ABOR', 426)
      await client.expect(226)
      data.destroy()
    }),
  )
  expect(ftp.server.dataConnections).toBe(0)
  expect(ftp.server.buffers.load).toMatchObject({ uploads: 0, downloads: 0 })
  while (descriptors() > before) await turn()
})
