import { describe, expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { Reader } from '../handlers/throttled.ts'
import { secured } from '../support/ftps.ts'
import { ending, RawClient } from '../support/raw-client.ts'
import { connections, download, effects, once, refused, upload } from './data.ts'

const CONTENT = randomBytes('300KiB', { seed: 1 })
const FIVE_MINUTES = { clock: 'manual', dataTimeout: '30s', timeout: 0, files: { 'a.bin': CONTENT } } as const

describe.each(connections)('over a data connection that is $name', ({ tls, open }) => {
  test('a download stands still at the mark and goes on', async () => {
    await using ftp = await startFtpServer({ ...FIVE_MINUTES, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'RETR', { stall: { after: 1000, for: '5m' } })
    const data = await open(client, ftp)
    const reader = new Reader(data)
    const ended = ending(data)
    await client.command('RETR a.bin', 125, 150)
    await ftp.waitFor({ type: 'fault' })
    await reader.atLeast(1000)
    await ftp.clock.advance(299_999)
    expect(reader.length).toBe(1000)
    await ftp.clock.advance(1)
    expect(await ended).toBe('FIN')
    await client.expect(226)
    expect(reader.bytes.equals(CONTENT)).toBe(true)
    expect(effects(ftp)).toEqual(['/a.bin: stalled after 1000 bytes for 300000 ms'])
    expect((await download(client, 'RETR a.bin', await open(client, ftp))).code).toBe(226)
  })

  test('an upload is not read on at the mark, and then to its end', async () => {
    await using ftp = await startFtpServer({ ...FIVE_MINUTES, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'STOR', { stall: { after: 1000, for: '5m' } })
    const done = upload(client, 'STOR b.bin', CONTENT, await open(client, ftp))
    await ftp.waitFor({ type: 'fault' })
    await ftp.clock.advance(299_999)
    expect((await ftp.files.read('b.bin')).length).toBe(1000)
    await ftp.clock.advance(1)
    expect((await done).code).toBe(226)
    expect((await ftp.files.read('b.bin')).equals(CONTENT)).toBe(true)
  })
})

describe.each(['RETR a.bin', 'STOR b.bin', 'LIST'])('%s stalled for ever', (command) => {
  async function stalled() {
    const ftp = await startFtpServer(FIVE_MINUTES)
    const client = await RawClient.login(ftp)
    once(ftp, command.split(' ')[0] ?? '', { stall: { after: 1 } })
    const data = await client.passive()
    data.resume()
    await client.command(command, 125, 150)
    if (command.startsWith('STOR')) data.write(CONTENT)
    await ftp.waitFor({ type: 'fault' })
    await ftp.clock.advance('24h')
    return { ftp, client, data }
  }

  test('ends by ABOR', async () => {
    const { ftp, client, data } = await stalled()
    await using _ = ftp
    await client.command('ABOR', 426)
    await client.expect(226)
    expect(ftp.server.ioloop.pending).toBe(0)
    expect((await download(client, 'LIST')).code).toBe(226)
    data.destroy()
    client.socket.destroy()
  })

  test('ends when the client leaves', async () => {
    const { ftp, client, data } = await stalled()
    await using _ = ftp
    client.socket.destroy()
    await ftp.waitFor({ type: 'transfer' })
    await ftp.waitFor({ type: 'disconnect' })
    expect(ftp.server.ioloop.pending).toBe(0)
    data.destroy()
  })

  test('ends with the server', async () => {
    const { ftp, data } = await stalled()
    expect(await ftp.stop()).toMatchObject({ sessions: 1, transfers: 1, unfired: [] })
    data.destroy()
  })
})

test('a client that resets its data connection ends the stall of an upload', async () => {
  await using ftp = await startFtpServer(FIVE_MINUTES)
  await using client = await RawClient.login(ftp)
  once(ftp, 'STOR', { stall: { after: 1 } })
  const data = await client.passive()
  await client.command('STOR b.bin', 125, 150)
  data.write('some')
  await ftp.waitFor({ type: 'fault' })
  data.resetAndDestroy()
  await client.expect(426)
})

test.each([{}, { after: 1, for: 'ages' }, { after: 1, for: -1 }])('%j is refused', (settings) =>
  refused('stall', settings),
)
