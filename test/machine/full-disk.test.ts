import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { type FtpFixture, randomBytes, startFtpServer } from '../../src/index.ts'
import { type DTPHandler, FTPHandler, TLS_FTPHandler } from '../../src/server.ts'
import { openBelow, tempTree } from '../filesystems/temp-tree.ts'
import { secured, trusting } from '../support/ftps.ts'
import { overTls, RawClient } from '../support/raw-client.ts'
import { smallDisk } from '../support/small-disk.ts'
import { Staged, StagedTls } from '../support/staged.ts'

const KIB = 1024
const MIB = 1024 ** 2
const NO_DISK = 'only root can mount a small disk'
const FULL = /^452 No space left on device\.$/i

/** A way for the bytes of an upload. */
interface Way {
  readonly tls?: boolean
  readonly dtpHandler?: typeof DTPHandler
  readonly type?: 'A'
  readonly bytes: number
  /** Uploads at a time: more than one are written by threads. */
  readonly count?: number
}

const WAYS: Record<string, Way> = {
  'small, as it comes': { bytes: 40 * KIB },
  alone: { bytes: 2 * MIB },
  'among others, by threads': { bytes: 2 * MIB, count: 3 },
  'through stages': { bytes: 2 * MIB, dtpHandler: Staged },
  'in TYPE A': { bytes: 2 * MIB, type: 'A' },
  'over TLS': { bytes: 2 * MIB, tls: true },
  'over TLS, small': { bytes: 40 * KIB, tls: true },
  'over TLS, among others': { bytes: 2 * MIB, tls: true, count: 3 },
  'over TLS, through stages': { bytes: 2 * MIB, tls: true, dtpHandler: StagedTls },
  'over TLS, in TYPE A': { bytes: 2 * MIB, tls: true, type: 'A' },
}

/** How the file is named, and what is in it already that stays. */
const VERBS: Record<string, { readonly commands: (name: string) => readonly string[]; readonly before: number }> = {
  STOR: { commands: (name) => [`STOR ${name}`], before: 0 },
  APPE: { commands: (name) => [`APPE ${name}`], before: 5000 },
  REST: { commands: (name) => ['REST 5000', `STOR ${name}`], before: 5000 },
  STOU: { commands: () => ['STOU'], before: 0 },
}

/** What the server has been called back for. */
const calls: string[] = []

class Handler extends FTPHandler {
  override onFileReceived() {
    calls.push('received')
  }
  override onIncompleteFileReceived() {
    calls.push('incomplete')
  }
}

class TlsHandler extends TLS_FTPHandler {
  override onFileReceived() {
    calls.push('received')
  }
  override onIncompleteFileReceived() {
    calls.push('incomplete')
  }
}

/** Sends bytes; gives the final reply. */
async function upload(ftp: FtpFixture, client: RawClient, commands: readonly string[], way: Way, content: Buffer) {
  const plain = await client.passive()
  const data = way.tls ? await overTls(plain, trusting(ftp)) : plain
  for (const command of commands) await client.command(command, 125, 150, 350)
  data.resume().end(content)
  const reply = await client.reply()
  data.destroy()
  plain.destroy()
  return reply
}

describe.each(Object.keys(VERBS))('an upload by %s to a full disk', (verb) => {
  const { commands, before } = VERBS[verb] as (typeof VERBS)[string]
  const ways = Object.entries(WAYS).filter(([, { type }]) => !(verb === 'REST' && type === 'A'))

  test.for(ways)('is 452, told as failed, and whole when there is room: %s', async ([_name, way], context) => {
    using small = smallDisk(await tempTree(), 'size=8m')
    if (small === undefined) return context.skip(NO_DISK)
    const { tls = false, dtpHandler, bytes, count = 1, type = 'I' } = way
    await using ftp = await startFtpServer({
      root: small.disk,
      handler: tls ? TlsHandler : Handler,
      ...(tls && { tls }),
      ...(dtpHandler && { dtpHandler }),
    })
    const numbers = Array.from({ length: count }, (_, number) => number)
    const clients = await Promise.all(numbers.map(() => (tls ? secured(ftp) : RawClient.login(ftp))))
    // Without a CR or LF, the same in either TYPE.
    const content = Buffer.from(randomBytes(bytes, { seed: 1 }).map((byte) => (byte & 63) + 48))
    const kept = Buffer.alloc(before, 'k')
    if (before > 0) for (const number of numbers) writeFileSync(path.join(small.disk, `${number}.bin`), kept)
    writeFileSync(path.join(small.disk, 'filler'), Buffer.alloc(8 * MIB - (bytes * count) / 2))
    calls.length = 0
    const send = () =>
      Promise.all(
        clients.map(async (client, number) => {
          await client.command(`TYPE ${type}`, 200)
          return upload(ftp, client, commands(`${number}.bin`), way, content)
        }),
      )
    const names = () => readdirSync(small.disk).filter((name) => name !== 'filler')
    const replies = await send()
    // Where one fails, there may be room enough for the others.
    const failed = replies.filter(({ code }) => code !== 226)
    for (const { text } of failed) expect(text).toMatch(FULL)
    expect(failed.length).toBeGreaterThan(0)
    expect(openBelow(small.disk)).toEqual([])
    const files = names().map((name) => readFileSync(path.join(small.disk, name)))
    const whole = Buffer.concat([kept, content])
    // A hole before its end would never be filled by a client that resumes at its size.
    for (const file of files) expect(file.equals(whole.subarray(0, file.length))).toBe(true)
    expect(files.filter(({ length }) => length < whole.length)).toHaveLength(failed.length)
    const outcomes = ftp.transcript.transfers().map(({ outcome }) => outcome)
    expect(outcomes.filter((outcome) => outcome === 'failed')).toHaveLength(failed.length)
    expect(calls.filter((call) => call === 'incomplete')).toHaveLength(failed.length)
    for (const client of clients) await client.command('NOOP', 200)
    for (const name of ['filler', ...(verb === 'STOU' ? names() : [])]) await clients[0]?.command(`DELE ${name}`, 250)
    if (verb === 'APPE') for (const number of numbers) writeFileSync(path.join(small.disk, `${number}.bin`), kept)
    for (const { text } of await send()) expect(text).toMatch(/^226 /)
    for (const name of names()) {
      const file = readFileSync(path.join(small.disk, name))
      expect(file.equals(whole), name).toBe(true)
    }
    expect(ftp.server.buffers.load).toMatchObject({ uploads: 0, downloads: 0 })
    for (const client of clients) await client[Symbol.asyncDispose]()
    expect(await ftp.stop()).toMatchObject({ transfers: 0 })
  })
})

test('a disk with no room for one more name: 452 for whatever would make one, and all else goes on', async (context) => {
  using small = smallDisk(await tempTree(), 'size=1m,nr_inodes=5')
  if (small === undefined) return context.skip(NO_DISK)
  await using ftp = await startFtpServer({ root: small.disk })
  await using client = await RawClient.login(ftp)
  for (const name of ['a', 'b', 'c']) await client.store(`STOR ${name}`, name)
  await client.command('MKD d', 257)
  expect((await client.command('MKD e', 452)).text).toMatch(FULL)
  for (const command of ['STOR e', 'APPE e', 'STOU', 'STOU e']) {
    const data = await client.passive()
    expect((await client.command(command, 452)).text, command).toMatch(FULL)
    data.destroy()
  }
  await client.command('RNFR a', 350)
  await client.command('RNTO d/a', 250)
  await client.store('APPE d/a', 'nd more')
  expect(String(await client.fetch('RETR d/a'))).toBe('and more')
  expect(String(await client.fetch('NLST'))).toBe('b\r\nc\r\nd\r\n')
  await client.command('DELE b', 250)
  await client.command('MKD e', 257)
  expect(openBelow(small.disk)).toEqual([])
})
