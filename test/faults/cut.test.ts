import { describe, expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { secured } from '../support/ftps.ts'
import { ending, RawClient } from '../support/raw-client.ts'
import { connections, download, effects, once, refused, upload, warnings } from './data.ts'

const CONTENT = randomBytes('300KiB', { seed: 1 })
const files = { 'a.bin': CONTENT, 'empty.bin': '', 'a.txt': 'one\ntwo\n' }

describe.each(connections)('over a data connection that is $name', ({ tls, open }) => {
  test.each(['fin', 'rst'] as const)(
    'a download ends by %s at just the byte, and the next one is whole',
    async (how) => {
      await using ftp = await startFtpServer({ files, tls })
      await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
      once(ftp, 'RETR', { cut: { after: '100KiB', with: how } })
      const { bytes, end, code } = await download(client, 'RETR a.bin', await open(client, ftp))
      expect({ end, code }).toEqual({ end: how.toUpperCase(), code: 426 })
      expect(bytes.equals(CONTENT.subarray(0, 102_400))).toBe(true)
      expect(effects(ftp)).toEqual([`/a.bin: data connection cut after 102400 bytes by ${how.toUpperCase()}`])
      expect(ftp.transcript.transfers()).toMatchObject([{ bytes: 102_400, outcome: 'aborted' }])
      const again = await download(client, 'RETR a.bin', await open(client, ftp))
      expect({ ...again, bytes: again.bytes.equals(CONTENT) }).toEqual({ bytes: true, end: 'FIN', code: 226 })
    },
  )

  test.each(['fin', 'rst'] as const)('an upload ends by %s; what came before stays', async (how) => {
    await using ftp = await startFtpServer({ files, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'STOR', { cut: { after: 1000, with: how } })
    const data = await open(client, ftp)
    const ended = ending(data)
    await client.command('STOR b.bin', 125, 150)
    data.write(CONTENT)
    expect(await ended).toBe(how.toUpperCase())
    data.end()
    await client.expect(426)
    data.destroy()
    expect((await ftp.files.read('b.bin')).equals(CONTENT.subarray(0, 1000))).toBe(true)
    expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'aborted' }])
    const again = await upload(client, 'STOR b.bin', CONTENT, await open(client, ftp))
    expect(again).toEqual({ end: 'FIN', code: 226 })
    expect((await ftp.files.read('b.bin')).equals(CONTENT)).toBe(true)
  })
})

test('an upload that is cut by FIN is read to its end, and counted', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  once(ftp, 'STOR', { cut: { after: 10 } })
  expect(await upload(client, 'STOR b.bin', CONTENT)).toEqual({ end: 'FIN', code: 426 })
  expect(ftp.transcript.transfers()).toMatchObject([{ bytes: CONTENT.length, outcome: 'aborted' }])
  expect((await ftp.files.read('b.bin')).length).toBe(10)
})

test('a client that has seen the FIN of its upload and stays silent is reset after a while', async () => {
  await using ftp = await startFtpServer({ clock: 'manual' })
  await using client = await RawClient.login(ftp)
  once(ftp, 'STOR', { cut: { after: 0 } })
  const data = await client.passive()
  const ended = ending(data)
  await client.command('STOR b.bin', 125, 150)
  data.write('some')
  expect(await ended).toBe('FIN')
  await ftp.clock.advance('2s')
  await client.expect(426)
  const reset = ending(data)
  data.write('more')
  expect(await reset).toBe('RST')
})

test.each([
  ['0', 0, 'RETR a.bin', 0],
  ['100%', '100%', 'RETR a.bin', CONTENT.length],
  ['50%', '50%', 'RETR a.bin', CONTENT.length / 2],
  ['50 %', '50 %', 'RETR a.bin', CONTENT.length / 2],
  ['0 of nothing', 0, 'RETR empty.bin', 0],
  ['a place in a listing', 3, 'NLST', 3],
] as const)('%s', async (_name, after, command, bytes) => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  once(ftp, command.split(' ')[0] ?? '', { cut: { after } })
  const result = await download(client, command)
  expect({ ...result, bytes: result.bytes.length }).toEqual({ bytes, end: 'FIN', code: 426 })
})

test('marks count from the restart marker on, and in TYPE A what is on the wire', async () => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  ftp.use({ rules: [{ when: { command: 'RETR' }, then: { cut: { after: 4 } } }] })
  await client.command('REST 1000', 350)
  expect((await download(client, 'RETR a.bin')).bytes).toEqual(CONTENT.subarray(1000, 1004))
  await client.command('TYPE A', 200)
  expect(String((await download(client, 'RETR a.txt')).bytes)).toBe('one\r')
  ftp.use({ rules: [{ when: { command: 'RETR' }, then: { cut: { after: '50%' } } }] })
  await client.command('TYPE I', 200)
  await client.command('REST 204800', 350)
  expect((await download(client, 'RETR a.bin')).bytes).toEqual(CONTENT.subarray(204_800, 256_000))
})

test('a mark that is never reached changes nothing', async () => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  once(ftp, 'RETR', { cut: { after: '1MiB', with: 'rst' } })
  expect(await download(client, 'RETR a.bin')).toMatchObject({ end: 'FIN', code: 226 })
  expect(effects(ftp)).toEqual([])
})

test.each(['STOR b.txt', 'LIST', 'RETR a.txt'])('a share of what is not known is warned of: %s', async (command) => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  await client.command('TYPE A', 200)
  ftp.use({ name: 'half', rules: [{ name: 'cut it', then: { cut: { after: '50%' } } }] })
  if (command.startsWith('STOR')) expect((await upload(client, command, 'all')).code).toBe(226)
  else expect((await download(client, command)).code).toBe(226)
  expect(effects(ftp)).toEqual([])
  expect(warnings(ftp)).toEqual([expect.stringMatching(/^half, cut it: cut: there is no 50% of a transfer whose size/)])
})

test.each([{ after: 'soon' }, { after: '101%' }, { after: 1, with: 'bang' }, {}, { after: 1, whith: 'rst' }])(
  '%j is refused',
  (settings) => refused('cut', settings),
)
