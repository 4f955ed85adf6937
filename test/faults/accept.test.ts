import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { wasReset } from '../../src/ioloop/reset.ts'
import { dataWays, expectWell, loggedIn, openData, protect } from '../support/data-ways.ts'
import { ftpsFixture, trusting } from '../support/ftps.ts'
import { ending, overTls, RawClient, readAll } from '../support/raw-client.ts'

const passiveWays = dataWays.filter(({ verb }) => verb === 'PASV' || verb === 'EPSV')

test.each(passiveWays)('refused: $verb, PROT $protection', async (way) => {
  await using ftp = await ftpsFixture({ clock: 'manual' })
  ftp.use({ rules: [{ times: 1, then: { accept: 'refused' } }] })
  await using client = await loggedIn(ftp, way)
  const { host, port } = await client.passiveAddress(way.verb as 'PASV' | 'EPSV')
  const [error] = await once(connect({ host, port }), 'error')
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  await client.command('RETR a.txt', 150)
  await ftp.clock.advance(ftp.server.options.passiveTimeout)
  await client.expect(425)
  expect(await ftp.waitFor({ type: 'fault' })).toMatchObject({
    verb: way.verb,
    effect: `port ${port} is closed: the data connection will be refused`,
  })
  await expectWell(ftp, client, way)
})

test('refused is nothing for active mode, which does not use it up', async () => {
  await using ftp = await ftpsFixture()
  ftp.use({ rules: [{ times: 1, then: { accept: 'refused' } }] })
  await using client = await RawClient.login(ftp)
  await expectWell(ftp, client, { verb: 'PORT', protection: 'C' })
  const { host, port } = await client.passiveAddress()
  const [error] = await once(connect({ host, port }), 'error')
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
})

describe.each(dataWays)('$verb, PROT $protection', (way) => {
  const timeoutOf = (options: { readonly passiveTimeout: number; readonly activeTimeout: number }) =>
    way.verb === 'PASV' || way.verb === 'EPSV' ? options.passiveTimeout : options.activeTimeout

  test('never: connected and left alone, until the server gives the transfer up', async () => {
    await using ftp = await ftpsFixture({ clock: 'manual' })
    ftp.use({ rules: [{ times: 1, then: { accept: 'never' } }] })
    await using client = await loggedIn(ftp, way)
    const data = await openData(client, way)
    const shaken = way.protection === 'P' ? overTls(data, trusting(ftp)).catch(() => 'failed') : 'clear'
    await ftp.waitFor({ type: 'fault', effect: 'data connection left alone' })
    await client.command('RETR a.txt', 150)
    await client.command('NOOP', 200)
    expect(data.bytesRead).toBe(0)
    const closed = once(data.resume(), 'close')
    await ftp.clock.advance(timeoutOf(ftp.server.options))
    await client.expect(425)
    data.end()
    await closed
    expect(await shaken).toBe(way.protection === 'P' ? 'failed' : 'clear')
    expect(data.bytesRead).toBe(0)
    await expectWell(ftp, client, way)
  })

  test('never ends with the session', async () => {
    await using ftp = await ftpsFixture({ clock: 'manual' })
    ftp.use({ rules: [{ then: { accept: 'never' } }] })
    await using client = await loggedIn(ftp, way)
    const data = await openData(client, way)
    await ftp.waitFor({ type: 'fault' })
    const end = ending(data)
    client.socket.destroy()
    await ftp.waitFor({ type: 'disconnect' })
    await end
    data.destroy()
  })

  test.each(['fin', 'rst'] as const)('%s: connected and ended', async (how) => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [{ times: 1, then: { accept: how } }] })
    await using client = await loggedIn(ftp, way)
    const data = await openData(client, way)
    // As the ClientHello would.
    data.write('unread')
    expect(await ending(data)).toBe(how.toUpperCase())
    data.destroy()
    await client.command('RETR a.txt', 425)
    expect(await ftp.waitFor({ type: 'fault' })).toMatchObject({
      effect: `data connection ended by ${how.toUpperCase()} as soon as it was there`,
    })
    await expectWell(ftp, client, way)
  })

  test('fin: what the client still says is taken', async () => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [{ times: 1, then: { accept: 'fin' } }] })
    await using client = await loggedIn(ftp, way)
    const data = await openData(client, way)
    expect(await ending(data)).toBe('FIN')
    await new Promise((resolve) => data.write('too late', resolve))
    await client.command('NOOP', 200)
    client.socket.destroy()
    await ftp.waitFor({ type: 'disconnect' })
    expect(wasReset(data)).toBe(false)
    data.destroy()
  })

  test('fin: the transfer that waits for the connection is told', async () => {
    await using ftp = await ftpsFixture()
    if (way.verb === 'PORT' || way.verb === 'EPRT') return
    ftp.use({ rules: [{ times: 1, then: { accept: 'fin' } }] })
    await using client = await loggedIn(ftp, way)
    const { host, port } = await client.passiveAddress(way.verb)
    await client.command('RETR a.txt', 150)
    const data = connect({ host, port })
    expect(await ending(data)).toBe('FIN')
    await client.expect(425)
    await expectWell(ftp, client, way)
  })

  test('after: connected at once, spoken over later', async () => {
    await using ftp = await ftpsFixture({ clock: 'manual' })
    ftp.use({ rules: [{ times: 1, then: { accept: { after: '5s' } } }] })
    await using client = await loggedIn(ftp, way)
    const plain = await openData(client, way)
    await ftp.waitFor({ type: 'fault', effect: 'data connection left alone for 5000 ms' })
    client.send('RETR a.txt')
    await client.expect(150)
    await ftp.clock.advance('4999ms')
    await client.command('NOOP', 200)
    expect(plain.bytesRead).toBe(0)
    const data = protect(ftp, plain, way)
    await ftp.clock.advance('1ms')
    expect(String(await readAll(await data))).toBe('over the wire\n')
    await client.expect(226)
    await expectWell(ftp, client, way)
  })

  test("after: the wait is nobody else's delay, however long it is", async () => {
    const limits = { passiveTimeout: '10s', activeTimeout: '10s', timeout: 0 } as const
    await using ftp = await ftpsFixture({ clock: 'manual', tlsHandshakeTimeout: 0, ...limits })
    ftp.use({ rules: [{ times: 1, then: { accept: { after: '1m' } } }] })
    await using client = await loggedIn(ftp, way)
    const plain = await openData(client, way)
    await ftp.waitFor({ type: 'fault' })
    await client.command('RETR a.txt', 150)
    const data = protect(ftp, plain, way)
    await ftp.clock.advance('1m')
    expect(String(await readAll(await data))).toBe('over the wire\n')
    await client.expect(226)
  })
})

test.each([
  ['later', /accept/],
  [{ after: 'soon' }, /accept/],
  [{ before: '5s' }, /accept/],
] as const)('%j is refused', async (accept, message) => {
  await using ftp = await ftpsFixture()
  expect(() => ftp.use({ rules: [{ then: { accept: accept as never } }] })).toThrow(message)
})
