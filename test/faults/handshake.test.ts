import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { FtpFixture } from '../../src/index.ts'
import { dataWays, expectWell, openData } from '../support/data-ways.ts'
import { encryptions, failures, ftpsFixture, logIn, secured, trusting } from '../support/ftps.ts'
import { ending, overTls, RawClient } from '../support/raw-client.ts'

/** How one begins: the record (RFC 8446 §5.1) and the kind of message; more is not waited for. */
const CLIENT_HELLO = Buffer.from([22, 3, 1, 2, 0, 1])

/** A client whose control connection is about to be encrypted. */
async function beforeTls(ftp: FtpFixture): Promise<RawClient> {
  const client = await RawClient.connect(ftp)
  if (ftp.server.options.implicitTls) return client
  await client.expect(220)
  await client.command('AUTH TLS', 234)
  return client
}

/** Checks that a client can encrypt its control connection and log in. */
async function expectControl(ftp: FtpFixture): Promise<void> {
  await using client = await beforeTls(ftp)
  await client.startTls(trusting(ftp))
  if (ftp.server.options.implicitTls) await client.expect(220)
  await logIn(client)
}

describe.each([
  { name: 'AUTH TLS', implicitTls: false },
  { name: 'implicit TLS', implicitTls: true },
])('on the control connection, $name', ({ implicitTls }) => {
  test('stall for a time: the handshake is done then', async () => {
    await using ftp = await ftpsFixture({ clock: 'manual', implicitTls })
    ftp.use({ rules: [{ times: 1, then: { handshake: { stall: '5s' } } }] })
    await using client = await beforeTls(ftp)
    const plain = client.socket
    const before = plain.bytesRead
    const started = client.startTls(trusting(ftp))
    expect(await ftp.waitFor({ type: 'fault' })).toMatchObject({
      effect: 'handshake of the control connection left alone for 5000 ms',
    })
    await ftp.clock.advance('4999ms')
    expect(plain.bytesRead).toBe(before)
    await ftp.clock.advance('1ms')
    await started
    if (implicitTls) await client.expect(220)
    await logIn(client)
    await expectControl(ftp)
  })

  test('stall for ever: the server’s own limit ends it', async () => {
    await using ftp = await ftpsFixture({ clock: 'manual', implicitTls })
    ftp.use({ rules: [{ times: 1, then: { handshake: { stall: 'forever', on: 'control' } } }] })
    await using client = await beforeTls(ftp)
    const started = client.startTls(trusting(ftp)).catch(() => 'failed')
    await ftp.waitFor({ type: 'fault' })
    await ftp.clock.advance(ftp.server.options.tlsHandshakeTimeout)
    expect(await started).toBe('failed')
    expect(await ftp.waitFor({ type: 'disconnect' })).toMatchObject({ error: 'no handshake within 30000 ms' })
    expect(encryptions(ftp)).toEqual([])
    await expectControl(ftp)
  })

  test('stall for ever, and no limit: until the client goes, or the server stops', async () => {
    await using ftp = await ftpsFixture({ clock: 'manual', implicitTls, tlsHandshakeTimeout: 0 })
    ftp.use({ rules: [{ then: { handshake: { stall: 'forever' } } }] })
    await using client = await beforeTls(ftp)
    client.socket.write('hello')
    const first = await ftp.waitFor({ type: 'fault' })
    await ftp.clock.advance('1h')
    client.socket.destroy()
    await using other = await beforeTls(ftp)
    await ftp.waitFor({ type: 'fault' }, { after: first })
    expect(await ftp.stop()).toMatchObject({ transfers: 0 })
    await other.closed()
  })

  test.each(['fin', 'rst'] as const)('cut by %s behind the ClientHello', async (how) => {
    await using ftp = await ftpsFixture({ implicitTls })
    ftp.use({ rules: [{ times: 1, then: { handshake: { cut: how } } }] })
    await using client = await beforeTls(ftp)
    const plain = client.socket
    const before = plain.bytesRead
    const end = ending(plain)
    plain.write(CLIENT_HELLO)
    expect(await end).toBe(how.toUpperCase())
    expect(plain.bytesRead).toBe(before)
    expect(await ftp.waitFor({ type: 'fault' })).toMatchObject({
      effect: `control connection ended by ${how.toUpperCase()} behind the ClientHello`,
    })
    await ftp.waitFor({ type: 'disconnect' })
    expect([encryptions(ftp), failures(ftp)]).toEqual([[], []])
    await expectControl(ftp)
  })
})

const securedWays = dataWays.filter(({ protection }) => protection === 'P')

describe.each(securedWays)('on the data connection, $verb', (way) => {
  test('stall for a time', async () => {
    await using ftp = await ftpsFixture({ clock: 'manual' })
    ftp.use({ rules: [{ times: 1, then: { handshake: { stall: '5s', on: 'data' } } }] })
    await using client = await secured(ftp)
    const plain = await openData(client, way)
    const shaken = overTls(plain, trusting(ftp))
    await client.command('RETR a.txt', 125)
    await ftp.waitFor({ type: 'fault', effect: 'handshake of the data connection left alone for 5000 ms' })
    await ftp.clock.advance('4999ms')
    expect(plain.bytesRead).toBe(0)
    await ftp.clock.advance('1ms')
    const [content] = await once(await shaken, 'data')
    expect(String(content)).toBe('over the wire\n')
    await client.expect(226)
    ;(await shaken).destroy()
    await expectWell(ftp, client, way)
  })

  test('stall for ever: the server’s own limit ends it', async () => {
    await using ftp = await ftpsFixture({ clock: 'manual' })
    ftp.use({ rules: [{ times: 1, then: { handshake: { stall: 'forever', on: 'data' } } }] })
    await using client = await secured(ftp)
    const plain = await openData(client, way)
    const shaken = overTls(plain, trusting(ftp)).catch(() => 'failed')
    await client.command('RETR a.txt', 125)
    await ftp.waitFor({ type: 'fault' })
    await ftp.clock.advance(ftp.server.options.tlsHandshakeTimeout)
    await client.expect(522)
    expect(await shaken).toBe('failed')
    expect(plain.bytesRead).toBe(0)
    await expectWell(ftp, client, way)
  })

  test.each(['fin', 'rst'] as const)('cut by %s behind the ClientHello', async (how) => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [{ times: 1, then: { handshake: { cut: how, on: 'data' } } }] })
    await using client = await secured(ftp)
    const plain = await openData(client, way)
    const end = ending(plain)
    plain.write(CLIENT_HELLO)
    expect(await end).toBe(how.toUpperCase())
    expect(plain.bytesRead).toBe(0)
    await client.command('RETR a.txt', 125)
    await client.expect(522)
    expect(await ftp.waitFor({ type: 'fault' })).toMatchObject({
      verb: way.verb,
      effect: `data connection ended by ${how.toUpperCase()} behind the ClientHello`,
    })
    plain.destroy()
    await expectWell(ftp, client, way)
  })
})

test('a client that ends the connection in place of a handshake is no fault', async () => {
  await using ftp = await ftpsFixture()
  ftp.use({ rules: [{ then: { handshake: { cut: 'rst', on: 'data' } } }] })
  await using client = await secured(ftp)
  const data = await client.passive()
  data.resume().end()
  await once(data, 'close')
  await client.command('RETR a.txt', 125)
  await client.expect(522)
  expect(ftp.transcript.events.filter(({ type }) => type === 'fault')).toEqual([])
})

test('what has no handshake does not use it up', async () => {
  await using ftp = await ftpsFixture()
  ftp.use({ rules: [{ times: 1, then: { handshake: { cut: 'fin', on: 'data' } } }] })
  await using plain = await RawClient.login(ftp)
  await expectWell(ftp, plain, { verb: 'PASV', protection: 'C' })
  await using client = await secured(ftp)
  const data = await client.passive()
  const end = ending(data)
  data.write(CLIENT_HELLO)
  expect(await end).toBe('FIN')
  data.destroy()
})

test.each([{}, { stall: '5s', cut: 'fin' }, { cut: 'half' }, { stall: 'x' }, { stall: '5s', on: 'both' }])(
  '%j is refused',
  async (handshake) => {
    await using ftp = await ftpsFixture()
    expect(() => ftp.use({ rules: [{ then: { handshake: handshake as never } }] })).toThrow(/handshake/)
  },
)
