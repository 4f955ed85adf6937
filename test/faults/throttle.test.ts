import { describe, expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { Reader } from '../handlers/throttled.ts'
import { secured } from '../support/ftps.ts'
import { RawClient } from '../support/raw-client.ts'
import { connections, download, effects, once, refused, upload } from './data.ts'

const CONTENT = randomBytes(25_000, { seed: 1 })
const options = { clock: 'manual', dataTimeout: '1s', timeout: 0, files: { 'a.bin': CONTENT } } as const

describe.each(connections)('over a data connection that is $name', ({ tls, open }) => {
  test('a download comes at the rate, behind a burst', async () => {
    await using ftp = await startFtpServer({ ...options, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'RETR', { throttle: { rate: 1000, burst: '5kB' } })
    const reader = new Reader(await open(client, ftp))
    await client.command('RETR a.bin', 125, 150)
    expect(await reader.atLeast(5000)).toBe(5000)
    await ftp.clock.advance('7s')
    expect(await reader.atLeast(12_000)).toBe(12_000)
    await ftp.clock.advance('13s')
    await client.expect(226)
    expect(reader.bytes.equals(CONTENT)).toBe(true)
    expect(ftp.transcript.transfers()).toMatchObject([{ durationMs: 20_000, bytes: 25_000, outcome: 'completed' }])
    expect(effects(ftp)).toEqual(['/a.bin: throttled to 1000 bytes per second after 5000 bytes'])
    expect((await download(client, 'RETR a.bin', await open(client, ftp))).code).toBe(226)
  })

  test('an upload is taken at the rate', async () => {
    await using ftp = await startFtpServer({ ...options, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'STOR', { throttle: '1kB/s' })
    const done = upload(client, 'STOR b.bin', CONTENT, await open(client, ftp))
    await ftp.waitFor({ type: 'fault' })
    await ftp.clock.advance('10s')
    expect((await ftp.files.read('b.bin')).length).toBe(10_000)
    await ftp.clock.advance('15s')
    expect((await done).code).toBe(226)
    expect((await ftp.files.read('b.bin')).equals(CONTENT)).toBe(true)
  })
})

test('ABOR ends it at once', async () => {
  await using ftp = await startFtpServer(options)
  await using client = await RawClient.login(ftp)
  once(ftp, 'RETR', { throttle: 1 })
  const data = await client.passive()
  data.resume()
  await client.command('RETR a.bin', 125, 150)
  await ftp.clock.advance('1h')
  await client.command('ABOR', 426)
  await client.expect(226)
  expect(ftp.transcript.transfers()).toMatchObject([{ bytes: 3600 }])
  data.destroy()
})

test.each([0, 'slow', { burst: 10 }, { rate: 0 }, { rate: 1, burst: -1 }])('%j is refused', (settings) =>
  refused('throttle', settings),
)
