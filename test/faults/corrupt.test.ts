import { describe, expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { secured } from '../support/ftps.ts'
import { RawClient } from '../support/raw-client.ts'
import { connections, download, effects, once, refused, upload, warnings } from './data.ts'

const CONTENT = randomBytes('300KiB', { seed: 1 })
const files = { 'a.bin': CONTENT }

/** Where two contents differ. */
function differences(one: Buffer, other: Buffer): number[] {
  expect(one.length).toBe(other.length)
  return [...one.keys()].filter((at) => one[at] !== other[at])
}

describe.each(connections)('over a data connection that is $name', ({ tls, open }) => {
  test('a download has other bytes at a mark, and the next one has not', async () => {
    await using ftp = await startFtpServer({ files, tls, sendBufferSize: 1001 })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'RETR', { corrupt: { at: 1000, bytes: 3 } })
    const { bytes, code } = await download(client, 'RETR a.bin', await open(client, ftp))
    expect(differences(bytes, CONTENT)).toEqual([1000, 1001, 1002])
    expect(code).toBe(226)
    expect(effects(ftp)).toEqual(['/a.bin: 3 bytes corrupted behind the first 1000'])
    const again = await download(client, 'RETR a.bin', await open(client, ftp))
    expect(again.bytes.equals(CONTENT)).toBe(true)
  })

  test('so has an upload', async () => {
    await using ftp = await startFtpServer({ tls })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    once(ftp, 'STOR', { corrupt: { at: '100KiB' } })
    await upload(client, 'STOR b.bin', CONTENT, await open(client, ftp))
    expect(differences(await ftp.files.read('b.bin'), CONTENT)).toEqual([102_400])
    await upload(client, 'STOR b.bin', CONTENT, await open(client, ftp))
    expect((await ftp.files.read('b.bin')).equals(CONTENT)).toBe(true)
  })
})

test.each(['RETR a.bin', 'STOR b.bin'])('%s: a place left to chance is the same for the same seed', async (command) => {
  const place = async (seed: number) => {
    await using ftp = await startFtpServer({ files })
    await using client = await RawClient.login(ftp)
    ftp.use({ seed, rules: [{ then: { corrupt: {} } }] })
    if (command.startsWith('STOR')) await upload(client, command, CONTENT)
    const result = command.startsWith('STOR') ? await ftp.files.read('b.bin') : (await download(client, command)).bytes
    const [at] = differences(result, CONTENT)
    return { at, byte: result[at ?? -1] }
  }
  const first = await place(1)
  expect(first.at).toBeDefined()
  expect(await place(1)).toEqual(first)
  expect(await place(2)).not.toEqual(first)
})

test('a short upload is not spared, and an empty one is', async () => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  ftp.use({ rules: [{ then: { corrupt: {} } }] })
  await upload(client, 'STOR b.bin', 'four')
  expect(differences(await ftp.files.read('b.bin'), Buffer.from('four')).length).toBe(1)
  expect((await upload(client, 'STOR c.bin', '')).code).toBe(226)
  expect(effects(ftp).length).toBe(1)
})

test('a share of an upload is warned of', async () => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  once(ftp, 'STOR', { corrupt: { at: '50%' } })
  await upload(client, 'STOR b.bin', 'whole')
  expect(String(await ftp.files.read('b.bin'))).toBe('whole')
  expect(warnings(ftp)).toHaveLength(1)
})

test.each([{ at: 'x' }, { bytes: 0 }, 5])('%j is refused', (settings) => refused('corrupt', settings))
