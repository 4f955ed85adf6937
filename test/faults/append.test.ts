import { describe, expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { secured } from '../support/ftps.ts'
import { RawClient } from '../support/raw-client.ts'
import { connections, download, effects, once, refused, upload } from './data.ts'

const files = { 'a.txt': 'one\n' }

describe.each(connections)('over a data connection that is $name', ({ tls, open }) => {
  test('a download has more at its end, and the next one has not', async () => {
    await using ftp = await startFtpServer({ files, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'RETR', { append: 'two\n' })
    const { bytes, end, code } = await download(client, 'RETR a.txt', await open(client, ftp))
    expect({ text: String(bytes), end, code }).toEqual({ text: 'one\ntwo\n', end: 'FIN', code: 226 })
    expect(effects(ftp)).toEqual(['/a.txt: 4 bytes appended'])
    expect(ftp.transcript.transfers()).toMatchObject([{ bytes: 8 }])
    expect(String((await download(client, 'RETR a.txt', await open(client, ftp))).bytes)).toBe('one\n')
  })

  test('so has an upload', async () => {
    await using ftp = await startFtpServer({ tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'STOR', { append: { base64: '/wA=' } })
    await upload(client, 'STOR b.txt', 'a', await open(client, ftp))
    expect(await ftp.files.read('b.txt')).toEqual(Buffer.from([0x61, 0xff, 0x00]))
    expect(ftp.transcript.transfers()).toMatchObject([{ bytes: 1 }])
    await upload(client, 'STOR b.txt', 'a', await open(client, ftp))
    expect(String(await ftp.files.read('b.txt'))).toBe('a')
  })
})

test('in TYPE A the extra bytes go as they are', async () => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  await client.command('TYPE A', 200)
  once(ftp, 'RETR', { append: 'ä\n' })
  expect(String((await download(client, 'RETR a.txt')).bytes)).toBe('one\r\nä\n')
})

test('random bytes are those of randomBytes', async () => {
  await using ftp = await startFtpServer({ files: { 'a.bin': '' } })
  await using client = await RawClient.login(ftp)
  once(ftp, 'RETR', { append: { size: '10KiB', seed: 7 } })
  expect((await download(client, 'RETR a.bin')).bytes.equals(randomBytes('10KiB', { seed: 7 }))).toBe(true)
})

test.each([5, { base64: '*' }, { size: -1 }, { size: 1, seed: 'x' }])('%j is refused', (settings) =>
  refused('append', settings),
)
