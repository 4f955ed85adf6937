import { describe, expect, test, vi } from 'vitest'
import { randomBytes } from '../../src/index.ts'
import { sha256 } from '../support/clients.ts'
import {
  encryptions,
  fetchOver,
  ftpsFixture,
  implicit,
  logIn,
  only,
  protectedData,
  secured,
  storeOver,
  Tap,
  trusting,
} from '../support/ftps.ts'
import { overTls, RawClient } from '../support/raw-client.ts'

const MIB = 1024 * 1024

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', (version) => {
  const versions = only(version)

  test('a login, a download, an upload and a listing, all encrypted', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp, versions)
    const open = () => protectedData(client, trusting(ftp, versions))
    expect(String(await fetchOver(client, await open(), 'RETR a.txt'))).toBe('over the wire\n')
    await storeOver(client, await open(), 'STOR b.txt', 'uploaded')
    expect(await ftp.files.read('b.txt', 'utf8')).toBe('uploaded')
    expect(String(await fetchOver(client, await open(), 'NLST'))).toBe('a.txt\r\nb.txt\r\nbig.bin\r\nempty.bin\r\n')
    await client.command('QUIT', 221)
    await client.closed()
    expect(encryptions(ftp)).toMatchObject([
      { connection: 'control', protocol: version, resumed: false, session: 1 },
      { connection: 'data', protocol: version },
      { connection: 'data', protocol: version },
      { connection: 'data', protocol: version },
    ])
    expect(encryptions(ftp)[0]?.cipher).toMatch(version === 'TLSv1.3' ? /^TLS_/ : /^ECDHE-/)
  })

  test('20 MiB down and up arrive as they are', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp, versions)
    const open = () => protectedData(client, trusting(ftp, versions))
    const content = await fetchOver(client, await open(), 'RETR big.bin')
    const hash = sha256(randomBytes('20MiB', { seed: 3 }))
    expect(sha256(content)).toBe(hash)
    await storeOver(client, await open(), 'STOR back.bin', content)
    expect(sha256(await ftp.files.read('back.bin'))).toBe(hash)
    expect(ftp.transcript.transfers().map(({ bytes }) => bytes)).toEqual([20 * MIB, 20 * MIB])
  })

  test('empty files, both ways', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp, versions)
    const open = () => protectedData(client, trusting(ftp, versions))
    expect(await fetchOver(client, await open(), 'RETR empty.bin')).toHaveLength(0)
    await storeOver(client, await open(), 'STOR nothing.bin', '')
    expect(await ftp.files.read('nothing.bin')).toHaveLength(0)
  })

  test('the handshake may come behind the command too', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp, versions)
    const plain = await client.passive()
    await client.command('RETR a.txt', 125, 150)
    const data = await overTls(plain, trusting(ftp, versions))
    let text = ''
    for await (const chunk of data) text += String(chunk)
    data.destroy()
    expect(text).toBe('over the wire\n')
    await client.expect(226)
  })
})

test('ASCII, REST, APPE and STOU work over TLS as they do in clear', async () => {
  await using ftp = await ftpsFixture()
  await using client = await secured(ftp)
  const open = () => protectedData(client, trusting(ftp))
  await client.command('TYPE A', 200)
  expect(String(await fetchOver(client, await open(), 'RETR a.txt'))).toBe('over the wire\r\n')
  await storeOver(client, await open(), 'STOR lines.txt', 'one\r\ntwo\r\n')
  expect(await ftp.files.read('lines.txt', 'utf8')).toBe('one\ntwo\n')
  await client.command('TYPE I', 200)
  await client.command('REST 5', 350)
  expect(String(await fetchOver(client, await open(), 'RETR a.txt'))).toBe('the wire\n')
  await client.command('REST 4', 350)
  await storeOver(client, await open(), 'STOR lines.txt', 'TWO')
  await storeOver(client, await open(), 'APPE lines.txt', 'three\n')
  expect(await ftp.files.read('lines.txt', 'utf8')).toBe('one\nTWO\nthree\n')
  await storeOver(client, await open(), 'STOU', 'named by the server')
  expect(ftp.transcript.transfers().map(({ verb, outcome }) => `${verb} ${outcome}`)).toEqual([
    'RETR completed',
    'STOR completed',
    'RETR completed',
    'STOR completed',
    'APPE completed',
    'STOU completed',
  ])
})

test('what stands on the wire is not what is said', async () => {
  await using ftp = await ftpsFixture()
  await using client = await secured(ftp, { protection: 'C' })
  const inClear = new Tap(await client.passive())
  await client.command('RETR a.txt', 125, 150)
  await client.expect(226)
  await vi.waitUntil(() => String(inClear.received) === 'over the wire\n')
  inClear.destroy()
  await client.command('PROT P', 200)
  const tap = new Tap(await client.passive())
  const data = await overTls(tap, trusting(ftp))
  expect(String(await fetchOver(client, data, 'RETR a.txt'))).toBe('over the wire\n')
  expect(String(tap.received)).not.toContain('wire')
})

describe('data connections in clear over an encrypted control connection', () => {
  test('PROT C: downloads and uploads', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp, { protection: 'C' })
    expect(String(await client.fetch('RETR a.txt'))).toBe('over the wire\n')
    await client.store('STOR b.txt', 'uploaded')
    expect(await ftp.files.read('b.txt', 'utf8')).toBe('uploaded')
    expect(encryptions(ftp, 'data')).toEqual([])
  })
})

describe('active mode', () => {
  test.each(['PORT', 'EPRT'] as const)('%s: the server is the server of TLS all the same', async (verb) => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp)
    const open = async () => overTls(await client.active(verb), trusting(ftp))
    expect(String(await fetchOver(client, await open(), 'RETR a.txt'))).toBe('over the wire\n')
    await storeOver(client, await open(), 'STOR b.txt', 'uploaded')
    expect(await ftp.files.read('b.txt', 'utf8')).toBe('uploaded')
    expect(encryptions(ftp, 'data')).toHaveLength(2)
  })
})

describe('implicit TLS', () => {
  test('begins with the connection, data connections included', async () => {
    await using ftp = await ftpsFixture({ implicitTls: true })
    expect(new URL(ftp.url).protocol).toBe('ftps:')
    await using client = await implicit(ftp)
    await client.expect(220)
    await logIn(client)
    const data = await protectedData(client, trusting(ftp))
    expect(String(await fetchOver(client, data, 'RETR a.txt'))).toBe('over the wire\n')
    await client.command('AUTH TLS', 503)
    await client.command('PBSZ 0', 200)
    await client.command('PROT C', 200)
    expect(String(await client.fetch('RETR a.txt'))).toBe('over the wire\n')
  })

  test('says nothing in clear, and turns clients away over TLS as well', async () => {
    await using ftp = await ftpsFixture({ implicitTls: true, maxCons: 1 })
    await using first = await implicit(ftp)
    await first.expect(220)
    await using second = await implicit(ftp)
    expect((await second.expect(421)).text).toContain('Too many connections')
    await second.closed()
    await first.command('QUIT', 221)
    await ftp.waitFor({ type: 'disconnect', session: 1 })
    ftp.server.configure({ maxCons: 9, maxConsPerIp: 1 })
    await using third = await implicit(ftp)
    await third.expect(220)
    await using fourth = await implicit(ftp)
    expect((await fourth.expect(421)).text).toContain('same IP address')
  })

  test('goes well with tlsControlRequired and tlsDataRequired', async () => {
    await using ftp = await ftpsFixture({ implicitTls: true, tlsControlRequired: true, tlsDataRequired: true })
    await using client = await implicit(ftp)
    await client.expect(220)
    await logIn(client)
    const data = await protectedData(client, trusting(ftp))
    expect(String(await fetchOver(client, data, 'RETR a.txt'))).toBe('over the wire\n')
    await client.command('PROT C', 534)
  })
})

describe('with everything else', () => {
  test('several sessions at once', async () => {
    await using ftp = await ftpsFixture()
    const content = randomBytes('2MiB')
    const session = async (number: number) => {
      await using client = await secured(ftp, only(number % 2 === 0 ? 'TLSv1.2' : 'TLSv1.3'))
      const open = () => protectedData(client, trusting(ftp, only(number % 2 === 0 ? 'TLSv1.2' : 'TLSv1.3')))
      await storeOver(client, await open(), `STOR ${number}.bin`, content)
      return sha256(await fetchOver(client, await open(), `RETR ${number}.bin`))
    }
    const hashes = await Promise.all(Array.from({ length: 8 }, (_, number) => session(number)))
    expect(new Set(hashes)).toEqual(new Set([sha256(content)]))
    expect(encryptions(ftp)).toHaveLength(8 * 3)
  })

  test('IPv6, active and passive, with limits of rate by the manual clock', async () => {
    const limits = { readLimit: '64KiB/s', writeLimit: '64KiB/s', clock: 'manual' } as const
    const content = randomBytes('128KiB')
    await using ftp = await ftpsFixture({ host: '::1', files: { 'a.bin': content }, ...limits })
    // By name: Node 22.23 does not find ::1 in a certificate that has it.
    const named = { host: 'localhost' }
    await using client = await secured(ftp, named)
    for (const open of [() => client.passive('EPSV'), () => client.active('EPRT')]) {
      const down = fetchOver(client, await overTls(await open(), trusting(ftp, named)), 'RETR a.bin')
      await passesInSeconds(ftp, 2, down)
      expect(sha256(await down)).toBe(sha256(content))
      const up = storeOver(client, await overTls(await open(), trusting(ftp, named)), 'STOR b.bin', content)
      await passesInSeconds(ftp, 2, up)
      expect(sha256(await ftp.files.read('b.bin'))).toBe(sha256(content))
    }
    for (const { durationMs } of ftp.transcript.transfers()) expect(durationMs).toBeGreaterThanOrEqual(2000)
    expect(encryptions(ftp, 'data')).toHaveLength(4)
  })

  test('a session that says nothing is told so over TLS', async () => {
    await using ftp = await ftpsFixture({ clock: 'manual', timeout: '5m' })
    await using client = await secured(ftp)
    await ftp.clock.advance('5m')
    expect((await client.expect(421)).text).toBe('421 Control connection timed out.')
    await client.closed()
  })

  test('a control connection that was idle before AUTH is not idle during it', async () => {
    await using ftp = await ftpsFixture({ clock: 'manual', timeout: '10s', tlsHandshakeTimeout: 0 })
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    await client.command('AUTH TLS', 234)
    await ftp.clock.advance('1h')
    await client.startTls(trusting(ftp))
    await client.command('NOOP', 200)
  })
})

/** Lets time pass until something is done, which has to take so long. */
async function passesInSeconds(ftp: Awaited<ReturnType<typeof ftpsFixture>>, seconds: number, work: Promise<unknown>) {
  let done = false
  void work.then(() => {
    done = true
  })
  const startMs = ftp.clock.now()
  while (!done) await ftp.clock.advance(50)
  expect(ftp.clock.now() - startMs).toBeGreaterThanOrEqual(seconds * 1000)
}
