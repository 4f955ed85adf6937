import { describe, expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { secured } from '../support/ftps.ts'
import { ending, RawClient } from '../support/raw-client.ts'
import { connections, download, effects, once, refused, upload } from './data.ts'

const CONTENT = randomBytes('300KiB', { seed: 1 })
const files = { 'a.bin': CONTENT }

test.each([
  ['RETR a.bin', 'EACCES', '550 Permission denied.'],
  ['STOR b.bin', 'ENOSPC', '452 No space left on device.'],
  ['STOR b.bin', 'EDQUOT', /^452 /],
  ['STOR b.bin', 'EMFILE', '451 Too many open files.'],
  ['STOU', 'EROFS', '550 Read-only file system.'],
  ['LIST', 'EIO', '451 I/o error.'],
  ['MLSD', 'ENOENT', '550 No such file or directory.'],
  ['DELE a.bin', 'EPERM', '550 Operation not permitted.'],
  ['MKD d', 'EEXIST', '550 File already exists.'],
  ['RMD d', 'ENOTEMPTY', '550 Directory not empty.'],
  ['RNTO b.bin', 'EXDEV', '550 Cross-device link not permitted.'],
  ['CWD d', 'EACCES', '550 Permission denied.'],
  ['SIZE a.bin', 'EIO', '451 I/o error.'],
])('%s fails with %s, once', async (line, code, expected) => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  const [verb = ''] = line.split(' ')
  once(ftp, verb, { error: code })
  if (/^(RETR|STO|LIST|MLSD)/.test(line)) (await client.passive()).destroy()
  expect((await client.command(line)).text).toMatch(expected)
  expect(effects(ftp)).toEqual([expect.stringMatching(new RegExp(`: ${code}$`))])
  await client.command('NOOP', 200)
  expect((await ftp.files.read('a.bin')).equals(CONTENT)).toBe(true)
})

test('the words are those of a real one', async () => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  const real = await client.command('DELE missing', 550)
  once(ftp, 'DELE', { error: 'ENOENT' })
  expect(await client.command('DELE a.bin', 550)).toEqual(real)
  await client.command('DELE a.bin', 250)
})

test('without a command it is done to those that work on files', async () => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  ftp.use({ rules: [{ times: 1, then: { error: 'EIO' } }] })
  await client.command('NOOP', 200)
  await client.command('TYPE I', 200)
  await client.command('PASV', 227)
  await client.command('CWD /', 451)
  await client.command('CWD /', 250)
})

test('who has not logged in does not get as far as the disk', async () => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  ftp.use({ rules: [{ when: { command: 'DELE' }, then: { error: 'EIO' } }] })
  await client.command('DELE a.bin', 530)
  expect(effects(ftp)).toEqual([])
})

test('an RNTO that failed has used up its RNFR', async () => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  once(ftp, 'RNTO', { error: 'EXDEV' })
  await client.command('RNFR a.bin', 350)
  await client.command('RNTO b.bin', 550)
  await client.command('RNTO b.bin', 503)
})

describe.each(connections)('over a data connection that is $name', ({ tls, open }) => {
  test('a download fails at the byte, and the next one does not', async () => {
    await using ftp = await startFtpServer({ files, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'RETR', { error: { code: 'EIO', at: '50%' } })
    const { bytes, code } = await download(client, 'RETR a.bin', await open(client, ftp))
    expect(code).toBe(451)
    expect(bytes.equals(CONTENT.subarray(0, 153_600))).toBe(true)
    expect(effects(ftp)).toEqual(['/a.bin: EIO after 153600 bytes'])
    expect(ftp.transcript.transfers()).toMatchObject([{ bytes: 153_600, outcome: 'failed', reason: 'I/o error.' }])
    expect((await download(client, 'RETR a.bin', await open(client, ftp))).code).toBe(226)
  })

  test('an upload fails at the byte, and the next one does not', async () => {
    await using ftp = await startFtpServer({ files, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'STOR', { error: { code: 'ENOSPC', at: 1000 } })
    const data = await open(client, ftp)
    const ended = ending(data)
    await client.command('STOR b.bin', 125, 150)
    data.write(CONTENT)
    await client.expect(452)
    await ended
    data.destroy()
    expect((await ftp.files.read('b.bin')).equals(CONTENT.subarray(0, 1000))).toBe(true)
    expect((await upload(client, 'STOR b.bin', CONTENT, await open(client, ftp))).code).toBe(226)
  })
})

test('`at` says nothing of a command without data', async () => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  expect(() => once(ftp, 'DELE', { error: { code: 'EIO', at: 1 } })).toThrow(/error is nothing for DELE/)
  ftp.use({ rules: [{ times: 1, then: { error: { code: 'EIO', at: 1 } } }] })
  await client.command('DELE a.bin', 250)
  expect((await upload(client, 'STOR b.bin', 'some')).code).toBe(451)
})

test('a slip of the finger is understood', async () => {
  await using ftp = await startFtpServer()
  expect(() => ftp.add({ then: { error: 'ENOSPCE' } })).toThrow(
    `then.error: expected the name of an error of the system, such as 'ENOSPC' or 'EACCES', found "ENOSPCE"; did you mean "ENOSPC"?`,
  )
})

test.each(['ENOSPCE', 'nope', 5, { code: 'EIO', at: 'x' }, { at: 1 }])('%j is refused', (settings) =>
  refused('error', settings),
)
