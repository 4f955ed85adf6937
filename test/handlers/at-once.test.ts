import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { type FtpEvent, type FtpFixture, randomBytes, startFtpServer } from '../../src/index.ts'
import { DTPHandler, FTPHandler } from '../../src/server.ts'
import { openSockets, socketsSince } from '../support/descriptors.ts'
import { RawClient, readAll } from '../support/raw-client.ts'
import { system } from '../support/sockets-spy.ts'

vi.mock('../../src/native/sockets.ts', async (importOriginal) => {
  const { system } = await import('../support/sockets-spy.ts')
  return system.watch(await importOriginal())
})
vi.mock('../../src/ioloop/clock.ts', async (importOriginal) => {
  const { system } = await import('../support/sockets-spy.ts')
  return system.wait(await importOriginal())
})

const KIB = 1024
const SMALL = 64 * KIB
const SIZES = [0, 1, 1000, SMALL - 1, SMALL, SMALL + 1, 300 * KIB]

beforeEach(() => system.reset())

test.runIf(!system.isPresent)('small transfers at once', (context) => context.skip('needs Linux and koffi'))

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** The same bytes, but not at once. */
class Staged extends DTPHandler {
  override stages() {
    return [(chunks: AsyncIterable<Buffer>) => chunks]
  }
}

/** A client whose data connections are known to the server when its next command comes. */
class Client {
  readonly raw: RawClient
  readonly ftp: FtpFixture

  constructor(raw: RawClient, ftp: FtpFixture) {
    this.raw = raw
    this.ftp = ftp
  }

  command(line: string, ...codes: number[]) {
    return this.raw.command(line, ...codes)
  }

  async passive(): Promise<Socket> {
    const data = await this.raw.passive()
    const arrived = (event: FtpEvent) => event.type === 'data-open' && event.remotePort === data.localPort
    if (system.isAbsent) await this.ftp.waitFor(arrived)
    return data
  }

  async fetch(command: string): Promise<Buffer> {
    const bytes = readAll(await this.passive())
    await this.command(command, 125)
    const result = await bytes
    await this.raw.expect(226)
    return result
  }

  async store(command: string, content: string | Uint8Array): Promise<void> {
    const data = await this.passive()
    await this.command(command, 125)
    data.end(content)
    await this.raw.expect(226)
    data.destroy()
  }
}

/** What is done with a server, and what came of it. */
type Talk = (client: Client) => Promise<unknown>

/** Notes what its callbacks are told. */
function noting(calls: string[]) {
  return class extends FTPHandler {
    override onFileSent(path: string) {
      calls.push(`sent ${path}`)
    }
    override onFileReceived(path: string) {
      calls.push(`received ${path}`)
    }
    override onIncompleteFileSent(path: string) {
      calls.push(`incompletely sent ${path}`)
    }
    override onIncompleteFileReceived(path: string) {
      calls.push(`incompletely received ${path}`)
    }
  }
}

/** The events without what is never the same twice. */
function told(events: readonly FtpEvent[]): unknown[] {
  return events.map((event) => ({
    ...event,
    at: 0,
    ...('durationMs' in event && { durationMs: 0 }),
    ...('port' in event && { port: 0 }),
    ...('localPort' in event && { localPort: 0 }),
    ...('remotePort' in event && { remotePort: 0 }),
    // How much had been sent by then is not said.
    ...('outcome' in event && event.outcome !== 'completed' && { bytes: 0 }),
    ...('lines' in event && { lines: event.code === 220 || event.code === 227 ? [] : event.lines }),
  }))
}

/** All that comes of a dialogue. */
async function played(dtpHandler: typeof DTPHandler, talk: Talk) {
  const before = openSockets()
  const calls: string[] = []
  await using ftp = await startFtpServer({ dtpHandler, handler: noting(calls) })
  await using client = await RawClient.login(ftp)
  const result = await talk(new Client(client, ftp))
  await client.command('NOOP', 200)
  const { dataConnections } = ftp.server
  const events = told(ftp.transcript.events)
  await ftp.stop()
  return { result, calls, events, dataConnections, left: await socketsSince(before) }
}

/** Plays it at once, with sockets of Node's made in between, and without any of it; what was sent at once is counted. */
async function compared(talk: Talk) {
  const fast = await played(DTPHandler, talk)
  const calls = { sent: system.sent, received: system.received.length }
  system.reset()
  const staged = await played(Staged, talk)
  expect([system.sent, system.received]).toEqual([[], []])
  system.isAbsent = true
  const general = await played(DTPHandler, talk)
  expect(fast).toEqual(general)
  expect(staged).toEqual(general)
  expect(fast).toMatchObject({ left: [], dataConnections: 0 })
  return calls
}

describe.runIf(system.isPresent)('the same as the general way', () => {
  test.each(SIZES)('a download of %d bytes, from any restart marker on', async (size) => {
    const content = randomBytes(size, { seed: size })
    const markers = [0, 1, size >> 1, size - 1, size].filter((marker) => marker >= 0 && marker <= size)
    const { sent } = await compared(async (client) => {
      await client.ftp.files.write('a.bin', content)
      for (const marker of markers) {
        await client.command(`REST ${marker}`, 350)
        expect((await client.fetch('RETR a.bin')).equals(content.subarray(marker)), `from ${marker}`).toBe(true)
      }
      await client.command(`REST ${size + 1}`, 350)
      const data = await client.passive()
      await client.command('RETR a.bin', 554)
      await readAll(data)
    })
    expect(sent).toEqual(markers.map((marker) => size - marker).filter((rest) => rest <= SMALL))
  })

  test.each(SIZES)('an upload of %d bytes, in pieces, at an offset, and to the end of a file', async (size) => {
    const content = randomBytes(size, { seed: size })
    const { received } = await compared(async (client) => {
      await client.store('STOR a.bin', content)
      await client.store('APPE a.bin', content)
      await client.command(`REST ${Math.min(3, 2 * size)}`, 350)
      await client.store('STOR a.bin', content)
      const data = await client.passive()
      await client.command('STOR b.bin', 125)
      for (let at = 0; at < size; at += 30_011) {
        await new Promise((resolve) => data.write(content.subarray(at, at + 30_011), resolve))
        await client.command('NOOP', 200)
      }
      data.end()
      await client.raw.expect(226)
      data.destroy()
      return Promise.all(['a.bin', 'b.bin'].map(async (name) => hash(await client.ftp.files.read(name))))
    })
    expect(received).toBeGreaterThan(0)
  })

  test('conversions, refusals, files that are not there, and several at a time', async () => {
    await compared(async (client) => {
      await client.ftp.files.write('a.txt', 'a\nb\n')
      await client.command('TYPE A', 200)
      const converted = String(await client.fetch('RETR a.txt'))
      await client.store('STOR b.txt', 'c\r\nd\r\n')
      await client.command('TYPE I', 200)
      for (const command of ['RETR none.txt', 'STOR none/a.txt', 'RETR /']) {
        const data = await client.passive()
        await client.command(command, 550)
        await readAll(data)
      }
      await client.command('RETR a.txt', 425)
      const listing = String(await client.fetch('NLST'))
      return [converted, await client.ftp.files.read('b.txt', 'utf8'), listing]
    })
  })

  test('the end of the client, before its command and behind it', async () => {
    await compared(async (client) => {
      await client.ftp.files.write('a.txt', 'text')
      const codes: number[] = []
      for (const command of ['RETR a.txt', 'STOR b.txt']) {
        const ended = (await client.passive()).end()
        await once(ended, 'finish')
        await client.command(command, 125)
        codes.push((await client.raw.reply()).code)
        ended.destroy()
        const reset = await client.passive()
        reset.resetAndDestroy()
        await once(reset, 'close')
        await client.command(command, 125)
        codes.push((await client.raw.reply()).code)
      }
      return codes
    })
  })

  test('ABOR amid an upload and a new PASV in place of a connection', async () => {
    await compared(async (client) => {
      for (const piece of [undefined, 'some', Buffer.alloc(100_000)]) {
        const data = await client.passive()
        await client.command('STOR a.bin', 125)
        if (piece !== undefined) await new Promise((resolve) => data.write(piece, resolve))
        await client.command('ABOR', 426)
        await client.raw.expect(226)
        data.destroy()
      }
      const [first, second] = [await client.passive(), await client.passive()]
      await readAll(first)
      await client.command('ABOR', 225)
      await readAll(second)
    })
  })
})
