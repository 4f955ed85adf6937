import { describe, expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { Reader } from '../handlers/throttled.ts'
import { secured } from '../support/ftps.ts'
import { RawClient } from '../support/raw-client.ts'
import { connections, download, effects, once, refused, upload } from './data.ts'

const CONTENT = randomBytes(3000, { seed: 1 })
const options = { clock: 'manual', sendBufferSize: '1kB', dataTimeout: '1s', files: { 'a.bin': CONTENT } } as const

describe.each(connections)('over a data connection that is $name', ({ tls, open }) => {
  test('each chunk of a download comes later', async () => {
    await using ftp = await startFtpServer({ ...options, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'RETR', { latency: '10s' })
    const reader = new Reader(await open(client, ftp))
    await client.command('RETR a.bin', 125, 150)
    await ftp.waitFor({ type: 'fault' })
    await ftp.clock.advance(9999)
    expect(reader.length).toBe(0)
    await ftp.clock.advance(1)
    expect(await reader.atLeast(1000)).toBe(1000)
    await ftp.clock.advance('20s')
    await client.expect(226)
    expect(reader.bytes.equals(CONTENT)).toBe(true)
    expect(effects(ftp)).toEqual(['/a.bin: each chunk delayed by 10000 ms'])
    expect((await download(client, 'RETR a.bin', await open(client, ftp))).code).toBe(226)
  })

  test('an upload is stored later', async () => {
    await using ftp = await startFtpServer({ ...options, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'STOR', { latency: { of: '10s' } })
    const done = upload(client, 'STOR b.bin', CONTENT, await open(client, ftp))
    await ftp.waitFor({ type: 'fault' })
    await ftp.clock.advance(9999)
    expect((await ftp.files.read('b.bin')).length).toBe(0)
    await ftp.clock.advance('1m')
    expect((await done).code).toBe(226)
    expect((await ftp.files.read('b.bin')).equals(CONTENT)).toBe(true)
  })
})

test('jitter is left to chance, and the same for the same seed', async () => {
  const durations = async (seed: number) => {
    await using ftp = await startFtpServer(options)
    await using client = await RawClient.login(ftp)
    ftp.use({ seed, rules: [{ when: { command: 'RETR' }, then: { latency: { of: '10s', jitter: '4s' } } }] })
    const result = download(client, 'RETR a.bin')
    await ftp.waitFor({ type: 'fault' })
    await ftp.clock.advance('1m')
    expect((await result).bytes.equals(CONTENT)).toBe(true)
    return ftp.transcript.transfers().map(({ durationMs }) => durationMs)
  }
  const [first = 0] = await durations(1)
  expect(first).toBeGreaterThan(18_000)
  expect(first).toBeLessThan(42_000)
  expect(first).not.toBe(30_000)
  expect(await durations(1)).toEqual([first])
  expect(await durations(2)).not.toEqual([first])
})

test.each(['late', -1, { jitter: 1 }, { of: 1, jitter: 'some' }])('%j is refused', (settings) =>
  refused('latency', settings),
)
