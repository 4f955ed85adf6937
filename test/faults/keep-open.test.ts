import { once as onceEmitted } from 'node:events'
import { describe, expect, test } from 'vitest'
import { type FtpFixture, type Rule, randomBytes, startFtpServer } from '../../src/index.ts'
import { Reader } from '../handlers/throttled.ts'
import { secured } from '../support/ftps.ts'
import { ending, RawClient } from '../support/raw-client.ts'
import { type Connection, connections, download, effects, once, refused, upload } from './data.ts'

const CONTENT = randomBytes('300KiB', { seed: 1 })
const options = { clock: 'manual', timeout: 0, dataTimeout: '1s', files: { 'a.bin': CONTENT } } as const

/** A download that is complete, its connection open still. */
async function kept(ftp: FtpFixture, client: RawClient, open: Connection['open']) {
  const data = await open(client, ftp)
  const reader = new Reader(data)
  const end = ending(data)
  await client.command('RETR a.bin', 125, 150)
  await client.expect(226)
  await reader.atLeast(CONTENT.length)
  expect(reader.bytes.equals(CONTENT)).toBe(true)
  expect(ftp.transcript.transfers()).toMatchObject([{ bytes: CONTENT.length, outcome: 'completed' }])
  return { data, end }
}

describe.each(connections)('over a data connection that is $name', ({ tls, open }) => {
  test('the reply comes, and the FIN when it is time', async () => {
    await using ftp = await startFtpServer({ ...options, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'RETR', { keepOpen: '5m' })
    const { data, end } = await kept(ftp, client, open)
    let hasEnded = false
    void end.then(() => {
      hasEnded = true
    })
    await ftp.clock.advance(299_999)
    await client.command('NOOP', 200)
    expect(hasEnded).toBe(false)
    await ftp.clock.advance(1)
    expect(await end).toBe('FIN')
    data.destroy()
    expect(effects(ftp)).toEqual(['/a.bin: data connection kept open for 300000 ms'])
    expect(ftp.server.ioloop.pending).toBe(0)
    expect(await download(client, 'RETR a.bin', await open(client, ftp))).toMatchObject({ end: 'FIN', code: 226 })
  })

  test('for ever is until the next data connection is set up', async () => {
    await using ftp = await startFtpServer({ ...options, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'RETR', { keepOpen: 'forever' })
    const { data, end } = await kept(ftp, client, open)
    await ftp.clock.advance('24h')
    expect(data.readableEnded).toBe(false)
    expect(await download(client, 'RETR a.bin', await open(client, ftp))).toMatchObject({ end: 'FIN', code: 226 })
    await end
    data.destroy()
  })

  test('an upload is complete, and its other side stays open', async () => {
    await using ftp = await startFtpServer({ ...options, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'STOR', { keepOpen: '5m' })
    const data = await open(client, ftp)
    const end = ending(data)
    await client.command('STOR b.bin', 125, 150)
    data.end(CONTENT)
    await client.expect(226)
    expect((await ftp.files.read('b.bin')).equals(CONTENT)).toBe(true)
    await ftp.clock.advance(299_999)
    expect(data.readableEnded).toBe(false)
    await ftp.clock.advance(1)
    expect(await end).toBe('FIN')
    data.destroy()
    expect(await upload(client, 'STOR b.bin', CONTENT, await open(client, ftp))).toMatchObject({ code: 226 })
  })

  test('it ends with the session', async () => {
    await using ftp = await startFtpServer({ ...options, tls })
    const client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'RETR', { keepOpen: 'forever' })
    const { data, end } = await kept(ftp, client, open)
    await client.command('QUIT', 221)
    await end
    data.destroy()
    await client.closed()
    client.socket.destroy()
  })

  test('it ends with the server', async () => {
    const ftp = await startFtpServer({ ...options, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'RETR', { keepOpen: '1h' })
    const { data, end } = await kept(ftp, client, open)
    await ftp.stop()
    await end
    data.destroy()
    await client.closed()
  })
})

test('a client that gives up waiting takes the connection with it', async () => {
  await using ftp = await startFtpServer(options)
  await using client = await RawClient.login(ftp)
  once(ftp, 'RETR', { keepOpen: '1h' })
  const { data } = await kept(ftp, client, (client) => client.passive())
  const closed = onceEmitted(data, 'close')
  data.end()
  await closed
  expect(ftp.server.ioloop.pending).toBe(0)
})

test('a client that gives up waiting may say so by ABOR', async () => {
  await using ftp = await startFtpServer(options)
  await using client = await RawClient.login(ftp)
  once(ftp, 'RETR', { keepOpen: 'forever' })
  const { data, end } = await kept(ftp, client, (client) => client.passive())
  await client.command('ABOR', 225)
  await end
  data.destroy()
})

test('it goes with a truncated file, and not with a transfer that has failed', async () => {
  await using ftp = await startFtpServer(options)
  await using client = await RawClient.login(ftp)
  once(ftp, 'RETR', { truncate: { after: 10 }, keepOpen: '5m' })
  const data = await client.passive()
  const end = ending(data)
  await client.command('RETR a.bin', 125, 150)
  await client.expect(226)
  await ftp.clock.advance('4m')
  expect(data.readableEnded).toBe(false)
  await ftp.clock.advance('1m')
  await end
  data.destroy()
  once(ftp, 'RETR', { cut: { after: 10 }, keepOpen: '5m' })
  expect(await download(client, 'RETR a.bin')).toMatchObject({ end: 'FIN', code: 426 })
  expect(effects(ftp).at(-1)).toMatch(/cut after 10 bytes/)
})

test.each(['LIST', 'MLSD'])('%s too', async (command) => {
  await using ftp = await startFtpServer(options)
  await using client = await RawClient.login(ftp)
  once(ftp, command, { keepOpen: '5m' })
  const reader = new Reader(await client.passive())
  await client.command(command, 125, 150)
  await client.expect(226)
  await reader.atLeast(1)
  expect((await download(client, command)).code).toBe(226)
})

test.each(['long', -1, true])('%j is refused', (settings) => refused('keepOpen', settings))

test('a client that resets the connection before it is kept has had no whole file, and nothing is waited for', async () => {
  await using ftp = await startFtpServer(options)
  await using client = await RawClient.login(ftp)
  const slow: Rule = { when: { command: 'RETR', phase: 'data-end' }, then: { delay: '1m' } }
  ftp.use({ rules: [slow, { when: { command: 'RETR' }, then: { keepOpen: '5m' } }] })
  const data = await client.passive()
  await client.command('RETR a.bin', 125)
  data.resume()
  await ftp.waitFor({ type: 'fault', fault: 'delay' })
  data.resetAndDestroy()
  await client.expect(426)
  await client.command('QUIT', 221)
  await ftp.waitFor({ type: 'disconnect' })
  expect(effects(ftp)).toEqual(['delayed for 60000 ms at data-end'])
  expect(ftp.server.ioloop.pending).toBe(0)
})
