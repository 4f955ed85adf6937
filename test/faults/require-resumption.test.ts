import { once } from 'node:events'
import { Writable } from 'node:stream'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { Client } from 'basic-ftp'
import { describe, expect, test } from 'vitest'
import type { FtpFixture } from '../../src/index.ts'
import { ClientDirectory, isInstalled, runTool } from '../support/clients.ts'
import { dataWays, openData } from '../support/data-ways.ts'
import { encryptions, fetchOver, ftpsFixture, logIn, only, protectedData, trusting } from '../support/ftps.ts'
import { overTls, RawClient, readAll } from '../support/raw-client.ts'

/** A client that has logged in over TLS, with the session of its control connection. */
async function resumable(ftp: FtpFixture, version: 'TLSv1.2' | 'TLSv1.3', options: ConnectionOptions = {}) {
  const client = await RawClient.connect(ftp)
  if (!ftp.server.options.implicitTls) {
    await client.expect(220)
    await client.command('AUTH TLS', 234)
  }
  const socket = await client.startTls({ ...trusting(ftp, only(version)), ...options })
  // Tickets of TLS 1.3 come behind the handshake.
  const ticket = version === 'TLSv1.3' ? once(socket, 'session') : undefined
  if (ftp.server.options.implicitTls) await client.expect(220)
  await logIn(client)
  await client.command('PBSZ 0', 200)
  await client.command('PROT P', 200)
  const session = ticket === undefined ? socket.getSession() : ((await ticket)[0] as Buffer)
  if (session === undefined) throw new Error('no session to resume')
  return { client, resuming: { ...trusting(ftp, only(version)), ...options, session } }
}

/** What is said of a transfer over a data connection that is to be refused. */
async function refusalOver(client: RawClient, data: TLSSocket, command = 'RETR a.txt'): Promise<string> {
  data.resume()
  const closed = data.destroyed ? undefined : once(data, 'close')
  data.on('end', () => data.end())
  await client.command(command, 125, 150)
  const { text } = await client.reply()
  data.destroy()
  await closed
  return text
}

const rule = { requireResumption: {} } as const
const NATURAL = '522 The data connection must resume the TLS session of the control connection.'

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', (version) => {
  test.each(dataWays.filter(({ protection }) => protection === 'P'))(
    '$verb: resumed it is well, else refused',
    async (way) => {
      await using ftp = await ftpsFixture()
      ftp.use({ rules: [{ then: rule }] })
      const { client, resuming } = await resumable(ftp, version)
      await using _ = client
      const fresh = await overTls(await openData(client, way), trusting(ftp, only(version)))
      expect(await refusalOver(client, fresh)).toBe(NATURAL)
      expect(await ftp.waitFor({ type: 'fault' })).toMatchObject({ verb: way.verb })
      const data = await overTls(await openData(client, way), resuming)
      expect(String(await fetchOver(client, data, 'RETR a.txt'))).toBe('over the wire\n')
      expect(encryptions(ftp).map(({ resumed }) => resumed)).toEqual([false, false, true])
    },
  )

  test.each(['127.0.0.1', 'localhost'])('the session of another control connection will not do; %s', async (name) => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [{ then: rule }] })
    const servername = name === 'localhost' ? { servername: name } : {}
    const one = await resumable(ftp, version, servername)
    const other = await resumable(ftp, version, servername)
    await using _ = one.client
    await using __ = other.client
    const data = await protectedData(other.client, one.resuming)
    expect(data.isSessionReused()).toBe(false)
    expect(await refusalOver(other.client, data)).toBe(NATURAL)
    const own = await protectedData(other.client, other.resuming)
    expect(String(await fetchOver(other.client, own, 'RETR a.txt'))).toBe('over the wire\n')
  })

  test('implicit TLS', async () => {
    await using ftp = await ftpsFixture({ implicitTls: true })
    ftp.use({ rules: [{ times: 1, then: rule }] })
    const { client, resuming } = await resumable(ftp, version)
    await using _ = client
    expect(await refusalOver(client, await protectedData(client, trusting(ftp)))).toBe(NATURAL)
    const data = await protectedData(client, resuming)
    expect(String(await fetchOver(client, data, 'RETR a.txt'))).toBe('over the wire\n')
  })

  test('a control connection from before the scenario', async () => {
    await using ftp = await ftpsFixture()
    const { client, resuming } = await resumable(ftp, version)
    await using _ = client
    ftp.use({ rules: [{ then: rule }] })
    const data = await protectedData(client, resuming)
    expect(String(await fetchOver(client, data, 'RETR a.txt'))).toBe('over the wire\n')
    expect(await refusalOver(client, await protectedData(client, trusting(ftp)))).toBe(NATURAL)
  })

  test('sessions are as they were when the scenario is over', async () => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [{ optional: true, then: rule }] })
    await (await resumable(ftp, version)).client[Symbol.asyncDispose]()
    ftp.reset()
    const { client, resuming } = await resumable(ftp, version)
    await using _ = client
    expect((await protectedData(client, resuming)).isSessionReused()).toBe(true)
    const fresh = await protectedData(client, trusting(ftp))
    expect(String(await fetchOver(client, fresh, 'RETR a.txt'))).toBe('over the wire\n')
  })
})

test.each([
  [{ with: '425 Unable to build data connection: TLS session was not resumed.' }, /^425 Unable/],
  [{ with: '450 Resume the session.' }, /^450 Resume/],
  ['close' as const, /^426 Connection closed/],
])('%j, once', async (settings, text) => {
  await using ftp = await ftpsFixture()
  ftp.use({ rules: [{ times: 1, then: { requireResumption: settings } }] })
  const { client } = await resumable(ftp, 'TLSv1.3')
  await using _ = client
  expect(await refusalOver(client, await protectedData(client, trusting(ftp)), 'STOR up.bin')).toMatch(text)
  const data = await protectedData(client, trusting(ftp))
  expect(String(await fetchOver(client, data, 'RETR a.txt'))).toBe('over the wire\n')
})

test('the reply is the transfer’s, and the connection closed, also where the transfer comes first', async () => {
  await using ftp = await ftpsFixture()
  ftp.use({ rules: [{ then: rule }] })
  const { client } = await resumable(ftp, 'TLSv1.2')
  await using _ = client
  const plain = await client.passive()
  await client.command('RETR big.bin', 125, 150)
  const data = await overTls(plain, trusting(ftp))
  const bytes = readAll(data).catch(() => Buffer.alloc(0))
  expect((await client.reply()).text).toBe(NATURAL)
  expect(await bytes).toHaveLength(0)
})

describe('clients', () => {
  async function download(ftp: FtpFixture, secureOptions: ConnectionOptions): Promise<string> {
    const client = new Client()
    const chunks: Buffer[] = []
    const write = (chunk: Buffer, _encoding: string, done: () => void) => {
      chunks.push(chunk)
      done()
    }
    try {
      const { host, port, username: user, password } = ftp
      await client.access({
        host,
        port,
        user,
        password,
        secure: true,
        secureOptions: { ca: ftp.ca ?? '', ...secureOptions },
      })
      await client.downloadTo(new Writable({ write }), 'a.txt')
      return String(Buffer.concat(chunks))
    } finally {
      client.close()
    }
  }

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('basic-ftp resumes, %s', async (version) => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [{ then: rule }] })
    expect(await download(ftp, only(version))).toBe('over the wire\n')
  })

  test.runIf(isInstalled('curl')).each([
    ['TLS 1.2', ['--tls-max', '1.2']],
    ['TLS 1.3', ['--tlsv1.3']],
  ])('curl resumes unless it is told not to, %s', async (_name, versions) => {
    await using ftp = await ftpsFixture()
    await using local = await ClientDirectory.create()
    ftp.use({ rules: [{ then: rule }] })
    const ca = await local.write('ca.pem', ftp.ca ?? '')
    const args = [
      '--disable',
      '--silent',
      '--noproxy',
      '*',
      '--ssl-reqd',
      '--cacert',
      ca,
      ...versions,
      `${ftp.url}/a.txt`,
    ]
    expect(await runTool('curl', args)).toMatchObject({ status: 0, stdout: 'over the wire\n' })
    expect((await runTool('curl', ['--no-sessionid', ...args])).status).not.toBe(0)
    expect(ftp.transcript.replies({ code: 522 })).toHaveLength(1)
  })

  test.runIf(isInstalled('python3'))('ftplib does not resume', async () => {
    await using ftp = await ftpsFixture()
    await using local = await ClientDirectory.create()
    ftp.use({ rules: [{ then: rule }] })
    const ca = await local.write('ca.pem', ftp.ca ?? '')
    const script = `
import ftplib, ssl, sys
host, port, ca = sys.argv[1:]
ftp = ftplib.FTP_TLS(timeout=20, context=ssl.create_default_context(cafile=ca))
ftp.connect(host, int(port))
ftp.login('user', '12345')
ftp.prot_p()
try:
    ftp.retrbinary('RETR a.txt', print)
except (ftplib.error_perm, OSError) as error:
    print(error)
`
    await runTool('python3', ['-c', script, ftp.host, String(ftp.port), ca])
    expect(ftp.transcript.replies({ code: 522 })).toHaveLength(1)
    expect(ftp.transcript.replies({ code: 226 })).toEqual([])
  })
})

test.each([{ with: '226 Fine.' }, { with: '522' }, 'never', true])('%j is refused', async (settings) => {
  await using ftp = await ftpsFixture()
  expect(() => ftp.use({ rules: [{ then: { requireResumption: settings as never } }] })).toThrow(/requireResumption/)
})
