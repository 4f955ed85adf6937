import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { describe, expect, test, vi } from 'vitest'
import type { FtpFixture } from '../../src/index.ts'
import { wasReset } from '../../src/ioloop/reset.ts'
import { ClientDirectory, isInstalled, outputOf } from '../support/clients.ts'
import { dataWays, expectWell, openData } from '../support/data-ways.ts'
import { ftpsFixture, only, secured, Tap, trusting } from '../support/ftps.ts'
import { overTls, RawClient as Raw, type RawClient, readAll } from '../support/raw-client.ts'

/** An alert as TLS 1.2 shows it, whose only one here is close_notify. */
const ALERT = 21

/** A data connection with its TCP connection, and with what came over that. */
interface Tapped {
  readonly plain: Socket
  readonly tap: Tap
  readonly data: TLSSocket
  /** Resolves at the end of the TCP connection. */
  readonly fin: Promise<unknown>
}

async function tapped(ftp: FtpFixture, client: RawClient, way: Parameters<typeof openData>[1]): Promise<Tapped> {
  const plain = await openData(client, way)
  const fin = Promise.race([once(plain, 'end'), once(plain, 'close')])
  const tap = new Tap(plain)
  const data = await overTls(tap, trusting(ftp, only('TLSv1.2')))
  return { plain, tap, data, fin }
}

const ways = dataWays.filter(({ protection }) => protection === 'P')

describe.each(ways)('$verb', (way) => {
  test('none: a download ends by FIN alone, and the next one as it should', async () => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [{ times: 1, then: { closeNotify: 'none' } }] })
    await using client = await secured(ftp, only('TLSv1.2'))
    for (const hasAlert of [false, true]) {
      const { plain, tap, data, fin } = await tapped(ftp, client, way)
      const chunks: Buffer[] = []
      data.on('data', (chunk: Buffer) => chunks.push(chunk))
      await client.command('RETR a.txt', 125)
      await fin
      await client.expect(226)
      expect(String(Buffer.concat(chunks))).toBe('over the wire\n')
      expect(tap.records.includes(ALERT)).toBe(hasAlert)
      expect(wasReset(plain)).toBe(false)
      data.destroy()
    }
    expect(await ftp.waitFor({ type: 'fault' })).toMatchObject({
      verb: 'RETR',
      effect: 'data connection ended without close_notify',
    })
  })

  test.each(['none', 'wait'] as const)('%s: an upload that the client has ended', async (how) => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [{ times: 1, then: { closeNotify: how } }] })
    await using client = await secured(ftp, only('TLSv1.2'))
    for (const hasAlert of [false, true]) {
      const { tap, data, fin } = await tapped(ftp, client, way)
      await client.command('STOR up.txt', 125)
      data.resume().end('uploaded')
      await client.expect(226)
      await fin
      expect(tap.records.includes(ALERT)).toBe(hasAlert)
      data.destroy()
    }
    expect(await ftp.files.read('up.txt', 'utf8')).toBe('uploaded')
  })

  test.each(['RETR a.txt', 'STOR up.txt'])('rst: close_notify, and a reset behind it; %s', async (command) => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [{ times: 1, then: { closeNotify: 'rst' } }] })
    await using client = await secured(ftp, only('TLSv1.2'))
    const { plain, tap, data } = await tapped(ftp, client, way)
    await client.command(command, 125)
    data.resume()
    if (command.startsWith('STOR')) data.end('uploaded')
    await client.expect(226)
    await vi.waitUntil(() => plain.destroyed || wasReset(plain), { timeout: 15_000, interval: 1 })
    expect(tap.records.includes(ALERT)).toBe(true)
    data.destroy()
    await expectWell(ftp, client, way)
  })

  test('wait: nothing is ended before the client does', async () => {
    await using ftp = await ftpsFixture({ clock: 'manual' })
    ftp.use({ rules: [{ times: 1, then: { closeNotify: 'wait' } }] })
    await using client = await secured(ftp, only('TLSv1.2'))
    const { plain, tap, data, fin } = await tapped(ftp, client, way)
    const content = once(data, 'data')
    await client.command('RETR a.txt', 125)
    expect(String((await content)[0])).toBe('over the wire\n')
    await ftp.waitFor({ type: 'fault', effect: 'data connection left for the client to end' })
    await ftp.clock.advance(ftp.server.options.dataTimeout - 1)
    await client.command('NOOP', 200)
    expect([tap.records.includes(ALERT), plain.readableEnded]).toEqual([false, false])
    data.end()
    await client.expect(226)
    await fin
    expect(tap.records.includes(ALERT)).toBe(false)
    data.destroy()
    await expectWell(ftp, client, way)
  })
})

test('wait: a client that drops the connection has ended it too', async () => {
  await using ftp = await ftpsFixture()
  ftp.use({ rules: [{ then: { closeNotify: 'wait' } }] })
  await using client = await secured(ftp)
  const data = await overTls(await client.passive(), trusting(ftp))
  const content = once(data, 'data')
  await client.command('RETR a.txt', 125)
  await content
  await ftp.waitFor({ type: 'fault' })
  data.destroy()
  await client.expect(226)
})

test('wait: the limit of the server ends it, and so does its stop', async () => {
  await using ftp = await ftpsFixture({ clock: 'manual' })
  ftp.use({ rules: [{ then: { closeNotify: 'wait' } }] })
  for (const end of ['timeout', 'stop'] as const) {
    const client = await secured(ftp)
    const data = await overTls(await client.passive(), trusting(ftp))
    const content = once(data, 'data')
    const last = ftp.transcript.events.at(-1)
    await client.command('RETR a.txt', 125)
    await content
    await ftp.waitFor({ type: 'fault' }, { after: last })
    if (end === 'timeout') {
      await ftp.clock.advance(ftp.server.options.dataTimeout)
      await client.expect(421)
    } else {
      expect(await ftp.stop()).toMatchObject({ transfers: 1 })
    }
    data.destroy()
    await client[Symbol.asyncDispose]()
  }
})

test('what is not encrypted has no such end', async () => {
  await using ftp = await ftpsFixture()
  ftp.use({ rules: [{ optional: true, then: { closeNotify: 'wait' } }] })
  await using client = await Raw.login(ftp)
  await expectWell(ftp, client, { verb: 'PASV', protection: 'C' })
  const data = await client.passive()
  await client.command('STOR up.txt', 125)
  data.end('uploaded')
  await client.expect(226)
  expect(String(await readAll(data))).toBe('')
  expect(ftp.transcript.events.filter(({ type }) => type === 'fault')).toEqual([])
})

test.runIf(isInstalled('python3')).each(['TLSv1_2', 'TLSv1_3'])(
  'Python tells a cut from an end, %s',
  async (version) => {
    await using ftp = await ftpsFixture()
    await using local = await ClientDirectory.create()
    ftp.use({ rules: [{ times: 1, then: { closeNotify: 'none' } }] })
    const ca = await local.write('ca.pem', ftp.ca ?? '')
    const script = `
import ftplib, ssl, sys
host, port, ca, version = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
ftp = ftplib.FTP_TLS(timeout=20, context=context)
ftp.connect(host, int(port))
ftp.login('user', '12345')
ftp.prot_p()
for _ in range(2):
    plain, size = ftplib.FTP.ntransfercmd(ftp, 'RETR a.txt')
    data = context.wrap_socket(plain, server_hostname=host, suppress_ragged_eofs=False)
    print(data.recv(100).decode().strip())
    try:
        print(repr(data.recv(100)))
    except ssl.SSLEOFError as error:
        print('cut')
    data.close()
    ftp.voidresp()
ftp.quit()
`
    const output = await outputOf('python3', ['-c', script, ftp.host, String(ftp.port), ca, version])
    expect(output).toBe("over the wire\ncut\nover the wire\nb''\n")
  },
)

test.each(['none', 'rst', 'wait'] as const)(
  '%s: a client that has left before has not had it all',
  async (closeNotify) => {
    await using ftp = await ftpsFixture({ clock: 'manual' })
    await using client = await secured(ftp)
    const slow = { when: { command: 'RETR', phase: 'data-end' }, then: { delay: '1m' } } as const
    ftp.use({ rules: [slow, { when: { command: 'RETR' }, then: { closeNotify } }] })
    const plain = await client.passive()
    const data = await overTls(plain, trusting(ftp))
    data.resume()
    await client.command('RETR a.txt', 125)
    await ftp.waitFor({ type: 'fault', fault: 'delay' })
    plain.resetAndDestroy()
    await client.expect(426)
  },
)

test.each(['never', {}, true])('%j is refused', async (settings) => {
  await using ftp = await ftpsFixture()
  expect(() => ftp.use({ rules: [{ then: { closeNotify: settings as never } }] })).toThrow(/closeNotify/)
})
