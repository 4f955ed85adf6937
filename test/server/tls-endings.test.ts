import { once } from 'node:events'
import type { TLSSocket } from 'node:tls'
import { describe, expect, test, vi } from 'vitest'
import type { FtpFixture } from '../../src/index.ts'
import { fetchOver, ftpsFixture, logIn, only, protectedData, secured, Tap, trusting } from '../support/ftps.ts'
import { overTls, RawClient, readAll } from '../support/raw-client.ts'
import { makeHugeFile } from '../support/transfers.ts'

const ALERT_RECORD = 21

/** A passive data connection, encrypted over a `Tap`. */
async function tappedData(client: RawClient, ftp: FtpFixture, version: 'TLSv1.2' | 'TLSv1.3') {
  const tap = new Tap(await client.passive())
  return { tap, data: await overTls(tap, trusting(ftp, only(version))) }
}

// A `Tap` never tells of the end of the connection: what ends all the same was ended by close_notify.
describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: close_notify is said', (version) => {
  const expectAlert = (tap: Tap) => {
    if (version === 'TLSv1.2') expect(tap.records.at(-1)).toBe(ALERT_RECORD)
  }

  test.each(['RETR a.txt', 'RETR empty.bin', 'RETR big.bin', 'LIST', 'NLST', 'MLSD'])('behind %s', async (command) => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp, only(version))
    const { tap, data } = await tappedData(client, ftp, version)
    await fetchOver(client, data, command)
    expectAlert(tap)
  })

  // As Python's ftplib does it. A transfer that begins with the end of the handshake must not end amid it.
  test.each(['RETR a.txt', 'RETR empty.bin', 'LIST', 'NLST', 'STOR b.txt'])(
    'behind %s before the handshake',
    async (command) => {
      await using ftp = await ftpsFixture()
      await using client = await secured(ftp, only(version))
      const tap = new Tap(await client.passive())
      await client.command(command, 125, 150)
      const data = await overTls(tap, trusting(ftp, only(version)))
      if (command.startsWith('STOR')) data.end()
      await readAll(data)
      await client.expect(226)
      expectAlert(tap)
    },
  )

  test.each(['STOR b.txt', 'APPE a.txt', 'STOU'])('behind %s', async (command) => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp, only(version))
    const { tap, data } = await tappedData(client, ftp, version)
    const rest = readAll(data)
    await client.command(command, 125, 150)
    data.end('uploaded')
    expect(await rest).toHaveLength(0)
    await client.expect(226)
    expectAlert(tap)
  })

  test('behind QUIT, and at the end of a session that was silent', async () => {
    await using ftp = await ftpsFixture({ clock: 'manual', timeout: '5m' })
    for (const leave of [(client: RawClient) => client.command('QUIT', 221), () => ftp.clock.advance('5m')]) {
      const client = await RawClient.connect(ftp)
      await client.expect(220)
      await client.command('AUTH TLS', 234)
      client.socket.removeAllListeners('data')
      const tap = new Tap(client.socket)
      const socket = await overTls(tap, trusting(ftp, only(version)))
      const lines = readAll(socket)
      if (leave.length === 0) await leave(client)
      else socket.write('QUIT\r\n')
      expect(String(await lines)).toMatch(/^(221|421) .*\r\n$/)
      expectAlert(tap)
    }
  })
})

test('a client of implicit TLS that is turned away gets its close_notify', async () => {
  await using ftp = await ftpsFixture({ implicitTls: true, maxCons: 1 })
  await using _first = await RawClient.connect(ftp)
  await ftp.waitFor({ type: 'connect' })
  const second = await RawClient.connect(ftp)
  second.socket.removeAllListeners('data')
  const socket = await overTls(new Tap(second.socket), trusting(ftp))
  expect(String(await readAll(socket))).toMatch(/^421 .*\r\n$/)
})

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', (version) => {
  const versions = only(version)

  test('ABOR during a download and during an upload', async () => {
    await using ftp = await ftpsFixture()
    makeHugeFile(ftp, 'huge.bin')
    await using client = await secured(ftp, versions)
    for (const command of ['RETR huge.bin', 'STOR up.bin']) {
      const data = await protectedData(client, trusting(ftp, versions))
      data.pause()
      await client.command(command, 125, 150)
      if (command.startsWith('STOR')) data.write(Buffer.alloc(100_000))
      await client.command('ABOR', 426)
      await client.expect(226)
      data.destroy()
    }
    const data = await protectedData(client, trusting(ftp, versions))
    expect(String(await fetchOver(client, data, 'RETR a.txt'))).toBe('over the wire\n')
    expect(ftp.server.dataConnections).toBe(0)
    expect(ftp.transcript.transfers().map(({ outcome }) => outcome)).toEqual(['aborted', 'aborted', 'completed'])
  })

  test('a client that closes amid a download gets 426', async () => {
    await using ftp = await ftpsFixture()
    makeHugeFile(ftp, 'huge.bin')
    await using client = await secured(ftp, versions)
    const data = await protectedData(client, trusting(ftp, versions))
    data.pause()
    await client.command('RETR huge.bin', 125, 150)
    data.destroy()
    await client.expect(426)
    await client.command('NOOP', 200)
  })

  test('a client that resets its data connection amid an upload gets 426', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp, versions)
    const plain = await client.passive()
    const data = await overTls(plain, trusting(ftp, versions))
    await client.command('STOR up.bin', 125, 150)
    data.write('the beginning')
    await vi.waitUntil(async () => String(await ftp.files.read('up.bin')) === 'the beginning')
    plain.resetAndDestroy()
    await client.expect(426)
    data.destroy()
  })

  test('bytes that were changed on their way end an upload with 426', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp, versions)
    const plain = await client.passive()
    const tap = new Tap(plain)
    const data = await overTls(tap, trusting(ftp, versions))
    await client.command('STOR up.bin', 125, 150)
    data.write('the beginning')
    await vi.waitUntil(async () => String(await ftp.files.read('up.bin')) === 'the beginning')
    plain.write(Buffer.from([23, 3, 3, 0, 32, ...Buffer.alloc(32, 7)]))
    await client.expect(426)
    expect(ftp.transcript.transfers()).toMatchObject([{ verb: 'STOR', outcome: 'failed', bytes: 13 }])
    data.destroy()
  })

  test('bytes of the control connection that were changed end the session, which says why', async () => {
    await using ftp = await ftpsFixture()
    await using client = await RawClient.connect(ftp)
    const { socket: plain } = client
    await client.expect(220)
    await client.secure(trusting(ftp, versions))
    await client.command('NOOP', 200)
    plain.write(Buffer.from([23, 3, 3, 0, 32, ...Buffer.alloc(32, 7)]))
    const { error } = await ftp.waitFor({ type: 'disconnect' })
    expect(error).toMatch(/^(cipher operation failed|(decryption failed or )?bad record mac)$/)
  })

  test('an upload is whole when its client says close_notify and resets, with tickets of ours unread', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp, versions)
    for (let round = 0; round < 5; round++) {
      const plain = await client.passive()
      const tap = new Tap(plain)
      const data = await overTls(tap, trusting(ftp, versions))
      data.on('error', () => {})
      await client.command('STOR up.bin', 125, 150)
      data.end(Buffer.alloc(100_000, round))
      await once(data, 'finish')
      plain.resetAndDestroy()
      const { code } = await client.reply()
      data.destroy()
      expect(code).toBe(226)
      expect(await ftp.files.read('up.bin')).toEqual(Buffer.alloc(100_000, round))
    }
  })
})

describe('sessions that are resumed', () => {
  /** The session of a client's control connection, to be resumed on its data connections. */
  async function sessionOf(client: RawClient, version: 'TLSv1.2' | 'TLSv1.3', arrived: Promise<unknown[]>) {
    const socket = client.socket as TLSSocket
    if (version === 'TLSv1.2') return socket.getSession()
    // Tickets of TLS 1.3 come behind the handshake.
    const [session] = (await arrived) as [Buffer]
    return session
  }

  async function expectResumed(ftp: FtpFixture, version: 'TLSv1.2' | 'TLSv1.3'): Promise<void> {
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    await client.command('AUTH TLS', 234)
    const starting = client.startTls(trusting(ftp, only(version)))
    const socket = await starting
    const arrived = once(socket, 'session')
    await logIn(client)
    await client.command('PBSZ 0', 200)
    await client.command('PROT P', 200)
    const session = await sessionOf(client, version, arrived)
    for (const command of ['RETR a.txt', 'LIST']) {
      const data = await protectedData(client, { ...trusting(ftp, only(version)), ...(session && { session }) })
      expect(data.isSessionReused()).toBe(true)
      await fetchOver(client, data, command)
    }
    const fresh = await protectedData(client, trusting(ftp, only(version)))
    await fetchOver(client, fresh, 'RETR a.txt')
    const shown = ftp.transcript.events.filter((event) => event.type === 'tls')
    expect(shown.map(({ connection, resumed }) => `${connection} ${resumed}`)).toEqual([
      'control false',
      'data true',
      'data true',
      'data false',
    ])
  }

  test('TLS 1.2, by ticket', async () => {
    await using ftp = await ftpsFixture()
    await expectResumed(ftp, 'TLSv1.2')
  })

  test('TLS 1.3', async () => {
    await using ftp = await ftpsFixture()
    await expectResumed(ftp, 'TLSv1.3')
  })

  test('TLS 1.2, by session id', async () => {
    const { constants } = await import('node:crypto')
    const { certfile } = await import('../support/certificates.ts')
    await using ftp = await ftpsFixture({ certfile, sslOptions: constants.SSL_OP_NO_TICKET })
    const { certificate } = await import('../support/certificates.ts')
    await expectResumed(Object.assign(Object.create(ftp), { ca: String(certificate), host: 'localhost' }), 'TLSv1.2')
  })
})
