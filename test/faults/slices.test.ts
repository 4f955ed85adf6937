import { describe, expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { Reader } from '../handlers/throttled.ts'
import { only, secured, Tap, trusting } from '../support/ftps.ts'
import { overTls, RawClient } from '../support/raw-client.ts'
import { connections, download, effects, once, refused, upload } from './data.ts'

const CONTENT = randomBytes(2500, { seed: 1 })
const options = {
  clock: 'manual',
  dataTimeout: '1s',
  timeout: 0,
  files: { 'a.bin': CONTENT, 'a.txt': 'a\nb\n' },
} as const

describe.each(connections)('over a data connection that is $name', ({ tls, open }) => {
  test('a download drips', async () => {
    await using ftp = await startFtpServer({ ...options, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'RETR', { slices: { bytes: 1, every: '2s' } })
    const reader = new Reader(await open(client, ftp))
    await client.command('RETR a.bin', 125, 150)
    expect(await reader.atLeast(1)).toBe(1)
    for (let length = 2; length < 5; length++) {
      await ftp.clock.advance('2s')
      expect(await reader.atLeast(length)).toBe(length)
    }
    await ftp.clock.advance('2h')
    await client.expect(226)
    expect(reader.bytes.equals(CONTENT)).toBe(true)
    expect(effects(ftp)).toEqual(['/a.bin: in slices of 1 bytes, one every 2000 ms'])
    expect((await download(client, 'RETR a.bin', await open(client, ftp))).code).toBe(226)
  })

  test('an upload is taken in slices', async () => {
    await using ftp = await startFtpServer({ ...options, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'STOR', { slices: { bytes: 1000, every: '2s' } })
    const done = upload(client, 'STOR b.bin', CONTENT, await open(client, ftp))
    await ftp.waitFor({ type: 'fault' })
    await ftp.clock.advance('2s')
    expect((await ftp.files.read('b.bin')).length).toBe(2000)
    await ftp.clock.advance('2s')
    expect((await done).code).toBe(226)
    expect((await ftp.files.read('b.bin')).equals(CONTENT)).toBe(true)
  })
})

test('each slice is written by itself', async () => {
  await using ftp = await startFtpServer({ tls: true, files: options.files })
  await using client = await secured(ftp)
  once(ftp, 'RETR', { slices: '1kB' })
  const tap = new Tap(await client.passive())
  const { bytes } = await download(client, 'RETR a.bin', await overTls(tap, trusting(ftp, only('TLSv1.2'))))
  expect(bytes.equals(CONTENT)).toBe(true)
  expect(tap.records.filter((type) => type === 23)).toHaveLength(3)
})

test('a CRLF made in TYPE A is cut in two', async () => {
  await using ftp = await startFtpServer(options)
  await using client = await RawClient.login(ftp)
  await client.command('TYPE A', 200)
  once(ftp, 'RETR', { slices: { bytes: 2, every: 1 } })
  const reader = new Reader(await client.passive())
  await client.command('RETR a.txt', 125, 150)
  expect(await reader.atLeast(2)).toBe(2)
  expect(String(reader.bytes)).toBe('a\r')
  await ftp.clock.advance(2)
  await client.expect(226)
  expect(String(reader.bytes)).toBe('a\r\nb\r\n')
})

test.each([0, 'some', {}, { bytes: 0 }, { bytes: 1, every: 'now' }])('%j is refused', (settings) =>
  refused('slices', settings),
)
