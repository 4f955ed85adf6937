import { describe, expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { secured } from '../support/ftps.ts'
import { RawClient } from '../support/raw-client.ts'
import { connections, download, effects, once, refused, upload } from './data.ts'

const CONTENT = randomBytes('300KiB', { seed: 1 })
const files = { 'a.bin': CONTENT }

describe.each(connections)('over a data connection that is $name', ({ tls, open }) => {
  test('a download ends early and claims to be whole; the next one is', async () => {
    await using ftp = await startFtpServer({ files, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'RETR', { truncate: { after: '50%' } })
    const { bytes, end, code } = await download(client, 'RETR a.bin', await open(client, ftp))
    expect({ bytes: bytes.length, end, code }).toEqual({ bytes: 153_600, end: 'FIN', code: 226 })
    expect(effects(ftp)).toEqual(['/a.bin: truncated to 153600 bytes'])
    const again = await download(client, 'RETR a.bin', await open(client, ftp))
    expect(again.bytes.equals(CONTENT)).toBe(true)
  })

  test('an upload is stored in part and claimed to be whole; the next one is', async () => {
    await using ftp = await startFtpServer({ files, tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'STOR', { truncate: { after: 1000 } })
    expect((await upload(client, 'STOR b.bin', CONTENT, await open(client, ftp))).code).toBe(226)
    expect((await ftp.files.read('b.bin')).equals(CONTENT.subarray(0, 1000))).toBe(true)
    expect((await upload(client, 'STOR b.bin', CONTENT, await open(client, ftp))).code).toBe(226)
    expect((await ftp.files.read('b.bin')).equals(CONTENT)).toBe(true)
  })
})

test('the time line is not fooled', async () => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  ftp.use({ rules: [{ then: { truncate: { after: 3 } } }] })
  await download(client, 'RETR a.bin')
  await upload(client, 'STOR b.bin', CONTENT)
  const reason = 'Cut short, though the reply says complete.'
  expect(ftp.transcript.transfers()).toMatchObject([
    { verb: 'RETR', bytes: 3, outcome: 'aborted', reason },
    { verb: 'STOR', bytes: CONTENT.length, outcome: 'aborted', reason },
  ])
})

test.each(['LIST', 'NLST', 'MLSD'])('%s too', async (command) => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  once(ftp, command, { truncate: { after: 5 } })
  const { bytes, code } = await download(client, command)
  expect({ bytes: bytes.length, code }).toEqual({ bytes: 5, code: 226 })
})

test.each([{ after: -1 }, {}, '10KiB'])('%j is refused', (settings) => refused('truncate', settings))
