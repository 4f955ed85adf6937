import { once } from 'node:events'
import { appendFileSync, truncateSync } from 'node:fs'
import { constants } from 'node:os'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { AbstractedFS, type OpenFile, type OpenMode } from '../../src/server.ts'
import { openBelow, tempTree } from '../filesystems/temp-tree.ts'
import { openSockets, socketsSince } from '../support/descriptors.ts'
import { ending, RawClient, readAll } from '../support/raw-client.ts'
import { smallDisk } from '../support/small-disk.ts'
import { system } from '../support/sockets-spy.ts'

vi.mock('../../src/native/sockets.ts', async (importOriginal) => {
  const { system } = await import('../support/sockets-spy.ts')
  return system.watch(await importOriginal())
})
vi.mock('../../src/ioloop/clock.ts', async (importOriginal) => {
  const { system } = await import('../support/sockets-spy.ts')
  return system.wait(await importOriginal())
})

const { EAGAIN, ECONNRESET, EINTR, EPIPE } = constants.errno
const CONTENT = randomBytes('40KiB', { seed: 1 })

beforeEach(() => system.reset())

/** A server and a client, and a look at what they leave. */
async function session(options: Parameters<typeof startFtpServer>[0] = {}) {
  const before = openSockets()
  const ftp = await startFtpServer(options.root === undefined ? { files: { 'a.bin': CONTENT }, ...options } : options)
  const client = await RawClient.login(ftp)
  const [handler] = ftp.server.sessions
  return {
    ftp,
    client,
    handler,
    /** What the last transfer was told to be. */
    last: () => ftp.transcript.transfers().at(-1),
    [Symbol.asyncDispose]: async () => {
      expect(openBelow(ftp.root), 'files left open').toEqual([])
      await client[Symbol.asyncDispose]()
      await ftp.stop().catch(() => {})
      expect(await socketsSince(before), 'sockets left open').toEqual([])
      expect(ftp.server.dataConnections).toBe(0)
    },
  }
}

describe.runIf(system.isPresent)('a small download', () => {
  test.each([0, 1, 1000, 40 * 1024 - 1])('of which the kernel takes %d bytes goes on as a socket', async (taken) => {
    await using peers = await session()
    system.sendInstead = (real, fd, bytes) => real(fd, bytes, taken)
    expect((await peers.client.fetch('RETR a.bin')).equals(CONTENT)).toBe(true)
    expect(system.sent).toEqual([taken])
    expect(peers.last()).toMatchObject({ bytes: CONTENT.length, outcome: 'completed' })
  })

  test.each([EAGAIN, EINTR])('for which there is no room now (%d) does too', async (errno) => {
    await using peers = await session()
    system.sendInstead = () => -errno
    expect((await peers.client.fetch('RETR a.bin')).equals(CONTENT)).toBe(true)
    expect(peers.last()).toMatchObject({ bytes: CONTENT.length, outcome: 'completed' })
  })

  test.each([EPIPE, ECONNRESET])('to a client that is gone (%d) is 426', async (errno) => {
    await using peers = await session()
    system.sendInstead = () => -errno
    const data = await peers.client.passive()
    await peers.client.command('RETR a.bin', 125)
    await peers.client.expect(426)
    await readAll(data)
    expect(peers.last()).toMatchObject({ bytes: 0, outcome: 'failed' })
    system.sendInstead = undefined
    expect((await peers.client.fetch('RETR a.bin')).equals(CONTENT)).toBe(true)
  })

  test('that grows or shrinks behind its opening is sent as it is then', async () => {
    class Changing extends AbstractedFS {
      override open(name: string, mode: OpenMode) {
        const file = super.open(name, mode)
        if (name.includes('grows')) appendFileSync(this.ftp2fs(name), CONTENT)
        else if (name.includes('shrinks')) truncateSync(this.ftp2fs(name), 10)
        return file
      }
    }
    const files = { 'grows.bin': CONTENT, 'shrinks.bin': CONTENT, 'shrinks-away.bin': CONTENT }
    await using peers = await session({ abstractedFs: Changing, files })
    expect((await peers.client.fetch('RETR grows.bin')).equals(Buffer.concat([CONTENT, CONTENT]))).toBe(true)
    expect(system.sent).toEqual([])
    expect((await peers.client.fetch('RETR shrinks.bin')).equals(CONTENT.subarray(0, 10))).toBe(true)
    await peers.client.command('REST 100', 350)
    expect((await peers.client.fetch('RETR shrinks-away.bin')).length).toBe(0)
    expect(system.sent).toEqual([10, 0])
  })

  test('whose client sends something arrives whole, and one that never stops holds up nobody', async () => {
    await using peers = await session()
    const data = await peers.client.passive()
    await new Promise((resolve) => data.write('what nobody reads', resolve))
    const bytes = readAll(data)
    await peers.client.command('RETR a.bin', 125)
    await peers.client.expect(226)
    expect((await bytes).equals(CONTENT)).toBe(true)
    expect(system.received).toEqual(['what nobody reads'.length, -EAGAIN])
    system.receiveInstead = () => 1
    const endless = readAll(await peers.client.passive())
    await peers.client.command('RETR a.bin', 125)
    await peers.client.expect(226)
    await endless
    expect(system.received.length).toBeLessThan(20)
  })

  test('is told behind its preliminary reply, and what comes in the same segment is answered behind both', async () => {
    await using peers = await session()
    const { client, ftp } = peers
    const data = readAll(await client.passive())
    client.send('RETR a.bin\r\nNOOP\r\nRETR a.bin\r\nABOR\r\nQUIT')
    for (const code of [125, 226, 200, 425, 225, 221]) await client.expect(code)
    expect((await data).equals(CONTENT)).toBe(true)
    const types = ftp.transcript.events.map((event) => (event.type === 'reply' ? event.code : event.type))
    const start = types.indexOf('data-open')
    expect(types.slice(start, start + 7)).toEqual(['data-open', 'command', 125, 'transfer', 226, 'command', 200])
  })

  test('that a rule matches goes the way of the rule, though none was there at PASV', async () => {
    await using peers = await session()
    const data = await peers.client.passive()
    peers.ftp.use({ rules: [{ when: { command: 'RETR' }, times: 1, then: { truncate: { after: 3 } } }] })
    await peers.client.command('RETR a.bin', 125)
    expect((await readAll(data)).length).toBe(3)
    await peers.client.expect(226)
    expect(system.sent).toEqual([])
    expect((await peers.client.fetch('RETR a.bin')).equals(CONTENT)).toBe(true)
    expect(system.sent).toEqual([CONTENT.length])
  })
})

describe.runIf(system.isPresent)('a small upload', () => {
  test('onto a full disk is 452, and the session goes on', async (context) => {
    using small = smallDisk(await tempTree())
    if (small === undefined) return context.skip('only root can mount a small disk')
    await using peers = await session({ root: small.disk })
    await peers.client.store('STOR most.bin', Buffer.alloc(60 * 1024))
    const data = await peers.client.passive()
    await peers.client.command('STOR rest.bin', 125)
    data.end(CONTENT)
    await peers.client.expect(452)
    data.destroy()
    expect(peers.last()).toMatchObject({ outcome: 'failed' })
    await peers.client.store('STOR most.bin', '')
    await peers.client.store('STOR rest.bin', CONTENT)
    expect(system.received.length).toBeGreaterThan(0)
  })

  test('that a rule matches goes the way of the rule', async () => {
    await using peers = await session()
    const data = await peers.client.passive()
    peers.ftp.use({ rules: [{ when: { command: 'STOR' }, times: 1, then: { truncate: { after: 3 } } }] })
    await peers.client.command('STOR b.bin', 125)
    data.end(CONTENT)
    await peers.client.reply()
    data.destroy()
    expect((await peers.ftp.files.read('b.bin')).length).toBe(3)
    expect(system.received).toEqual([])
  })

  test('that a reset ends is 426, with what came before it', async () => {
    await using peers = await session()
    const data = await peers.client.passive()
    await peers.client.command('STOR b.bin', 125)
    await new Promise((resolve) => data.write('some', resolve))
    data.resetAndDestroy()
    await peers.client.expect(426)
    expect(peers.last()).toMatchObject({ outcome: 'failed', bytes: 4 })
  })

  test('of which some comes late goes on as a socket', async () => {
    await using peers = await session()
    for (const first of ['', 'first']) {
      const data = await peers.client.passive()
      await peers.client.command('STOR b.bin', 125)
      if (first !== '') await new Promise((resolve) => data.write(first, resolve))
      for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate)
      data.end('late')
      await peers.client.expect(226)
      data.destroy()
      expect(await peers.ftp.files.read('b.bin', 'utf8')).toBe(`${first}late`)
      expect(system.received.at(-1)).toBe(-EAGAIN)
    }
  })

  test('of which the last is more than a read’s worth goes on as a socket', async () => {
    await using peers = await session()
    const content = randomBytes('65KiB', { seed: 3 })
    const data = await peers.client.passive()
    data.end(content)
    await once(data, 'finish')
    await peers.client.command('STOR b.bin', 125)
    await peers.client.expect(226)
    data.destroy()
    expect((await peers.ftp.files.read('b.bin')).equals(content)).toBe(true)
    expect(system.received.reduce((sum, count) => sum + count, 0)).toBe(64 * 1024)
  })

  test('that ABOR ends leaves neither file nor connection open', async () => {
    await using peers = await session()
    let asked = 0
    system.receiveInstead = () => {
      // Amid its turns: the socket has not been made.
      if (++asked === 3) void peers.handler?.session.dataConnection.close()
      return -EAGAIN
    }
    const data = await peers.client.passive()
    const end = ending(data)
    await peers.client.command('STOR b.bin', 125)
    await peers.client.expect(426)
    expect(await end).toBe('FIN')
    data.destroy()
    expect(asked).toBe(3)
    expect(peers.last()).toMatchObject({ outcome: 'aborted' })
    expect(peers.ftp.transcript.events.filter(({ type }) => type === 'error')).toEqual([])
  })
})

/** A file of the host whose closing is somebody’s own. */
function closing(close: (file: OpenFile) => void | Promise<void>) {
  return class extends AbstractedFS {
    override async open(name: string, mode: OpenMode): Promise<OpenFile> {
      const file = await super.open(name, mode)
      const { path: shown, size, fd } = file
      return {
        ...{ path: shown, size, ...(fd !== undefined && { fd }) },
        ...{ seek: (at) => file.seek(at), read: (into) => file.read(into), write: (bytes) => file.write(bytes) },
        close: () => close(file),
      }
    }
  }
}

describe.runIf(system.isPresent)('a file with a close() of its own', () => {
  test('that takes its time: 226 comes behind it, and the connection is not closed before', async () => {
    const abstractedFs = closing(async (file) => {
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
      await file.close()
    })
    await using peers = await session({ abstractedFs })
    const data = readAll(await peers.client.passive())
    peers.client.send('RETR a.bin\r\nQUIT')
    for (const code of [125, 221, 226]) await peers.client.expect(code)
    expect((await data).equals(CONTENT)).toBe(true)
  })

  test.each(['throws', 'rejects'])('that %s: 4xx, and the session goes on', async (how) => {
    const abstractedFs = closing((file) => {
      file.close()
      const error = Object.assign(new Error('EIO'), { code: 'EIO', errno: -5, syscall: 'close' })
      if (how === 'throws') throw error
      return Promise.reject(error)
    })
    await using peers = await session({ abstractedFs })
    const data = readAll(await peers.client.passive())
    await peers.client.command('RETR a.bin', 125, 150)
    await peers.client.expect(451)
    await data
    await peers.client.command('NOOP', 200)
    expect(peers.last()).toMatchObject({ outcome: 'failed' })
  })
})
