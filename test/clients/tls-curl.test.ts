import { describe, expect, test } from 'vitest'
import { type FtpFixture, randomBytes } from '../../src/index.ts'
import { ClientDirectory, linesIn, linesOf, outputOf, requireTool, runTool, sha256, urlOf } from '../support/clients.ts'
import { encryptions, failures, ftpsFixture } from '../support/ftps.ts'

requireTool('curl')

/** curl's exit status for a certificate that it does not trust. */
const NOT_TRUSTED = 60

const FLAVOURS = [
  { name: 'AUTH TLS', scheme: 'ftp', implicitTls: false },
  { name: 'implicit TLS', scheme: 'ftps', implicitTls: true },
] as const

function url(ftp: FtpFixture, file = '', host: string = ftp.host): string {
  return urlOf(ftp, host, file).replace(/^ftp:/, ftp.server.options.implicitTls ? 'ftps:' : 'ftp:')
}

async function argumentsFor(ftp: FtpFixture, local: ClientDirectory, args: readonly string[]): Promise<string[]> {
  const user = `${ftp.username}:${ftp.password}`
  const ca = await local.write('ca.pem', ftp.ca ?? '')
  const plain = ['--disable', '--silent', '--show-error', '--noproxy', '*', '--globoff', '--user', user]
  const protection = args.includes('--ftp-ssl-control') ? [] : ['--ssl-reqd']
  return [...plain, ...protection, '--cacert', ca, '--quote', 'NOOP', ...args]
}

async function curl(ftp: FtpFixture, local: ClientDirectory, ...args: string[]): Promise<string> {
  return outputOf('curl', await argumentsFor(ftp, local, args))
}

describe.each(FLAVOURS)('$name', ({ implicitTls }) => {
  test.each([
    ['TLSv1.2', ['--tls-max', '1.2']],
    ['TLSv1.3', ['--tlsv1.3']],
  ] as const)('%s: uploads, downloads and lists, with its sessions resumed', async (protocol, versions) => {
    await using ftp = await ftpsFixture({ implicitTls })
    await using local = await ClientDirectory.create()
    const content = randomBytes('3MiB')
    await curl(ftp, local, ...versions, '--upload-file', await local.write('up', content), url(ftp, 'up.bin'))
    expect(sha256(await ftp.files.read('up.bin'))).toBe(sha256(content))
    await curl(ftp, local, ...versions, '--output', local.file('down'), url(ftp, 'up.bin'))
    expect(sha256(await local.read('down'))).toBe(sha256(content))
    const names = ['a.txt', 'big.bin', 'empty.bin', 'up.bin']
    expect(linesIn(await curl(ftp, local, ...versions, '--list-only', url(ftp)))).toEqual(names)
    expect(encryptions(ftp).map((event) => `${event.connection} ${event.protocol}`)).toEqual(
      Array.from({ length: 6 }, (_, i) => `${i % 2 === 0 ? 'control' : 'data'} ${protocol}`),
    )
    expect(new Set(encryptions(ftp, 'data').map(({ resumed }) => resumed))).toEqual(new Set([true]))
    expect(ftp.transcript.transfers().map(({ outcome }) => outcome)).toEqual(Array(3).fill('completed'))
  })

  // No active mode: curl 7.88 does not speak TLS there, which its issue 10666 mended in 8.0.
  test('empty files, and a large one', async () => {
    await using ftp = await ftpsFixture({ implicitTls })
    await using local = await ClientDirectory.create()
    await curl(ftp, local, '--upload-file', await local.write('none', ''), url(ftp, 'none.bin'))
    expect(await ftp.files.read('none.bin')).toHaveLength(0)
    expect(await curl(ftp, local, url(ftp, 'empty.bin'))).toBe('')
    await curl(ftp, local, '--output', local.file('big'), url(ftp, 'big.bin'))
    await curl(ftp, local, '--upload-file', local.file('big'), url(ftp, 'back.bin'))
    expect(sha256(await ftp.files.read('back.bin'))).toBe(sha256(await ftp.files.read('big.bin')))
  })

  test('the certificate is right for localhost and for the address', async () => {
    await using ftp = await ftpsFixture({ implicitTls })
    await using local = await ClientDirectory.create()
    for (const host of ['localhost', '127.0.0.1']) {
      expect(await curl(ftp, local, '--ipv4', url(ftp, 'a.txt', host)), host).toBe('over the wire\n')
    }
  })

  test('without the authority it does not go on, and says why', async () => {
    await using ftp = await ftpsFixture({ implicitTls })
    await using other = await ftpsFixture({ implicitTls })
    await using local = await ClientDirectory.create()
    const args = await argumentsFor(other, local, [url(ftp, 'a.txt')])
    const { status, stderr } = await runTool('curl', args)
    expect(status).toBe(NOT_TRUSTED)
    expect(stderr).toContain('certificate')
    await ftp.waitFor({ type: 'disconnect' })
    expect(failures(ftp)).toMatchObject([{ connection: 'control', reason: expect.stringContaining('unknown ca') }])
  })
})

test('--ftp-ssl-control encrypts the control connection alone', async () => {
  await using ftp = await ftpsFixture()
  await using local = await ClientDirectory.create()
  expect(await curl(ftp, local, '--ftp-ssl-control', url(ftp, 'a.txt'))).toBe('over the wire\n')
  expect(encryptions(ftp).map(({ connection }) => connection)).toEqual(['control'])
})

test('what the server requires is what it does anyway', async () => {
  await using ftp = await ftpsFixture({ tlsControlRequired: true, tlsDataRequired: true })
  await using local = await ClientDirectory.create()
  expect(await curl(ftp, local, url(ftp, 'a.txt'))).toBe('over the wire\n')
  expect(linesOf(ftp, 'AUTH', 'USER', 'PBSZ', 'PROT', 'RETR')).toEqual([
    'AUTH SSL',
    'USER user',
    'PBSZ 0',
    'PROT P',
    'RETR a.txt',
  ])
})
