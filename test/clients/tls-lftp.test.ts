import { describe, expect, test } from 'vitest'
import { type FtpFixture, randomBytes } from '../../src/index.ts'
import { ClientDirectory, linesIn, linesOf, outputOf, requireTool, runTool, sha256 } from '../support/clients.ts'
import { encryptions, ftpsFixture } from '../support/ftps.ts'

requireTool('lftp')

const SETTINGS = ['set cmd:fail-exit yes', 'set net:max-retries 1', 'set net:timeout 20', 'set ftp:ssl-force yes']
const VERSIONS = { 'TLSv1.2': 'NORMAL:-VERS-ALL:+VERS-TLS1.2', 'TLSv1.3': 'NORMAL:-VERS-ALL:+VERS-TLS1.3' } as const

/** What `lftp -c` is told: a host, and whom to trust. */
async function scriptFor(ftp: FtpFixture, local: ClientDirectory, commands: readonly string[], host = ftp.host) {
  const scheme = ftp.server.options.implicitTls ? 'ftps' : 'ftp'
  const ca = await local.write('ca.pem', ftp.ca ?? '')
  const open = `open --user ${ftp.username} --password ${ftp.password} ${scheme}://${host}:${ftp.port}`
  return ['--norc', '-c', [...SETTINGS, `set ssl:ca-file ${ca}`, ...commands, open].join('; ')]
}

/** Runs commands; those that set something come before the connection. */
async function lftp(ftp: FtpFixture, local: ClientDirectory, ...commands: string[]): Promise<string> {
  return outputOf('lftp', await scriptWith(ftp, local, commands), placeOf(local))
}

async function scriptWith(ftp: FtpFixture, local: ClientDirectory, commands: readonly string[], host?: string) {
  const isSetting = (command: string) => command.startsWith('set ')
  const [norc = '', c = '', script = ''] = await scriptFor(ftp, local, commands.filter(isSetting), host)
  return [norc, c, [script, ...commands.filter((command) => !isSetting(command))].join('; ')]
}

function placeOf(local: ClientDirectory) {
  return { cwd: local.path, env: { HOME: local.path, LFTP_HOME: `${local.path}/.lftp` } }
}

describe.each([
  { name: 'AUTH TLS', implicitTls: false },
  { name: 'implicit TLS', implicitTls: true },
])('$name', ({ implicitTls }) => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: uploads, downloads and lists', async (version) => {
    await using ftp = await ftpsFixture({ implicitTls })
    await using local = await ClientDirectory.create()
    const content = randomBytes('3MiB')
    await local.write('up', content)
    const priority = `set ssl:priority "${VERSIONS[version]}"`
    const protect = 'set ftp:ssl-protect-data yes'
    const commands = [priority, protect, 'put up -o up.bin', 'get up.bin -o down', 'recls -1']
    expect(linesIn(await lftp(ftp, local, ...commands))).toEqual(['a.txt', 'big.bin', 'empty.bin', 'up.bin'])
    expect(sha256(await local.read('down'))).toBe(sha256(content))
    expect(new Set(encryptions(ftp).map(({ protocol }) => protocol))).toEqual(new Set([version]))
    expect(encryptions(ftp, 'data')).toHaveLength(3)
    expect(new Set(ftp.transcript.transfers().map(({ outcome }) => outcome))).toEqual(new Set(['completed']))
    expect(linesOf(ftp, 'PROT').includes('PROT C')).toBe(false)
  })

  test('with ssl-protect-data off, files go in clear and listings do not', async () => {
    await using ftp = await ftpsFixture({ implicitTls })
    await using local = await ClientDirectory.create()
    const off = 'set ftp:ssl-protect-data no'
    const on = 'set ftp:ssl-protect-list yes'
    const said = await lftp(ftp, local, off, on, 'cat a.txt', 'recls -1', 'cat a.txt')
    expect(linesIn(said)).toEqual(['over the wire', 'a.txt', 'big.bin', 'empty.bin', 'over the wire'])
    expect(encryptions(ftp, 'data')).toHaveLength(1)
    expect(ftp.transcript.transfers().map(({ verb }) => verb)).toEqual(['RETR', 'MLSD', 'RETR'])
  })

  test('active mode, and many small uploads in a row', async () => {
    await using ftp = await ftpsFixture({ implicitTls, files: {} })
    await using local = await ClientDirectory.create()
    await local.write('small', 'a few bytes')
    const names = Array.from({ length: 20 }, (_, i) => `up-${10 + i}.txt`)
    const settings = ['set ftp:passive-mode no', 'set ftp:ssl-protect-data yes']
    await lftp(ftp, local, ...settings, ...names.map((name) => `put small -o ${name}`), 'get up-10.txt -o down')
    expect(await ftp.files.list()).toEqual(names)
    for (const name of names) expect(await ftp.files.read(name, 'utf8')).toBe('a few bytes')
    expect(String(await local.read('down'))).toBe('a few bytes')
  })

  test('the certificate is right for localhost, and refused without the authority', async () => {
    await using ftp = await ftpsFixture({ implicitTls })
    await using other = await ftpsFixture({ implicitTls })
    await using local = await ClientDirectory.create()
    const named = await scriptWith(ftp, local, ['set dns:order inet', 'cat a.txt'], 'localhost')
    expect(await outputOf('lftp', named, placeOf(local))).toBe('over the wire\n')
    const script = await scriptWith(ftp, local, ['get a.txt -o down'])
    await local.write('ca.pem', other.ca ?? '')
    const { status, stderr } = await runTool('lftp', script, placeOf(local))
    expect(status).toBe(1)
    expect(stderr).toContain('Certificate verification')
    expect(ftp.transcript.commands({ verb: 'RETR' })).toHaveLength(1)
  })
})
