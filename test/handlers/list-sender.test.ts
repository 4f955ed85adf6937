import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type StartFtpServerOptions, startFtpServer } from '../../src/index.ts'
import { AbstractedFS, DTPHandler } from '../../src/server.ts'
import { RawClient, readAll } from '../support/raw-client.ts'
import { untilClosed } from '../support/transfers.ts'

/** The same bytes through a stage that leaves them as they are. */
class Staged extends DTPHandler {
  override stages() {
    return [(chunks: AsyncIterable<Buffer>) => chunks]
  }
}

const NAMES = Array.from({ length: 60_000 }, (_, index) => `${'x'.repeat(240)}${String(index).padStart(6, '0')}`)

/** A directory of more names than the kernel takes for a client that does not read. */
class Endless extends AbstractedFS {
  override listdir() {
    return NAMES
  }
}

const LISTING = NAMES.map((name) => `${name}\r\n`).join('')

describe.each([DTPHandler, Staged])('a listing by $name', (dtpHandler) => {
  const options: StartFtpServerOptions = { dtpHandler, abstractedFs: Endless }

  async function begin(client: RawClient, verb = 'NLST'): Promise<Socket> {
    const data = await client.passive()
    data.pause()
    await client.command(verb, 125, 150)
    return data
  }

  test('reaches a client that reads slowly, and every byte is counted', async () => {
    await using ftp = await startFtpServer(options)
    await using client = await RawClient.login(ftp)
    const data = await begin(client)
    // Others get their turn while it stands still, and while it goes on.
    await using other = await RawClient.login(ftp)
    await other.command('NOOP', 200)
    const bytes = readAll(data)
    await other.command('NOOP', 200)
    expect((await bytes).equals(Buffer.from(LISTING))).toBe(true)
    await client.expect(226)
    expect(ftp.transcript.transfers()).toMatchObject([
      { verb: 'NLST', path: '/', bytes: LISTING.length, representation: 'A', outcome: 'completed', direction: 'sent' },
    ])
  })

  test('ends with ABOR, and the session goes on', async () => {
    await using ftp = await startFtpServer(options)
    await using client = await RawClient.login(ftp)
    const data = await begin(client)
    await client.command('ABOR', 426)
    await client.expect(226)
    await untilClosed(data)
    expect((await client.fetch('NLST')).length).toBe(LISTING.length)
    expect(ftp.transcript.transfers().map(({ outcome }) => outcome)).toEqual(['aborted', 'completed'])
  })

  test('fails when the client goes', async () => {
    await using ftp = await startFtpServer(options)
    await using client = await RawClient.login(ftp)
    const data = await begin(client)
    data.resetAndDestroy()
    await client.expect(426)
    const [failed] = ftp.transcript.transfers()
    expect(failed?.outcome).toBe('failed')
    // It is not made to its end for nobody.
    expect(failed?.bytes).toBeLessThan(LISTING.length)
    expect((await client.fetch('NLST')).length).toBe(LISTING.length)
  })

  test('fails when it cannot be made to its end, without an end for the client to believe in', async () => {
    class Failing extends AbstractedFS {
      override listdir() {
        return ['a', 'b']
      }
      override lstatEntries(): never {
        throw new Error('that was not foreseen')
      }
    }
    const ftp = await startFtpServer({ dtpHandler, abstractedFs: Failing })
    await using client = await RawClient.login(ftp)
    const data = await begin(client, 'LIST')
    await client.expect(451)
    await untilClosed(data)
    await expect(ftp.stop()).rejects.toThrow('that was not foreseen')
  })

  test('of nothing is an end at once', async () => {
    await using ftp = await startFtpServer({ dtpHandler })
    await using client = await RawClient.login(ftp)
    for (const verb of ['LIST', 'NLST', 'MLSD']) expect(await client.fetch(verb)).toHaveLength(0)
    expect(ftp.transcript.transfers().map(({ bytes }) => bytes)).toEqual([0, 0, 0])
  })

  test('throws away what the client sends meanwhile', async () => {
    await using ftp = await startFtpServer({ dtpHandler, files: { a: 'x' } })
    await using client = await RawClient.login(ftp)
    const data = await client.passive()
    data.write('what is this for?'.repeat(1000))
    await setImmediate()
    const bytes = readAll(data)
    await client.command('NLST', 125, 150)
    expect(String(await bytes)).toBe('a\r\n')
    await client.expect(226)
  })
})
