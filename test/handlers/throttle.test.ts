import { expect, test } from 'vitest'
import { randomBytes } from '../../src/index.ts'
import { ThrottledDTPHandler } from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'
import { download, Reader, throttled, transferred, untilTransferred, upload } from './throttled.ts'

const CONTENT = randomBytes(25_000, { seed: 1 })

test('listings are limited too', async () => {
  const files = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`file-${String(i).padStart(3, '0')}`, '']))
  await using ftp = await throttled({ files, writeLimit: 100 })
  await using client = await RawClient.login(ftp)
  const reader = await download(client, 'NLST')
  await ftp.clock.advance(9990)
  expect(await transferred(client)).toBe(999)
  await ftp.clock.advance(10)
  await client.expect(226)
  expect(reader.bytes.length).toBe(1000)
  expect(ftp.transcript.transfers()).toMatchObject([{ verb: 'NLST', bytes: 1000, durationMs: 10_000 }])
})

test('each direction has a limit of its own', async () => {
  await using ftp = await throttled({ files: { 'a.bin': CONTENT }, readLimit: '5kB/s', writeLimit: 0 })
  await using client = await RawClient.login(ftp)
  expect((await client.fetch('RETR a.bin')).equals(CONTENT)).toBe(true)
  ftp.server.configure({ readLimit: 0, writeLimit: 5000 })
  await client.store('STOR b.bin', CONTENT)
  const reader = await download(client, 'RETR b.bin')
  await ftp.clock.advance('5s')
  await client.expect(226)
  expect(reader.bytes.equals(CONTENT)).toBe(true)
  expect(ftp.transcript.transfers().map(({ durationMs }) => durationMs)).toEqual([0, 0, 5000])
})

test('in TYPE A the bytes on the wire count', async () => {
  const text = 'x\n'.repeat(100)
  await using ftp = await throttled({ files: { 'a.txt': text }, readLimit: 100, writeLimit: 100 })
  await using client = await RawClient.login(ftp)
  await client.command('TYPE A', 200)
  const reader = await download(client, 'RETR a.txt')
  await ftp.clock.advance('3s')
  await client.expect(226)
  expect(String(reader.bytes)).toBe('x\r\n'.repeat(100))
  const data = await upload(client, 'STOR b.txt', reader.bytes)
  await ftp.clock.advance('1s')
  expect(await transferred(client)).toBe(100)
  await ftp.clock.advance('2s')
  await client.expect(226)
  data.destroy()
  expect(await ftp.files.read('b.txt', 'utf8')).toBe(text)
  expect(ftp.transcript.transfers().map(({ durationMs, bytes }) => [durationMs, bytes])).toEqual([
    [3000, 300],
    [3000, 300],
  ])
})

test('a subclass limits by user', async () => {
  class ByUser extends ThrottledDTPHandler {
    override get writeLimit() {
      return this.session.handler.username === 'slow' ? 10_000 : 0
    }
  }
  const users = ['slow', 'fast'].map((username) => ({ username, password: 'x' }))
  await using ftp = await throttled({ dtpHandler: ByUser, users, files: { 'a.bin': CONTENT }, writeLimit: 0 })
  await using slow = await RawClient.login(ftp, 'slow', 'x')
  await using fast = await RawClient.login(ftp, 'fast', 'x')
  await download(slow, 'RETR a.bin')
  expect((await fast.fetch('RETR a.bin')).equals(CONTENT)).toBe(true)
  await ftp.clock.advance('2s')
  expect(await transferred(slow)).toBe(20_000)
  await ftp.clock.advance('500ms')
  await slow.expect(226)
})

test('a limit that is not a finite number of bytes is none', async () => {
  class Endless extends ThrottledDTPHandler {
    override get writeLimit() {
      return Number.POSITIVE_INFINITY
    }
    override get readLimit() {
      return Number.NaN
    }
  }
  await using ftp = await throttled({ dtpHandler: Endless, files: { 'a.bin': CONTENT } })
  await using client = await RawClient.login(ftp)
  expect((await client.fetch('RETR a.bin')).equals(CONTENT)).toBe(true)
  await client.store('STOR b.bin', CONTENT)
})

test('a running transfer follows a change of the limit', async () => {
  await using ftp = await throttled({ files: { 'a.bin': CONTENT } })
  await using client = await RawClient.login(ftp)
  const reader = await download(client, 'RETR a.bin')
  await ftp.clock.advance('1s')
  ftp.server.configure({ writeLimit: 1000 })
  await ftp.clock.advance('1s')
  // The slice that was waiting keeps its time of 10 ms; what follows is at the new rate.
  expect(await transferred(client)).toBe(10_000 + 100 + 990)
  ftp.server.configure({ writeLimit: 100_000 })
  await ftp.clock.advance('100ms')
  expect(await transferred(client)).toBe(11_090 + 10 + 9000)
  ftp.server.configure({ writeLimit: 0 })
  await ftp.clock.advance('10ms')
  await client.expect(226)
  expect(reader.bytes.equals(CONTENT)).toBe(true)
})

test('an upload in pauses makes up for a tenth of a second, not for more', async () => {
  await using ftp = await throttled()
  await using client = await RawClient.login(ftp)
  const data = await upload(client, 'STOR a.bin', CONTENT.subarray(0, 5000), { isLast: false })
  await ftp.clock.advance('500ms')
  expect(await transferred(client)).toBe(5000)
  await ftp.clock.advance('10s')
  data.end(CONTENT.subarray(5000))
  await untilTransferred(client, 5001)
  await ftp.clock.advance(0)
  expect(await transferred(client)).toBe(6000)
  await ftp.clock.advance('1s')
  expect(await transferred(client)).toBe(16_000)
  await ftp.clock.advance('900ms')
  await client.expect(226)
  data.destroy()
  expect((await ftp.files.read('a.bin')).equals(CONTENT)).toBe(true)
})

test('the time before an upload sends its first byte is not made up for', async () => {
  await using ftp = await throttled()
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('STOR a.bin', 125, 150)
  await ftp.clock.advance('10s')
  data.end(CONTENT)
  await ftp.clock.advance(2499)
  expect(await transferred(client)).toBe(24_900)
  await ftp.clock.advance(1)
  await client.expect(226)
  data.destroy()
})

test('a client that did not read gets a tenth of a second made up for, not more', async () => {
  await using ftp = await throttled({ files: { 'a.bin': { size: '64MiB' } }, writeLimit: '10MB/s' })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  data.pause()
  await client.command('RETR a.bin', 125, 150)
  await ftp.clock.advance('10s')
  const full = await transferred(client)
  expect(full, 'what the kernel takes').toBeLessThan(20_000_000)
  const reader = new Reader(data)
  data.resume()
  await reader.atLeast(full + 1)
  await ftp.clock.advance(0)
  const made = await transferred(client)
  expect(made - full).toBeLessThanOrEqual(1_100_000)
  await ftp.clock.advance('1s')
  expect(await transferred(client)).toBe(made + 10_000_000)
  data.destroy()
})
