import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { isInstalled } from '../support/clients.ts'
import { ActivePort, dataWays, expectWell, loggedIn, protect } from '../support/data-ways.ts'
import { ftpsFixture } from '../support/ftps.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

const activeWays = dataWays.filter(({ verb }) => verb === 'PORT' || verb === 'EPRT')

describe.each(activeWays)('$verb, PROT $protection', (way) => {
  const verb = way.verb as 'PORT' | 'EPRT'

  test('never: 200, and nobody comes', async () => {
    await using ftp = await ftpsFixture({ clock: 'manual' })
    ftp.use({ rules: [{ times: 1, then: { connect: 'never' } }] })
    await using client = await loggedIn(ftp, way)
    await using port = await ActivePort.told(client, verb, 200)
    expect(await ftp.waitFor({ type: 'fault' })).toMatchObject({ verb, effect: 'does not connect' })
    await client.command('RETR a.txt', 150)
    await ftp.clock.advance(ftp.server.options.activeTimeout - 1)
    await client.command('NOOP', 200)
    await ftp.clock.advance(1)
    await client.expect(425)
    expect(await port.hasArrived()).toBe(false)
    await expectWell(ftp, client, way)
  })

  test('after: 200 at once, the connection later', async () => {
    await using ftp = await ftpsFixture({ clock: 'manual' })
    ftp.use({ rules: [{ times: 1, then: { connect: { after: '5s' } } }] })
    await using client = await loggedIn(ftp, way)
    await using port = await ActivePort.told(client, verb, 200)
    await client.command('RETR a.txt', 150)
    await ftp.clock.advance('4999ms')
    await client.command('NOOP', 200)
    expect(await port.hasArrived()).toBe(false)
    await ftp.clock.advance('1ms')
    const bytes = readAll(await protect(ftp, await port.arrived, way))
    expect(String(await bytes)).toBe('over the wire\n')
    await client.expect(226)
    expect(await ftp.waitFor({ type: 'fault' })).toMatchObject({ effect: 'connects 5000 ms later' })
    await expectWell(ftp, client, way)
  })

  test.each([
    [{ accept: { after: '1s' } }, { connect: { after: '1m' } }],
    [{ connect: { after: '1m' } }, { accept: { after: '1s' } }],
  ] as const)('after, beside another wait: %j, %j', async (...then) => {
    await using ftp = await ftpsFixture({ clock: 'manual', timeout: 0, activeTimeout: 0 })
    ftp.use({ rules: [{ times: 1, then }] })
    await using client = await loggedIn(ftp, way)
    await using port = await ActivePort.told(client, verb, 200)
    await client.command('RETR a.txt', 150)
    await ftp.clock.advance('59s')
    expect(await port.hasArrived()).toBe(false)
    await ftp.clock.advance('1s')
    const plain = await port.arrived
    const data = protect(ftp, plain, way)
    await ftp.waitFor({ type: 'fault', fault: 'accept' })
    await ftp.clock.advance('1s')
    expect(String(await readAll(await data))).toBe('over the wire\n')
    await client.expect(226)
  })

  test('from: the connection comes from another address', async () => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [{ times: 1, then: { connect: { from: '127.0.0.2' } } }] })
    await using client = await loggedIn(ftp, way)
    for (const address of ['127.0.0.2', '127.0.0.1']) {
      await using port = await ActivePort.told(client, verb, 200)
      const plain = await port.arrived
      expect(plain.remoteAddress).toBe(address)
      const data = await protect(ftp, plain, way)
      const bytes = readAll(data)
      await client.command('RETR a.txt', 125)
      expect(String(await bytes)).toBe('over the wire\n')
      await client.expect(226)
    }
    expect(await ftp.waitFor({ type: 'fault' })).toMatchObject({ effect: 'connects from 127.0.0.2' })
  })
})

test('from and after go together', async () => {
  await using ftp = await ftpsFixture({ clock: 'manual' })
  ftp.use({ rules: [{ then: { connect: { from: '127.0.0.2', after: '1s' } } }] })
  await using client = await RawClient.login(ftp)
  await using port = await ActivePort.told(client, 'PORT', 200)
  await ftp.clock.advance('1s')
  const data = await port.arrived
  expect(data.remoteAddress).toBe('127.0.0.2')
  data.destroy()
})

test('an address that is not of this machine is said to be the reason', async () => {
  await using ftp = await ftpsFixture()
  ftp.use({ rules: [{ times: 1, then: { connect: { from: '192.0.2.1' } } }] })
  await using client = await RawClient.login(ftp)
  await using port = await ActivePort.told(client, 'PORT', 425)
  const [reply] = ftp.transcript.replies({ code: 425 })
  expect(reply?.lines[0]).toMatch(/^Can't connect to 127\.0\.0\.1:\d+ from 192\.0\.2\.1: EADDRNOTAVAIL\.$/)
  expect(await port.hasArrived()).toBe(false)
  await expectWell(ftp, client, { verb: 'PORT', protection: 'C' })
})

test('a connection that is still to come ends with the session, and when another one is set up', async () => {
  await using ftp = await ftpsFixture({ clock: 'manual' })
  ftp.use({ rules: [{ then: { connect: { after: '5s' } } }] })
  await using client = await RawClient.login(ftp)
  await using first = await ActivePort.told(client, 'PORT', 200)
  await expectWell(ftp, client, { verb: 'PASV', protection: 'C' })
  await using second = await ActivePort.told(client, 'PORT', 200)
  const closed = once(client.socket, 'close')
  client.socket.destroy()
  await closed
  await ftp.waitFor({ type: 'disconnect' })
  await ftp.clock.advance('10s')
  expect([await first.hasArrived(), await second.hasArrived()]).toEqual([false, false])
})

test.runIf(process.platform === 'linux' && isInstalled('python3'))(
  'an attempt that nobody answers ends with the server',
  async () => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [{ then: { connect: { after: 0 } } }] })
    await using client = await RawClient.login(ftp)
    // A queue for one connection, which nobody takes: Linux leaves the next ones without an answer.
    const script =
      "import socket; s = socket.create_server(('127.0.0.1', 0), backlog=0); print(s.getsockname()[1]); input()"
    const deaf = spawn('python3', ['-uc', script])
    const [printed] = await once(deaf.stdout, 'data')
    const port = Number(printed)
    const first = connect({ host: '127.0.0.1', port })
    await once(first, 'connect')
    await client.command(`PORT 127,0,0,1,${port >> 8},${port & 255}`, 200)
    await client.command('RETR a.txt', 150)
    await ftp.stop()
    first.destroy()
    deaf.kill()
    await once(deaf, 'close')
  },
)

test('passive mode is none of its business, and does not use it up', async () => {
  await using ftp = await ftpsFixture({ clock: 'manual' })
  ftp.use({ rules: [{ times: 1, then: { connect: 'never' } }] })
  await using client = await RawClient.login(ftp)
  await expectWell(ftp, client, { verb: 'EPSV', protection: 'C' })
  await using port = await ActivePort.told(client, 'PORT', 200)
  await ftp.waitFor({ type: 'fault' })
  expect(await port.hasArrived()).toBe(false)
})

test.each(['sometimes', { from: 'somewhere' }, { after: -1 }, {}])('%j is refused', async (connect) => {
  await using ftp = await ftpsFixture()
  expect(() => ftp.use({ rules: [{ then: { connect: connect as never } }] })).toThrow(/connect/)
})
