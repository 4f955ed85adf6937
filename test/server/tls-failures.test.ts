import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import { describe, expect, test, vi } from 'vitest'
import type { FtpFixture, StartFtpServerOptions } from '../../src/index.ts'
import { DummyAuthorizer, FTPServer, type FtpEvent, TLS_FTPHandler } from '../../src/server.ts'
import {
  encrypted,
  failures,
  fetchOver,
  ftpsFixture,
  implicit,
  logIn,
  only,
  protectedData,
  secured,
  storeOver,
  trusting,
} from '../support/ftps.ts'
import { overTls, RawClient } from '../support/raw-client.ts'

/** A fatal alert (RFC 8446 §6) where a ClientHello should be. */
const ALERT = Buffer.from([21, 3, 3, 0, 2, 2, 48])

/** Ways in which a client spoils a handshake, and what is told of it. */
const SPOILS: Readonly<Record<string, { act(socket: Socket): unknown; reason: RegExp }>> = {
  'speaks in clear': { act: (socket) => socket.write('USER user\r\n'.repeat(3)), reason: /^wrong version number$/ },
  'sends garbage': { act: (socket) => socket.write(Buffer.alloc(64, 0xaa)), reason: /^[a-z /]+$/ },
  'ends the connection': { act: (socket) => socket.end(), reason: /^the client closed the connection$/ },
  'resets the connection': { act: (socket) => socket.resetAndDestroy(), reason: /closed|ECONNRESET/ },
  'has no version in common': {
    act: (socket) => overTls(socket, { rejectUnauthorized: false, ...only('TLSv1.2') }).catch(() => {}),
    reason: /^unsupported protocol$/,
  },
  'sends an alert': { act: (socket) => socket.write(ALERT), reason: /^unexpected message$/ },
}

const spoils = Object.entries(SPOILS)

/** Alone TLS 1.3, and no hurry. */
function strict(options: StartFtpServerOptions = {}): Promise<FtpFixture> {
  return ftpsFixture({ implicitTls: false, ...options, clock: 'manual' })
}

/** What a session must not have left behind. */
async function expectGone(ftp: FtpFixture, session = 1): Promise<void> {
  const { error = '' } = await ftp.waitFor({ type: 'disconnect', session })
  expect(error, 'an error without places in source files').not.toMatch(/error:|\.c:/)
  expect(ftp.server.sessions.size).toBe(0)
  expect(ftp.transcript.events.filter(({ type }) => type === 'error')).toEqual([])
  expect(ftp.server.ioloop.pending).toBe(0)
  await ftp.stop()
}

/** Has its own certificate, and TLS 1.3 only. */
async function contextOf(ftp: FtpFixture): Promise<void> {
  const { certfile } = await import('../support/certificates.ts')
  ftp.server.configure({ sslContext: undefined, certfile, sslProtocol: 'TLSv1.3' })
}

describe('on the control connection', () => {
  test.each(spoils)('behind AUTH, a client that %s is gone, and the server lives', async (_name, { act, reason }) => {
    await using ftp = await strict()
    await contextOf(ftp)
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    await client.command('AUTH TLS', 234)
    client.socket.removeAllListeners('data')
    act(client.socket)
    await ftp.waitFor({ type: 'tls-failed' })
    expect(failures(ftp)).toMatchObject([{ connection: 'control', session: 1 }])
    expect(failures(ftp)[0]?.reason).toMatch(reason)
    await expectGone(ftp)
  })

  test.each(spoils)('with implicit TLS, a client that %s is gone too', async (_name, { act, reason }) => {
    await using ftp = await strict({ implicitTls: true })
    await contextOf(ftp)
    await using client = await RawClient.connect(ftp)
    client.socket.removeAllListeners('data')
    act(client.socket)
    await ftp.waitFor({ type: 'tls-failed' })
    expect(failures(ftp)[0]?.reason).toMatch(reason)
    expect(ftp.transcript.replies()).toEqual([])
    await expectGone(ftp)
  })

  test('a client that ends behind AUTH, in one segment with it', async () => {
    await using ftp = await strict()
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    client.socket.end('AUTH TLS\r\n')
    await client.closed()
    await expectGone(ftp)
  })

  test('tlsHandshakeTimeout', async () => {
    await using ftp = await strict({ tlsHandshakeTimeout: '10s', timeout: 0 })
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    await client.command('AUTH TLS', 234)
    client.socket.write(Buffer.from([0x16, 3, 1]))
    await ftp.clock.advance(9999)
    expect(failures(ftp)).toEqual([])
    await ftp.clock.advance(1)
    await client.closed()
    expect(failures(ftp)).toMatchObject([{ connection: 'control', reason: 'no handshake within 10000 ms' }])
    await expectGone(ftp)
  })

  test('tlsHandshakeTimeout counts while replies from before AUTH are not read', async () => {
    const sockets: Socket[] = []
    class Kept extends TLS_FTPHandler {
      constructor(socket: Socket, server: FTPServer, id: number) {
        super(socket, server, id)
        sockets.push(socket)
      }
    }
    await using ftp = await strict({ handler: Kept, tlsHandshakeTimeout: '10s', timeout: 0 })
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    client.socket.pause()
    for (let asked = 20; sockets[0]?.writableLength === 0; asked += 20) {
      client.socket.write('HELP\r\n'.repeat(20))
      await vi.waitUntil(() => ftp.transcript.replies().length > asked, { interval: 1 })
    }
    client.send('AUTH TLS')
    await ftp.waitFor((event) => event.type === 'reply' && event.code === 234)
    await ftp.clock.advance(9999)
    expect(ftp.server.sessions.size).toBe(1)
    await ftp.clock.advance(1)
    expect(await ftp.waitFor({ type: 'disconnect' })).toMatchObject({ error: 'no handshake within 10000 ms' })
    await expectGone(ftp)
  })

  test('tlsHandshakeTimeout: 0 is never', async () => {
    await using ftp = await strict({ tlsHandshakeTimeout: 0, implicitTls: true, timeout: '1m' })
    await using client = await RawClient.connect(ftp)
    await ftp.clock.advance('24h')
    await client.startTls(trusting(ftp))
    await client.expect(220)
  })

  test.each(['1s', '10s', 0] as const)(
    'one that is turned away is not waited for long, with tlsHandshakeTimeout: %j',
    async (given) => {
      await using ftp = await strict({ implicitTls: true, maxCons: 1, tlsHandshakeTimeout: given })
      await using first = await implicit(ftp)
      await first.expect(220)
      await using second = await RawClient.connect(ftp)
      await ftp.waitFor({ type: 'limit' })
      await ftp.clock.advance(given === '1s' ? 999 : 1999)
      expect(failures(ftp)).toEqual([])
      await ftp.clock.advance(1)
      await second.closed()
      await first.command('QUIT', 221)
      await ftp.waitFor({ type: 'disconnect', session: 1 })
      await expectGone(ftp, 2)
    },
  )

  test('places are given back', async () => {
    await using ftp = await ftpsFixture({ maxCons: 1 })
    for (const session of [1, 2, 3]) {
      await using client = await RawClient.connect(ftp)
      await client.expect(220)
      await client.command('AUTH TLS', 234)
      client.socket.write('no hello, this\r\n')
      await client.closed()
      await ftp.waitFor({ type: 'disconnect', session })
    }
    await using last = await encrypted(ftp)
    await last.command('NOOP', 200)
  })

  test('a server that is stopped amid a handshake stops', async () => {
    await using ftp = await ftpsFixture()
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    await client.command('AUTH TLS', 234)
    expect(await ftp.stop()).toEqual({ sessions: 1, transfers: 0, unfired: [] })
    await client.closed()
  })

  test('what comes in clear once all is encrypted ends the session', async () => {
    await using ftp = await ftpsFixture()
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    const plain = client.socket
    await client.secure(trusting(ftp))
    await client.command('NOOP', 200)
    plain.on('error', () => {})
    const { _handle: handle } = client.socket as unknown as { _handle: { _parent: { fd: number } } }
    const { writeSync } = await import('node:fs')
    writeSync(handle._parent.fd, 'USER injected\r\n'.repeat(4))
    await client.closed()
    await ftp.waitFor({ type: 'disconnect' })
    expect(ftp.transcript.commands({ verb: 'USER' })).toEqual([])
  })
})

describe('commands in clear behind AUTH are never executed', () => {
  test('in the same segment', async () => {
    await using ftp = await ftpsFixture()
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    client.socket.write('AUTH TLS\r\nUSER injected\r\nPASS x\r\nSTAT\r\nUSER inj')
    await client.expect(234)
    await client.startTls(trusting(ftp))
    expect((await client.command('NOOP')).text).toBe('200 NOOP ok.')
    await logIn(client)
    expect(ftp.transcript.commands().map(({ verb }) => verb)).toEqual(['AUTH', 'NOOP', 'USER', 'PASS', 'TYPE'])
  })

  test('in a segment of its own that is there before the 234', async () => {
    let proceed = () => {}
    class Handler extends TLS_FTPHandler {
      override onConnect(): Promise<void> {
        return new Promise((resolve) => {
          proceed = resolve
        })
      }
    }
    const authorizer = new DummyAuthorizer()
    authorizer.addUser('user', '12345', '/')
    const events: FtpEvent[] = []
    const { certfile } = await import('../support/certificates.ts')
    const listener = createServer().listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const onEvent = (event: FtpEvent) => void events.push(event)
    await using server = new FTPServer(listener, Handler, { authorizer, certfile, onEvent })
    const accepted = once(listener, 'connection') as Promise<[Socket]>
    await using client = await RawClient.connect(server.address)
    const [socket] = await accepted
    for (const line of ['AUTH TLS\r\n', 'USER injected\r\n', 'NOOP\r\n']) {
      const before = socket.bytesRead
      client.socket.write(line)
      await vi.waitUntil(() => socket.bytesRead === before + line.length)
    }
    proceed()
    await client.expect(220)
    await client.expect(234)
    await client.startTls({ rejectUnauthorized: false })
    await client.command('USER user', 331)
    const verbs = events.filter((event) => event.type === 'command').map(({ verb, argument }) => `${verb} ${argument}`)
    expect(verbs).toEqual(['AUTH TLS', 'USER user'])
  })
})

describe('on a data connection', () => {
  test.each(spoils)('a client that %s gets 522, and the session goes on', async (_name, { act, reason }) => {
    await using ftp = await strict()
    await contextOf(ftp)
    await using client = await secured(ftp, { rejectUnauthorized: false })
    for (const [number, command] of ['RETR a.txt', 'LIST', 'STOR b.txt'].entries()) {
      const data = await client.passive()
      if (number % 2 === 0) await client.command(command, 125, 150)
      act(data)
      data.resume()
      if (number % 2 === 1) await client.command(command, 125, 150)
      expect((await client.expect(522)).text).toBe('522 TLS negotiation failed on the data connection.')
      data.destroy()
    }
    expect(failures(ftp)).toMatchObject(Array(3).fill({ connection: 'data', session: 1 }))
    expect(failures(ftp)[0]?.reason).toMatch(reason)
    expect(ftp.server.dataConnections).toBe(0)
    const data = await protectedData(client, { rejectUnauthorized: false })
    await storeOver(client, data, 'STOR b.txt', 'at last')
    expect(await ftp.files.read('b.txt', 'utf8')).toBe('at last')
    expect(ftp.transcript.transfers().map(({ outcome }) => outcome)).toEqual([
      'failed',
      'failed',
      'failed',
      'completed',
    ])
  })

  test('tlsHandshakeTimeout', async () => {
    await using ftp = await strict({ tlsHandshakeTimeout: '10s', dataTimeout: '1s' })
    await using client = await secured(ftp)
    for (const open of [() => client.passive(), () => client.active()]) {
      const data = await open()
      await client.command('RETR a.txt', 125, 150)
      await ftp.clock.advance(9999)
      await client.command('NOOP', 200)
      await ftp.clock.advance(1)
      await client.expect(522)
      data.destroy()
    }
    expect(failures(ftp)).toMatchObject(Array(2).fill({ connection: 'data', reason: 'no handshake within 10000 ms' }))
    expect(ftp.server.dataConnections).toBe(0)
  })

  test('ABOR amid a handshake is 426 and 226', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp)
    const data = await client.passive()
    await client.command('RETR a.txt', 125, 150)
    await client.command('ABOR', 426)
    await client.expect(226)
    data.destroy()
    const next = await protectedData(client, trusting(ftp))
    expect(String(await fetchOver(client, next, 'RETR a.txt'))).toBe('over the wire\n')
  })
})

describe('a function for sslContext that throws', () => {
  const refusing = (allowed: () => string) => async (ftp: FtpFixture) => {
    const { certificate } = await import('../support/certificates.ts')
    const context = createSecureContext({ cert: certificate, key: certificate })
    ftp.server.configure({
      sslContext: (name) => {
        if (name !== allowed()) throw new Error(`nobody is called "${name}" here`)
        return context
      },
    })
  }

  test('for a name: who asks for it is turned away', async () => {
    await using ftp = await ftpsFixture()
    await refusing(() => '')(ftp)
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    await client.command('AUTH TLS', 234)
    await expect(client.startTls({ rejectUnauthorized: false, servername: 'elsewhere' })).rejects.toThrow()
    await ftp.waitFor({ type: 'disconnect' })
    expect(failures(ftp)).toMatchObject([{ reason: 'sslContext: nobody is called "elsewhere" here' }])
    await expectGone(ftp)
  })

  test('at any time: control connections are closed, data connections are 522', async () => {
    let allowed = ''
    await using ftp = await ftpsFixture()
    await refusing(() => allowed)(ftp)
    await using client = await secured(ftp, { rejectUnauthorized: false })
    allowed = 'nobody'
    const data = await client.passive()
    await client.command('RETR a.txt', 125, 150)
    await client.expect(522)
    data.destroy()
    await client.command('NOOP', 200)
    await using other = await RawClient.connect(ftp)
    await other.expect(220)
    await other.command('AUTH TLS', 234)
    await other.closed()
    await client.command('QUIT', 221)
    await ftp.waitFor({ type: 'disconnect', session: 1 })
    expect(failures(ftp).map(({ connection }) => connection)).toEqual(['data', 'control'])
    await expectGone(ftp, 2)
  })
})
