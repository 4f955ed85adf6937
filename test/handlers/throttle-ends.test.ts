import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { type FtpFixture, randomBytes } from '../../src/index.ts'
import { ftpsFixture, secured, trusting } from '../support/ftps.ts'
import { overTls, RawClient } from '../support/raw-client.ts'
import { throttled, untilTransferred } from './throttled.ts'

const CONTENT = randomBytes(25_000, { seed: 1 })
const SLOW = { readLimit: 1, writeLimit: 1, timeout: 0, dataTimeout: 0, files: { 'a.bin': CONTENT } } as const

/** Begins a transfer at a byte per second and lets ten and a half seconds of it pass. */
async function begin(ftp: FtpFixture, client: RawClient, command: string): Promise<Socket> {
  const data = await client.passive()
  await client.command(command, 125, 150)
  if (command.startsWith('STOR')) data.write(CONTENT)
  else data.resume()
  await ftp.clock.advance(10_500)
  await untilTransferred(client, 10)
  return data
}

for (const command of ['RETR a.bin', 'STOR b.bin']) {
  test(`${command}: ABOR ends it at once`, async () => {
    await using ftp = await throttled(SLOW)
    await using client = await RawClient.login(ftp)
    const data = await begin(ftp, client, command)
    await client.command('ABOR', 426)
    await client.expect(226)
    data.destroy()
    expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'aborted', bytes: 10, durationMs: 10_500 }])
    expect(ftp.server.ioloop.pending).toBe(0)
    if (command === 'STOR b.bin') expect(await ftp.files.read('b.bin')).toEqual(CONTENT.subarray(0, 10))
  })

  test(`${command}: a client that resets the data connection ends it at once`, async () => {
    await using ftp = await throttled(SLOW)
    await using client = await RawClient.login(ftp)
    const data = await begin(ftp, client, command)
    data.resetAndDestroy()
    await client.expect(426)
    expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'failed', bytes: 10, durationMs: 10_500 }])
    expect(ftp.server.ioloop.pending).toBe(0)
    await client.command('NOOP', 200)
  })

  test(`${command}: the end of its session ends it at once`, async () => {
    await using ftp = await throttled(SLOW)
    await using client = await RawClient.login(ftp)
    const data = await begin(ftp, client, command)
    client.socket.destroy()
    await ftp.waitFor({ type: 'disconnect' })
    data.destroy()
    expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'aborted', bytes: 10, durationMs: 10_500 }])
    expect(ftp.server.ioloop.pending).toBe(0)
  })

  test(`${command}: a limit below a byte per dataTimeout is no standstill`, async () => {
    await using ftp = await throttled({ ...SLOW, dataTimeout: '300ms' })
    await using client = await RawClient.login(ftp)
    const data = await begin(ftp, client, command)
    await ftp.clock.advance('1h')
    await untilTransferred(client, 3610)
    data.destroy()
  })
}

test('a download cut short by its client ends with its next byte', async () => {
  await using ftp = await throttled(SLOW)
  await using client = await RawClient.login(ftp)
  const data = await begin(ftp, client, 'RETR a.bin')
  data.destroy()
  await ftp.clock.advance('2s')
  await client.expect(426)
  expect(ftp.server.ioloop.pending).toBe(0)
})

test('a client that does not go on is given up, however low the limit', async () => {
  await using ftp = await throttled({ ...SLOW, dataTimeout: '5s' })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('STOR b.bin', 125, 150)
  data.write('abc')
  await ftp.clock.advance(7999)
  await untilTransferred(client, 3)
  await ftp.clock.advance(1)
  expect((await client.expect(421)).text).toBe('421 Data connection timed out.')
  data.destroy()
})

test('a client that does not read is given up', async () => {
  await using ftp = await throttled({
    writeLimit: '10MB/s',
    timeout: 0,
    dataTimeout: '5s',
    files: { 'a.bin': { size: '64MiB' } },
  })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  data.pause()
  await client.command('RETR a.bin', 125, 150)
  await ftp.clock.advance('30s')
  await client.expect(421)
  data.destroy()
  expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'aborted', reason: 'Data connection timed out.' }])
})

test('an upload that has all come ends when its last byte has had its time, though the connection is shut down', async () => {
  await using ftp = await throttled(SLOW)
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('STOR b.bin', 125, 150)
  data.end('abc')
  await ftp.clock.advance(2999)
  await client.command('NOOP', 200)
  await ftp.clock.advance(1)
  await client.expect(226)
  data.destroy()
  expect(await ftp.files.read('b.bin', 'utf8')).toBe('abc')
})

test.each(['TYPE I', 'TYPE A'])(
  '%s: an encrypted upload whose connection is reset is not taken for whole',
  async (type) => {
    await using ftp = await ftpsFixture({ readLimit: 20_000, timeout: 0, dataTimeout: 0, clock: 'manual' })
    await using client = await secured(ftp)
    await client.command(type, 200)
    const plain = await client.passive()
    const data = await overTls(plain, trusting(ftp))
    await client.command('STOR b.bin', 125, 150)
    data.write(CONTENT)
    await ftp.clock.advance(500)
    await untilTransferred(client, 100)
    plain.resetAndDestroy()
    await client.expect(426)
    data.destroy()
    expect(ftp.transcript.transfers()).toMatchObject([{ verb: 'STOR', outcome: 'failed' }])
    expect(ftp.server.ioloop.pending).toBe(0)
  },
)
