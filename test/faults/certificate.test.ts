import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { Client } from 'basic-ftp'
import { describe, expect, test } from 'vitest'
import type { FtpFixture } from '../../src/index.ts'
import { certfile } from '../support/certificates.ts'
import { ClientDirectory, isInstalled, runTool } from '../support/clients.ts'
import { dataWays, expectWell, openData } from '../support/data-ways.ts'
import { encrypted, ftpsFixture, only, secured, shownCertificate, trusting } from '../support/ftps.ts'
import { overTls, RawClient } from '../support/raw-client.ts'

/** What OpenSSL, or Node for the name, says of each. */
const FLAWS = {
  expired: 'CERT_HAS_EXPIRED',
  'not-yet-valid': 'CERT_NOT_YET_VALID',
  'self-signed': 'DEPTH_ZERO_SELF_SIGNED_CERT',
  'wrong-name': 'ERR_TLS_CERT_ALTNAME_INVALID',
  'other-authority': 'SELF_SIGNED_CERT_IN_CHAIN',
} as const

type Is = keyof typeof FLAWS

/** The code of the error that a handshake fails with. */
async function complaint(handshake: Promise<unknown>): Promise<string> {
  return handshake.then(
    () => 'none',
    ({ code }: NodeJS.ErrnoException) => code ?? 'no code',
  )
}

async function controlComplaint(ftp: FtpFixture, options: ConnectionOptions = {}): Promise<string> {
  const client = await RawClient.connect(ftp)
  if (!ftp.server.options.implicitTls) {
    await client.expect(220)
    await client.command('AUTH TLS', 234)
  }
  const code = await complaint(client.startTls({ ...trusting(ftp), ...options }))
  // One that has complained is closed by now.
  client.socket.destroy()
  return code
}

describe.each(Object.entries(FLAWS) as [Is, string][])('%s', (is, code) => {
  test.each([false, true])(
    'is shown on the control connection, and a good one the next time; implicit: %s',
    async (implicitTls) => {
      await using ftp = await ftpsFixture({ implicitTls })
      ftp.use({ rules: [{ times: 1, then: { certificate: { is, on: 'control' } } }] })
      expect(await controlComplaint(ftp)).toBe(code)
      expect(await ftp.waitFor({ type: 'fault' })).toMatchObject({
        effect: `certificate of the control connection: ${is}`,
      })
      expect(await controlComplaint(ftp)).toBe('none')
    },
  )

  test('is shown to those who ask for a name', async () => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [{ times: 1, then: { certificate: { is } } }] })
    const named = { host: 'localhost', servername: 'localhost' }
    expect(await controlComplaint(ftp, named)).toBe(code)
    expect(await controlComplaint(ftp, named)).toBe('none')
  })

  test.each(dataWays.filter(({ protection }) => protection === 'P'))(
    'is shown on the data connection, $verb',
    async (way) => {
      await using ftp = await ftpsFixture()
      ftp.use({ rules: [{ times: 1, then: { certificate: { is, on: 'data' } } }] })
      await using client = await secured(ftp)
      const plain = await openData(client, way)
      expect(await complaint(overTls(plain, trusting(ftp)))).toBe(code)
      await client.command('RETR a.txt', 125, 150, 425)
      await client.expect(426, 522)
      expect(await ftp.waitFor({ type: 'fault' })).toMatchObject({
        verb: way.verb,
        effect: `certificate of the data connection: ${is}`,
      })
      await expectWell(ftp, client, way)
    },
  )

  test.runIf(isInstalled('curl'))('curl refuses it, and takes it when told to', async () => {
    await using ftp = await ftpsFixture()
    await using local = await ClientDirectory.create()
    ftp.use({ rules: [{ then: { certificate: { is } } }] })
    const ca = await local.write('ca.pem', ftp.ca ?? '')
    const args = ['--disable', '--silent', '--noproxy', '*', '--ssl-reqd', '--cacert', ca, `${ftp.url}/a.txt`]
    expect(await runTool('curl', args)).toMatchObject({ status: 60, stdout: '' })
    expect(await runTool('curl', ['--insecure', ...args])).toMatchObject({ status: 0, stdout: 'over the wire\n' })
  })
})

test('on both unless told otherwise', async () => {
  await using ftp = await ftpsFixture()
  ftp.use({ rules: [{ then: { certificate: { is: 'expired' } } }] })
  await using client = await secured(ftp, { rejectUnauthorized: false })
  const data = await overTls(await client.passive(), { ...trusting(ftp), rejectUnauthorized: false })
  expect([(client.socket as TLSSocket).authorizationError, data.authorizationError]).toEqual([
    'CERT_HAS_EXPIRED',
    'CERT_HAS_EXPIRED',
  ])
  data.destroy()
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  '%s: on data, it is shown though the client would resume',
  async (version) => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [{ then: { certificate: { is: 'expired', on: 'data' } } }] })
    const client = new Client()
    const { host, port, username: user, password } = ftp
    const secureOptions = { ca: ftp.ca ?? '', ...only(version) }
    await client.access({ host, port, user, password, secure: true, secureOptions })
    await expect(client.list()).rejects.toThrow(/expired/)
    client.close()
  },
)

test.runIf(isInstalled('curl')).each([['--tls-max', '1.2'], ['--tlsv1.3']])(
  'curl %s sees it on data, though it would resume',
  async (...versions) => {
    await using ftp = await ftpsFixture()
    await using local = await ClientDirectory.create()
    ftp.use({ rules: [{ then: { certificate: { is: 'expired', on: 'data' } } }] })
    const ca = await local.write('ca.pem', ftp.ca ?? '')
    const args = ['--disable', '--silent', '--noproxy', '*', '--ssl-reqd', '--cacert', ca, `${ftp.url}/a.txt`]
    expect((await runTool('curl', [...versions, ...args])).stdout).toBe('')
    expect(await ftp.waitFor({ type: 'tls-failed' })).toMatchObject({ connection: 'data' })
  },
)

test('where only the time is wrong, all else is as it should be', async () => {
  await using ftp = await ftpsFixture({ implicitTls: true })
  ftp.use({ rules: [{ then: { certificate: { is: 'expired' } } }] })
  const { address } = ftp.server
  const shown = await shownCertificate(address, { servername: 'ftp.example.com' })
  expect(shown.checkHost('ftp.example.com')).toBe('ftp.example.com')
  expect(shown.checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(new Date(shown.validTo).getTime()).toBeLessThan(Date.now())
  const again = await shownCertificate(address, { servername: 'ftp.example.com' })
  expect(again.serialNumber).toBe(shown.serialNumber)
})

test('what the server says of versions holds for it too', async () => {
  await using ftp = await ftpsFixture({ sslProtocol: 'TLSv1.2' })
  ftp.use({ rules: [{ then: { certificate: { is: 'self-signed' } } }] })
  await using client = await encrypted(ftp, { rejectUnauthorized: false })
  expect((client.socket as TLSSocket).getProtocol()).toBe('TLSv1.2')
})

test('a server with a certificate of its own shows one of an authority that nobody knows', async () => {
  await using ftp = await ftpsFixture({ certfile })
  ftp.use({ rules: [{ times: 1, then: { certificate: { is: 'expired' } } }] })
  await using client = await encrypted(ftp, { rejectUnauthorized: false })
  const shown = (client.socket as TLSSocket).getPeerX509Certificate()
  expect(shown?.issuer).toContain('ftp-fixture')
  expect(new Date(shown?.validTo ?? '').getTime()).toBeLessThan(Date.now())
})

test.each([{}, { is: 'ugly' }, { is: 'expired', on: 'voice' }, 'expired'])('%j is refused', async (settings) => {
  await using ftp = await ftpsFixture()
  expect(() => ftp.use({ rules: [{ then: { certificate: settings as never } }] })).toThrow(/certificate/)
})
