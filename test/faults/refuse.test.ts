import { describe, expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { secured } from '../support/ftps.ts'
import { ending, RawClient } from '../support/raw-client.ts'
import { connections, download, effects, once, refused, upload } from './data.ts'

const CONTENT = randomBytes('300KiB', { seed: 1 })
const FULL = '452 The disk is full.'

describe.each(connections)('over a data connection that is $name', ({ tls, open }) => {
  test.each(['drain', 'fin'] as const)('then %s: who sends everything finds the reply behind it', async (then) => {
    await using ftp = await startFtpServer({ tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'STOR', { refuse: { after: 1000, with: FULL, then } })
    expect(await upload(client, 'STOR b.bin', CONTENT, await open(client, ftp))).toEqual({ end: 'FIN', code: 452 })
    await ftp.waitFor({ type: 'transfer' })
    expect((await ftp.files.read('b.bin')).equals(CONTENT.subarray(0, 1000))).toBe(true)
    expect(ftp.transcript.transfers()).toMatchObject([{ bytes: CONTENT.length, outcome: 'aborted' }])
    expect(effects(ftp)).toEqual(['/b.bin: refused after 1000 bytes'])
    expect(ftp.transcript.replies({ code: 426 })).toEqual([])
    expect((await upload(client, 'STOR b.bin', CONTENT, await open(client, ftp))).code).toBe(226)
    expect((await ftp.files.read('b.bin')).equals(CONTENT)).toBe(true)
  })

  test.each([
    ['drain', 'FIN'],
    ['fin', 'FIN'],
    ['rst', 'RST'],
  ] as const)('then %s: who stops at the reply can go on', async (then, how) => {
    await using ftp = await startFtpServer({ tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'STOR', { refuse: { after: 3, with: FULL, then } })
    const data = await open(client, ftp)
    const ended = ending(data)
    await client.command('STOR b.bin', 125, 150)
    data.write(CONTENT)
    await client.expect(452)
    if (then === 'drain') data.end()
    expect(await ended).toBe(how)
    data.destroy()
    expect((await upload(client, 'STOR c.bin', CONTENT, await open(client, ftp))).code).toBe(226)
    expect((await ftp.files.read('c.bin')).equals(CONTENT)).toBe(true)
  })

  test('then ignore: nothing more is read, and the next transfer works', async () => {
    await using ftp = await startFtpServer({ tls, clock: 'manual', timeout: 0, dataTimeout: '1m' })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'STOR', { refuse: { after: 3, with: FULL, then: 'ignore' } })
    const data = await open(client, ftp)
    const ended = ending(data)
    await client.command('STOR b.bin', 125, 150)
    data.write(randomBytes('20MiB'))
    await client.expect(452)
    await ftp.clock.advance('1h')
    expect(data.writableLength).toBeGreaterThan(0)
    expect((await upload(client, 'STOR c.bin', 'x', await open(client, ftp))).code).toBe(226)
    await ended
    data.destroy()
    expect(ftp.transcript.transfers()[0]?.bytes).toBeLessThan(1024 * 1024)
  })
})

test.each(['STOR b.bin', 'APPE b.bin', 'STOU'])(
  '%s is refused before its first byte, behind the 1yz',
  async (command) => {
    await using ftp = await startFtpServer()
    await using client = await RawClient.login(ftp)
    ftp.use({ rules: [{ then: { refuse: { with: ['550 Infected.', '421 Bye.'] } } }] })
    const data = await client.passive()
    await client.command(command, 125)
    await client.expect(550)
    await client.expect(421)
    data.destroy()
    await ftp.waitFor({ type: 'transfer' })
  },
)

test('the reply does not overtake a 1yz that is late', async () => {
  await using ftp = await startFtpServer({ clock: 'manual' })
  await using client = await RawClient.login(ftp)
  ftp.use({
    rules: [
      { when: { command: 'STOR', phase: 'preliminary' }, then: { delay: '5s' } },
      { when: { command: 'STOR' }, then: { refuse: { with: FULL } } },
    ],
  })
  const data = await client.passive()
  client.send('STOR b.bin')
  await ftp.waitFor({ type: 'fault', fault: 'refuse' })
  await ftp.clock.advance(4999)
  expect(ftp.transcript.replies({ code: 452 })).toEqual([])
  await ftp.clock.advance(1)
  await client.expect(125, 150)
  await client.expect(452)
  data.destroy()
})

test('nor does it wait for a 1yz that never comes', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  ftp.use({ rules: [{ when: { command: 'STOR' }, then: { preliminary: 'none', refuse: { with: FULL } } }] })
  const data = await client.passive()
  await client.command('STOR b.bin', 452)
  data.destroy()
})

test.each([true, false])('keep: %s', async (keep) => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  once(ftp, 'STOR', { refuse: { after: 4, keep } })
  expect((await upload(client, 'STOR b.bin', 'partial')).code).toBe(552)
  const names = String((await download(client, 'NLST')).bytes)
  expect(names).toBe(keep ? 'b.bin\r\n' : '')
  expect(effects(ftp)).toEqual([`/b.bin: refused after 4 bytes${keep ? '' : ', and what had come removed'}`])
})

test('ABOR ends an upload that is ignored', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  once(ftp, 'STOR', { refuse: { with: FULL, then: 'ignore' } })
  const data = await client.passive()
  await client.command('STOR b.bin', 125, 150)
  await client.expect(452)
  await client.command('ABOR', 226)
  data.destroy()
})

test('downloads are not what it is for', async () => {
  await using ftp = await startFtpServer({ files: { 'a.txt': 'all' } })
  await using client = await RawClient.login(ftp)
  ftp.use({ rules: [{ optional: true, then: { refuse: {} } }] })
  expect((await download(client, 'RETR a.txt')).code).toBe(226)
  expect((await download(client, 'LIST')).code).toBe(226)
})

test.each([{ after: 'x' }, { with: 'no code' }, { then: 'explode' }, { keep: 1 }])('%j is refused', (settings) =>
  refused('refuse', settings),
)
