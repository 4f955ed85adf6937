import { describe, expect, test } from 'vitest'
import { type FtpFixture, type Rule, randomBytes, startFtpServer } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'
import { download, effects, type Result, upload } from './data.ts'

const ROUNDS = 12

/** Numbers below a limit, the same for the same seed. */
function dice(seed: number): (below: number) => number {
  const words = randomBytes(4000, { seed })
  let at = 0
  return (below) => words.readUInt32LE((at++ * 4) % 4000) % below
}

/** Text with line ends at any place. */
function text(length: number, roll: (below: number) => number): string {
  return Array.from({ length }, () => 'ab\n\n'[roll(4)]).join('')
}

/** Faults that take time and change nothing, in any order. */
function harmless(roll: (below: number) => number): Rule['then'] {
  const faults = [
    { slices: { bytes: 1 + roll(900), every: roll(3) } },
    { latency: { of: roll(200), jitter: roll(200) } },
    { throttle: { rate: 100 + roll(5000), burst: roll(3000) } },
  ] as const
  const order = [...faults].sort(() => roll(3) - 1)
  return order.slice(0, 1 + roll(3))
}

/** Has time pass until something is done. */
async function inTime<T>(ftp: FtpFixture, work: Promise<T>): Promise<T> {
  let isDone = false
  void work.finally(() => {
    isDone = true
  })
  while (!isDone) await ftp.clock.advance('1m')
  return work
}

function fixture(roll: (below: number) => number, content: Buffer | string): Promise<FtpFixture> {
  const sizes = { sendBufferSize: 100 + roll(5000), receiveBufferSize: 100 + roll(5000) }
  return startFtpServer({ clock: 'manual', timeout: 0, dataTimeout: '5s', files: { a: content }, ...sizes })
}

describe.each(Array.from({ length: ROUNDS }, (_, round) => round))('round %i', (round) => {
  test('TYPE I from a restart marker on', async () => {
    const roll = dice(round)
    const content = randomBytes(roll(12_000), { seed: round })
    const marker = roll(content.length + 1)
    await using ftp = await fixture(roll, content)
    await using client = await RawClient.login(ftp)
    const then = harmless(roll)
    ftp.use({ seed: round, rules: [{ when: { command: ['RETR', 'STOR'] }, then }] })
    await client.command(`REST ${marker}`, 350)
    const { bytes, end, code }: Result = await inTime(ftp, download(client, 'RETR a'))
    expect({ same: bytes.equals(content.subarray(marker)), end, code }).toEqual({ same: true, end: 'FIN', code: 226 })
    const tail = randomBytes(roll(12_000), { seed: round + 100 })
    await client.command(`REST ${marker}`, 350)
    expect((await inTime(ftp, upload(client, 'STOR a', tail))).code).toBe(226)
    const stored = Buffer.concat([content.subarray(0, marker), tail, content.subarray(marker + tail.length)])
    expect((await ftp.files.read('a')).equals(stored)).toBe(true)
    expect(ftp.transcript.transfers()).toMatchObject([
      { bytes: content.length - marker, outcome: 'completed' },
      { bytes: tail.length, outcome: 'completed' },
    ])
  })

  test('TYPE A', async () => {
    const roll = dice(round + 50)
    const lines = text(roll(6000), roll)
    await using ftp = await fixture(roll, lines)
    await using client = await RawClient.login(ftp)
    await client.command('TYPE A', 200)
    ftp.use({ seed: round, rules: [{ when: { command: ['RETR', 'STOR'] }, then: harmless(roll) }] })
    const { bytes } = await inTime(ftp, download(client, 'RETR a'))
    expect(String(bytes)).toBe(lines.replaceAll('\n', '\r\n'))
    expect((await inTime(ftp, upload(client, 'STOR b', bytes))).code).toBe(226)
    expect(String(await ftp.files.read('b'))).toBe(lines)
  })
})

test('faults are done in the order written', async () => {
  await using ftp = await startFtpServer({ files: { a: 'abcdef' } })
  await using client = await RawClient.login(ftp)
  const fetched = async (...then: Rule['then'] & readonly unknown[]) => {
    ftp.use({ rules: [{ when: { command: 'RETR' }, then }] })
    return String((await download(client, 'RETR a')).bytes)
  }
  expect(await fetched({ append: 'xyz' }, { truncate: { after: 8 } })).toBe('abcdefxy')
  expect(await fetched({ truncate: { after: 2 } }, { append: 'xyz' })).toBe('abxyz')
  expect(await fetched({ body: '0123456789' }, { truncate: { after: 4 } }, { append: '!' })).toBe('0123!')
  expect(await fetched({ truncate: { after: 2 } }, { body: 'other' })).toBe('other')
})

test('what is added to an upload is stored, however late it is', async () => {
  await using ftp = await startFtpServer({ clock: 'manual' })
  await using client = await RawClient.login(ftp)
  ftp.use({ rules: [{ then: [{ append: 'xyz' }, { latency: '1m' }] }] })
  expect((await inTime(ftp, upload(client, 'STOR a', 'abc'))).code).toBe(226)
  expect(String(await ftp.files.read('a'))).toBe('abcxyz')
})

test('a cut behind slow stages still lets all bytes before it arrive', async () => {
  await using ftp = await startFtpServer({
    clock: 'manual',
    timeout: 0,
    dataTimeout: 0,
    files: { a: randomBytes(5000) },
  })
  await using client = await RawClient.login(ftp)
  const then = [{ cut: { after: 1234, with: 'rst' } }, { slices: { bytes: 100, every: 50 } }, { latency: 20 }] as const
  ftp.use({ rules: [{ when: { command: 'RETR' }, then }] })
  const { bytes, end, code } = await inTime(ftp, download(client, 'RETR a'))
  expect({ length: bytes.length, end, code }).toEqual({ length: 1234, end: 'RST', code: 426 })
  expect(effects(ftp).at(-1)).toMatch(/cut after 1234/)
})
