import { describe, expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { HostFile, UnixFilesystem } from '../../src/server.ts'
import { secured } from '../support/ftps.ts'
import { RawClient } from '../support/raw-client.ts'
import { connections, download, effects, once, refused, upload } from './data.ts'

const files = { 'a.txt': 'one\n' }

describe.each(connections)('over a data connection that is $name', ({ tls, open }) => {
  test.each([
    ['a listing of another make', '01-31-26  10:00AM       <DIR>          pub\r\n'],
    ['nothing but a total', 'total 0\r\n'],
    ['blank lines and no end to the last one', '\r\n\r\n-rw-r--r-- 1 a b 3 Jan 1 2020 a'],
    ['nothing', ''],
    ['Japanese, once it is decoded', { base64: 'g0eDTYNN' }],
  ])('LIST: %s', async (_name, body) => {
    await using ftp = await startFtpServer({ files, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'LIST', { body })
    const expected = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.base64, 'base64')
    const result = await download(client, 'LIST', await open(client, ftp))
    expect(result).toEqual({ bytes: expected, end: 'FIN', code: 226 })
    expect(effects(ftp)).toEqual([`/: ${expected.length} bytes of the scenario's sent in its place`])
    expect(ftp.transcript.transfers()).toMatchObject([{ bytes: expected.length, outcome: 'completed' }])
    expect(String((await download(client, 'LIST', await open(client, ftp))).bytes)).toMatch(/^-.* a\.txt\r\n$/)
  })
})

test('a file, of which nothing is read, as it is in TYPE A too', async () => {
  let reads = 0
  class Unread extends HostFile {
    override read(into: Buffer) {
      reads++
      return super.read(into)
    }
  }
  class Filesystem extends UnixFilesystem {
    override open(path: string) {
      return new Unread(path, this.ftp2fs(path), 'r')
    }
  }
  await using ftp = await startFtpServer({ files, abstractedFs: Filesystem })
  await using client = await RawClient.login(ftp)
  await client.command('TYPE A', 200)
  once(ftp, 'RETR', { body: 'a\nb\r\n' })
  expect(String((await download(client, 'RETR a.txt')).bytes)).toBe('a\nb\r\n')
  expect(reads).toBe(0)
})

test('an upload is not what it is for', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  ftp.use({ rules: [{ times: 1, then: { body: 'x' } }] })
  expect((await upload(client, 'STOR b.txt', 'mine')).code).toBe(226)
  expect(String(await ftp.files.read('b.txt'))).toBe('mine')
  expect(String((await download(client, 'NLST')).bytes)).toBe('x')
})

test.each([5, null, { base64: '*' }])('%j is refused', (settings) => refused('body', settings))
