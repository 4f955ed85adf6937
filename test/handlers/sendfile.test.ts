import { appendFileSync, closeSync, openSync, truncateSync, writeSync } from 'node:fs'
import { connect } from 'node:net'
import { constants } from 'node:os'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { type FtpFixture, randomBytes, startFtpServer } from '../../src/index.ts'
import { DTPHandler } from '../../src/server.ts'
import { RawClient, readAll } from '../support/raw-client.ts'
import { kernel } from '../support/sendfile-spy.ts'
import { HUGE, makeHugeFile, startDownload } from '../support/transfers.ts'

vi.mock('../../src/native/sendfile.ts', async (importOriginal) => {
  const { kernel } = await import('../support/sendfile-spy.ts')
  return kernel.watch(await importOriginal())
})

const { EINVAL, EINTR, EIO, ENOSYS, EOPNOTSUPP } = constants.errno
const KIB = 1024
const MIB = 1024 ** 2
const GIB = 1024 ** 3
/** Up to this size a file is read whole. */
const SMALL = 64 * KIB

beforeEach(() => kernel.reset())

function debugEvents(ftp: FtpFixture) {
  return ftp.transcript.events.filter(({ type }) => type === 'debug')
}

describe.runIf(process.platform === 'linux')('sendfile', () => {
  test('what is sent is what is there, at every size around the limits', async () => {
    const sizes = [SMALL - 1, SMALL, SMALL + 1, 80 * KIB, MIB - 1, MIB, MIB + 1, MIB + 16 * KIB, 5 * MIB + 3]
    const files = Object.fromEntries(sizes.map((size) => [`${size}.bin`, randomBytes(size, { seed: size })]))
    await using ftp = await startFtpServer({ files })
    await using client = await RawClient.login(ftp)
    for (const size of sizes) {
      kernel.reset()
      const bytes = await client.fetch(`RETR ${size}.bin`)
      expect(bytes.equals(files[`${size}.bin`] as Buffer), `${size} bytes`).toBe(true)
      if (size <= SMALL) expect(kernel.results).toEqual([])
      else expect(kernel.bytes, `${size} bytes`).toBeGreaterThanOrEqual(Math.min(size, MIB) / 2)
    }
    expect(ftp.transcript.transfers().map(({ bytes }) => bytes)).toEqual(sizes)
  })

  test('from any restart marker on', async () => {
    const size = 3 * MIB + 17
    const content = randomBytes(size, { seed: 1 })
    await using ftp = await startFtpServer({ files: { 'a.bin': content } })
    await using client = await RawClient.login(ftp)
    for (const marker of [1, 4095, MIB, size - SMALL - 1, size - SMALL, size - 1, size]) {
      kernel.reset()
      await client.command(`REST ${marker}`, 350)
      expect((await client.fetch('RETR a.bin')).equals(content.subarray(marker)), `from ${marker}`).toBe(true)
      expect(kernel.results.length > 0, `from ${marker}`).toBe(size - marker > SMALL)
    }
  })

  test.each([2 * GIB, 4 * GIB, 1025 * GIB])('beyond %d bytes', async (limit) => {
    const content = randomBytes(4 * MIB, { seed: 2 })
    await using ftp = await startFtpServer({ files: { 'a.bin': '' } })
    const start = limit - MIB
    const file = openSync(ftp.files.path('a.bin'), 'w')
    writeSync(file, content, 0, content.length, start)
    closeSync(file)
    await using client = await RawClient.login(ftp)
    for (const marker of [start, limit - 1, limit, limit + 1]) {
      kernel.reset()
      await client.command(`REST ${marker}`, 350)
      expect((await client.fetch('RETR a.bin')).equals(content.subarray(marker - start)), `from ${marker}`).toBe(true)
      expect(kernel.bytes).toBeGreaterThan(MIB)
    }
  })

  test('a file that grows, shrinks or goes while it is sent ends where it ends then', async () => {
    for (const change of ['grow', 'shrink', 'remove'] as const) {
      kernel.reset()
      await using ftp = await startFtpServer()
      makeHugeFile(ftp, 'a.bin')
      await using client = await RawClient.login(ftp)
      const data = await startDownload(client, 'a.bin')
      if (change === 'grow') appendFileSync(ftp.files.path('a.bin'), 'more')
      else if (change === 'shrink') truncateSync(ftp.files.path('a.bin'), 1)
      else await ftp.files.remove('a.bin')
      const bytes = await readAll(data)
      await client.expect(226)
      if (change === 'grow') expect(bytes.subarray(HUGE).toString()).toBe('more')
      else if (change === 'shrink') expect(bytes.length).toBeLessThan(HUGE)
      else expect(bytes.length).toBe(HUGE)
      expect(kernel.bytes).toBeGreaterThan(bytes.length / 2)
      expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'completed', bytes: bytes.length }])
    }
  })

  test('a kernel that takes little at a time', async () => {
    await using ftp = await startFtpServer()
    await using client = await RawClient.login(ftp)
    kernel.instead = (real, socket, file, position, count) => real(socket, file, position, Math.min(count, 1000))
    for (const size of [SMALL + 1, 100_000, 5 * (1000 + 16 * KIB), MIB]) {
      const content = randomBytes(size, { seed: size })
      await ftp.files.write('a.bin', content)
      expect((await client.fetch('RETR a.bin')).equals(content), `${size} bytes`).toBe(true)
    }
  })

  test('a small file that grows before its data connection comes is still none for the kernel', async () => {
    await using ftp = await startFtpServer({ files: { 'a.txt': 'abc' } })
    await using client = await RawClient.login(ftp)
    const address = await client.passiveAddress()
    await client.command('RETR a.txt', 150)
    await ftp.files.write('a.txt', 'abc'.repeat(100_000))
    expect((await readAll(connect(address))).length).toBe(300_000)
    await client.expect(226)
    expect(kernel.results).toEqual([])
  })

  test('useSendfile may be changed on a running server', async () => {
    const content = randomBytes(MIB, { seed: 3 })
    await using ftp = await startFtpServer({ useSendfile: false, files: { 'a.bin': content } })
    await using client = await RawClient.login(ftp)
    for (const useSendfile of [false, true, false]) {
      kernel.reset()
      ftp.server.configure({ useSendfile })
      expect((await client.fetch('RETR a.bin')).equals(content)).toBe(true)
      expect(kernel.results.length > 0).toBe(useSendfile)
    }
  })

  test('neither TYPE A nor a stage leaves the bytes to the kernel', async () => {
    class Staged extends DTPHandler {
      override stages() {
        return [(chunks: AsyncIterable<Buffer>) => chunks]
      }
    }
    for (const [type, dtpHandler] of [
      ['A', DTPHandler],
      ['I', Staged],
    ] as const) {
      await using ftp = await startFtpServer({ dtpHandler, files: { 'a.txt': 'line\n'.repeat(100_000) } })
      await using client = await RawClient.login(ftp)
      await client.command(`TYPE ${type}`, 200)
      expect((await client.fetch('RETR a.txt')).length).toBe(type === 'A' ? 600_000 : 500_000)
      expect(kernel.results).toEqual([])
    }
  })

  test('without koffi the file goes by buffers', async () => {
    kernel.isAbsent = true
    const content = randomBytes(2 * MIB, { seed: 4 })
    await using ftp = await startFtpServer({ files: { 'a.bin': content } })
    await using client = await RawClient.login(ftp)
    expect((await client.fetch('RETR a.bin')).equals(content)).toBe(true)
    expect(kernel.results).toEqual([])
    expect(debugEvents(ftp)).toEqual([])
  })

  test.each([
    ['EINVAL', EINVAL],
    ['ENOSYS', ENOSYS],
    ['ENOTSUP', EOPNOTSUPP],
    ['EIO', EIO],
  ])(
    'where the kernel refuses with %s, at first or later, it goes by buffers, and the time line is told once',
    async (name, errno) => {
      const content = randomBytes(5 * MIB, { seed: 5 })
      await using ftp = await startFtpServer({ files: { 'a.bin': content } })
      await using client = await RawClient.login(ftp)
      for (const accepted of [0, 2]) {
        kernel.reset()
        kernel.instead = (real, socketFd, fileFd, position, count) =>
          kernel.results.length < accepted ? real(socketFd, fileFd, position, Math.min(count, MIB)) : -errno
        expect((await client.fetch('RETR a.bin')).equals(content), `after ${accepted} calls`).toBe(true)
        expect(kernel.results.at(-1)).toBe(-errno)
        expect(kernel.results).toHaveLength(accepted + 1)
      }
      const told = debugEvents(ftp)
      expect(told).toMatchObject([{ message: expect.stringContaining(name) }])
      expect(String(ftp.transcript)).not.toContain(name)
    },
  )

  test('a call that a signal interrupts is no refusal', async () => {
    const content = randomBytes(3 * MIB, { seed: 6 })
    await using ftp = await startFtpServer({ files: { 'a.bin': content } })
    await using client = await RawClient.login(ftp)
    kernel.instead = (real, ...call) => (kernel.results.length % 2 === 0 ? -EINTR : real(...call))
    expect((await client.fetch('RETR a.bin')).equals(content)).toBe(true)
    expect(kernel.bytes).toBeGreaterThan(MIB)
    expect(debugEvents(ftp)).toEqual([])
  })
})
