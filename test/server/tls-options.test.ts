import { constants, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createSecureContext, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StartFtpServerOptions } from '../../src/index.ts'
import { DummyAuthorizer, FTPServer, type FTPServerOptions, TLS_DTPHandler, TLS_FTPHandler } from '../../src/server.ts'
import { certfile, certificate } from '../support/certificates.ts'
import { encrypted, encryptions, failures, ftpsFixture, only, shownCertificate } from '../support/ftps.ts'
import { RawClient } from '../support/raw-client.ts'

const [KEY = ''] = /-----BEGIN[A-Z ]*PRIVATE KEY-----[\s\S]*?KEY-----\n/.exec(String(certificate)) ?? []
const CERTIFICATE = String(certificate).replace(KEY, '')

/** Files of a certificate and of its key, and some that will not do. */
const files = {
  'cert.pem': CERTIFICATE,
  'key.pem': KEY,
  'both.pem': CERTIFICATE + KEY,
  'garbage.pem': 'no certificate',
}
let directory = ''
const at = (name: string) => path.join(directory, name)

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ftps-options-'))
  for (const [name, content] of Object.entries(files)) await writeFile(at(name), content)
  const { CertificateAuthority } = await import('../../src/certificates/certificate-authority.ts')
  await writeFile(at('other.pem'), new CertificateAuthority([]).certificate)
  await writeFile(at('renewed.pem'), await renewal())
})

afterAll(() => rm(directory, { recursive: true }))

/** Another certificate for the same host, with its key. */
async function renewal(): Promise<string> {
  const { makeCertificate } = await import('../../src/certificates/x509.ts')
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const names = { subject: 'renewed', issuer: 'renewed', hosts: ['localhost'] }
  const { validFrom, validTo } = new X509Certificate(certificate)
  const times = { notBefore: new Date(validFrom), notAfter: new Date(validTo) }
  const made = makeCertificate({ ...names, ...times, publicKey, signedBy: privateKey })
  return made + privateKey.export({ type: 'pkcs8', format: 'pem' })
}

/** A server that is not started: its options are checked all the same. */
function construct(options: Partial<FTPServerOptions>): FTPServer {
  return new FTPServer({ port: 0 }, TLS_FTPHandler, { authorizer: new DummyAuthorizer(), ...options })
}

/** What a client of a fixture with implicit TLS sees of a certificate. */
async function subjectShown(options: StartFtpServerOptions, servername = ''): Promise<string> {
  await using ftp = await ftpsFixture({ implicitTls: true, ...options })
  return (await shownCertificate(ftp, { servername })).subject
}

/** The names of a context's certificate: that of the file, or of a throw-away authority. */
async function contextNamed(name: string) {
  const { CertificateAuthority } = await import('../../src/certificates/certificate-authority.ts')
  return new CertificateAuthority([]).contextFor(name)
}

describe('certfile and keyfile', () => {
  test('the key may stand in certfile, or in a file of its own', async () => {
    expect(await subjectShown({ certfile: at('both.pem') })).toBe('CN=localhost')
    expect(await subjectShown({ certfile: at('cert.pem'), keyfile: at('key.pem') })).toBe('CN=localhost')
  })

  test('files that will not do are refused at construction, by the name of their option', () => {
    const certOf = (name: string) => ({ certfile: at(name) })
    expect(() => construct({})).toThrow(/^certfile: expected a file with a certificate, or sslContext, found undefined/)
    expect(() => construct(certOf('missing.pem'))).toThrow(/^certfile: ENOENT: .*missing\.pem/)
    expect(() => construct({ certfile: directory })).toThrow(/^certfile: EISDIR/)
    const noCertificate = /^certfile: expected a PEM file with a certificate in it, found ".*garbage\.pem"/
    expect(() => construct(certOf('garbage.pem'))).toThrow(noCertificate)
    expect(() => construct(certOf('cert.pem'))).toThrow(
      /^certfile: expected a PEM file with a private key .*cert\.pem"/,
    )
    const keyOf = (name: string) => ({ ...certOf('cert.pem'), keyfile: at(name) })
    expect(() => construct(keyOf('missing.pem'))).toThrow(/^keyfile: ENOENT/)
    expect(() => construct(keyOf('garbage.pem'))).toThrow(/^keyfile: expected a PEM file with a private key .*garbage/)
    const mismatched = { ...certOf('other.pem'), keyfile: at('key.pem') }
    expect(() => construct(mismatched)).toThrow(/^certfile and keyfile: .*key values mismatch/)
    expect(() => construct(mismatched)).toThrow(expect.objectContaining({ code: 'ERR_OPTION_INVALID' }))
  })

  test('changed on a running server, they are seen by the next connection; those that will not do change nothing', async () => {
    await using ftp = await ftpsFixture({ implicitTls: true, sslContext: await contextNamed('before.test') })
    expect((await shownCertificate(ftp, {})).subject).toBe('CN=before.test')
    await using open = await RawClient.connect(ftp)
    await open.startTls({ rejectUnauthorized: false })
    await open.expect(220)
    expect(() => ftp.server.configure({ sslContext: undefined, certfile: at('garbage.pem') })).toThrow(/^certfile: /)
    expect((await shownCertificate(ftp, {})).subject).toBe('CN=before.test')
    ftp.server.configure({ sslContext: undefined, certfile: at('both.pem') })
    expect((await shownCertificate(ftp, {})).subject).toBe('CN=localhost')
    await open.command('NOOP', 200)
  })

  test('a file that was renewed under its name is read again', async () => {
    await writeFile(at('live.pem'), CERTIFICATE + KEY)
    await using ftp = await ftpsFixture({ implicitTls: true, certfile: at('live.pem') })
    expect((await shownCertificate(ftp, {})).subject).toBe('CN=localhost')
    await copyFile(at('renewed.pem'), at('live.pem'))
    expect((await shownCertificate(ftp, {})).subject).toBe('CN=localhost')
    ftp.server.configure({ certfile: at('live.pem') })
    expect((await shownCertificate(ftp, {})).subject).toBe('CN=renewed')
  })

  test('a change of other options leaves sessions resumable', async () => {
    await copyFile(at('both.pem'), at('same.pem'))
    await using ftp = await ftpsFixture({ implicitTls: true, certfile: at('same.pem') })
    const options = { rejectUnauthorized: false, ...only('TLSv1.2') }
    await using first = await RawClient.connect(ftp)
    const session = (await first.startTls(options)).getSession()
    ftp.server.configure({ timeout: '1h' })
    await using second = await RawClient.connect(ftp)
    const socket = await second.startTls({ ...options, ...(session && { session }) })
    expect(socket.isSessionReused()).toBe(true)
    ftp.server.configure({ sslOptions: constants.SSL_OP_CIPHER_SERVER_PREFERENCE })
    await using third = await RawClient.connect(ftp)
    expect((await third.startTls({ ...options, ...(session && { session }) })).isSessionReused()).toBe(false)
  })
})

describe('configure', () => {
  test('that throws leaves the certificate as it was, then and later', async () => {
    class Picky extends TLS_DTPHandler {
      static override prepare(_server: FTPServer, { readLimit }: FTPServer['options']): void {
        if (readLimit > 0) throw new Error('no limits here')
      }
    }
    await using ftp = await ftpsFixture({ implicitTls: true, certfile: at('both.pem'), dtpHandler: Picky })
    const sslContext = await contextNamed('later.test')
    for (const changes of [{ certfile: at('renewed.pem') }, { certfile: undefined, sslContext }]) {
      expect(() => ftp.server.configure({ ...changes, readLimit: 1 })).toThrow('no limits here')
      expect((await shownCertificate(ftp, {})).subject).toBe('CN=localhost')
      ftp.server.configure({ timeout: '1m' })
      expect((await shownCertificate(ftp, {})).subject).toBe('CN=localhost')
    }
    ftp.server.configure({ certfile: at('renewed.pem') })
    expect((await shownCertificate(ftp, {})).subject).toBe('CN=renewed')
  })

  test('of other options does not look for the files, which may be away', async () => {
    await copyFile(at('both.pem'), at('away.pem'))
    await using ftp = await ftpsFixture({ implicitTls: true, certfile: at('away.pem') })
    await rm(at('away.pem'))
    ftp.server.configure({ timeout: '1m' })
    expect((await shownCertificate(ftp, {})).subject).toBe('CN=localhost')
    expect(() => ftp.server.configure({ certfile: at('away.pem') })).toThrow(/^certfile: ENOENT/)
  })

  test.each(['certfile', 'sslContext'])('of the certificate by %s ends the sessions resumed by id', async (option) => {
    const sslOptions = constants.SSL_OP_NO_TICKET
    const contextOf = (pem: Buffer) => createSecureContext({ cert: pem, key: pem, secureOptions: sslOptions })
    const [before, after] = await Promise.all(['both.pem', 'renewed.pem'].map((name) => readFile(at(name))))
    const asFile = [{ certfile: at('both.pem'), sslOptions }, { certfile: at('renewed.pem') }]
    const asContext = [before, after].map((pem) => ({ sslContext: contextOf(pem ?? Buffer.alloc(0)) }))
    const [first, second] = option === 'certfile' ? asFile : asContext
    await using ftp = await ftpsFixture({ implicitTls: true, ...first })
    const options = { rejectUnauthorized: false, ...only('TLSv1.2') }
    await using old = await RawClient.connect(ftp)
    const session = (await old.startTls(options)).getSession()
    const isResumed = async () => {
      await using client = await RawClient.connect(ftp)
      return (await client.startTls({ ...options, ...(session && { session }) })).isSessionReused()
    }
    expect(await isResumed()).toBe(true)
    ftp.server.configure({ ...first, tlsHandshakeTimeout: '5s' })
    expect(await isResumed()).toBe(true)
    ftp.server.configure({ ...second })
    expect(await isResumed()).toBe(false)
  })
})

describe('sslProtocol', () => {
  test.each([
    ['TLSv1.2', 'TLSv1.2', 'TLSv1.3'],
    ['TLSv1.3', 'TLSv1.3', 'TLSv1.2'],
    [{ max: 'TLSv1.2' }, 'TLSv1.2', 'TLSv1.3'],
    [{ min: 'TLSv1.3' }, 'TLSv1.3', 'TLSv1.2'],
  ] as const)('%j takes %s and refuses %s', async (sslProtocol, taken, refused) => {
    await using ftp = await ftpsFixture({ certfile, sslProtocol })
    const unchecked = { rejectUnauthorized: false }
    await using client = await encrypted(ftp, { ...unchecked, ...only(taken) })
    await client.command('NOOP', 200)
    await using other = await RawClient.connect(ftp)
    await other.expect(220)
    await expect(other.secure({ ...unchecked, ...only(refused) })).rejects.toThrow(/alert|version/)
    await ftp.waitFor({ type: 'disconnect', session: 2 })
    expect(encryptions(ftp).map(({ protocol }) => protocol)).toEqual([taken])
    expect(failures(ftp)).toMatchObject([{ connection: 'control', session: 2, reason: 'unsupported protocol' }])
  })

  test('both versions are taken where nothing is said', async () => {
    await using ftp = await ftpsFixture({ certfile })
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      await using client = await encrypted(ftp, { rejectUnauthorized: false, ...only(version) })
      await client.command('NOOP', 200)
    }
    expect(encryptions(ftp).map(({ protocol }) => protocol)).toEqual(['TLSv1.2', 'TLSv1.3'])
  })
})

test('sslOptions reach OpenSSL: without tickets, a client of TLS 1.2 gets none', async () => {
  for (const [sslOptions, isGiven] of [
    [0, true],
    [constants.SSL_OP_NO_TICKET, false],
  ] as const) {
    await using ftp = await ftpsFixture({ certfile, sslOptions })
    await using client = await encrypted(ftp, { rejectUnauthorized: false, ...only('TLSv1.2') })
    expect((client.socket as TLSSocket).getTLSTicket() !== undefined).toBe(isGiven)
  }
})

describe('sslContext', () => {
  test('a context stands in place of certfile, and not beside it', async () => {
    const sslContext = await contextNamed('mine.test')
    expect(await subjectShown({ sslContext })).toBe('CN=mine.test')
    expect(() => construct({ sslContext, certfile })).toThrow(/^certfile: expected no "sslContext" beside it/)
  })

  test('a function picks one by the name that the client asks for', async () => {
    const contexts = { '': await contextNamed('none.test'), 'a.test': await contextNamed('a.test') }
    const sslContext = (name: string) => contexts[name as keyof typeof contexts] ?? contexts['']
    await using ftp = await ftpsFixture({ implicitTls: true, sslContext })
    expect((await shownCertificate(ftp, {})).subject).toBe('CN=none.test')
    expect((await shownCertificate(ftp, { servername: 'a.test' })).subject).toBe('CN=a.test')
    expect((await shownCertificate(ftp, { servername: 'b.test' })).subject).toBe('CN=none.test')
  })

  test('what is none, or a function that throws or gives none for "", is refused at construction', () => {
    const context = createSecureContext({ cert: certificate, key: certificate })
    const broken = () => {
      throw new Error('nothing to show')
    }
    expect(() => construct({ sslContext: {} as typeof context })).toThrow(/^sslContext: expected a context/)
    expect(() => construct({ sslContext: broken })).toThrow('sslContext: nothing to show')
    const empty = () => undefined as unknown as typeof context
    expect(() => construct({ sslContext: empty })).toThrow(/^sslContext\(''\): expected a context/)
    construct({ sslContext: () => context })
  })
})

test('a dtpHandler that could not encrypt is refused', async () => {
  const { ThrottledDTPHandler } = await import('../../src/server.ts')
  const options = { certfile, dtpHandler: ThrottledDTPHandler }
  expect(() => construct(options)).toThrow(/^dtpHandler: expected a class that extends TLS_DTPHandler/)
})
