import { describe, expect, test } from 'vitest'
import { type FtpFixture, randomBytes, startFtpServer } from '../../src/index.ts'
import {
  big,
  bigContent,
  ClientDirectory,
  expectManyNames,
  expectWay,
  linesIn,
  linesOf,
  manyFiles,
  outputOf,
  requireTool,
  runTool,
  samples,
  sha256,
  type ToolResult,
  type Way,
  ways,
} from '../support/clients.ts'

requireTool('lftp')

const SETTINGS = [
  'set cmd:fail-exit yes',
  'set net:max-retries 1',
  'set net:timeout 20',
  'set ftp:charset utf-8',
  'set file:charset utf-8',
  'set ftp:sync-mode no',
]

const WAY_SETTINGS: Readonly<Record<Way['verb'], readonly string[]>> = {
  PASV: ['set ftp:prefer-epsv no'],
  EPSV: ['set ftp:prefer-epsv yes'],
  PORT: ['set ftp:passive-mode no'],
  EPRT: ['set ftp:passive-mode no'],
}

/** What `lftp -c` is told; its own configuration and history stay away from the home directory. */
function scriptFor(ftp: FtpFixture, host: string, commands: readonly string[], password = ftp.password): string[] {
  const open = `open --user ${ftp.username} --password ${password} --port ${ftp.port} ${host}`
  return ['--norc', '-c', [...SETTINGS, open, ...commands].join('; ')]
}

/** Runs commands in a directory, which stands for the home too. */
function lftp(ftp: FtpFixture, local: ClientDirectory, ...commands: string[]): Promise<string> {
  return outputOf('lftp', scriptFor(ftp, ftp.host, commands), placeOf(local))
}

function tryLftp(ftp: FtpFixture, local: ClientDirectory, ...commands: string[]): Promise<ToolResult> {
  return runTool('lftp', scriptFor(ftp, ftp.host, commands), placeOf(local))
}

function placeOf(local: ClientDirectory) {
  return { cwd: local.path, env: { HOME: local.path, LFTP_HOME: `${local.path}/.lftp` } }
}

/** A word of lftp's language. */
function quoted(name: string): string {
  return `"${name.replace(/["\\]/g, '\\$&')}"`
}

test.each(Object.entries(samples))('%s goes up and comes back', async (name, content) => {
  await using ftp = await startFtpServer()
  await using local = await ClientDirectory.create()
  await local.write(name, content)
  await lftp(ftp, local, `put ${name}`, `get ${name} -o back`)
  expect(sha256(await ftp.files.read(name))).toBe(sha256(content))
  expect(sha256(await local.read('back'))).toBe(sha256(content))
  const transfers = ftp.transcript.transfers().filter(({ verb }) => verb === 'STOR' || verb === 'RETR')
  expect(transfers).toMatchObject([
    { verb: 'STOR', direction: 'received', bytes: content.length, representation: 'I', outcome: 'completed' },
    { verb: 'RETR', direction: 'sent', bytes: content.length, representation: 'I', outcome: 'completed' },
  ])
})

test('100 MiB go up and come back', async () => {
  await using ftp = await startFtpServer({ files: { 'big.bin': big } })
  await using local = await ClientDirectory.create()
  await lftp(ftp, local, 'get big.bin', 'put big.bin -o back.bin')
  const hash = sha256(bigContent())
  expect(sha256(await local.read('big.bin'))).toBe(hash)
  expect(sha256(await ftp.files.read('back.bin'))).toBe(hash)
})

// lftp has no EPRT over IPv4, and over the loopback interface of IPv6 none that is right: see below.
const ownWays = ways.filter(({ verb }) => verb !== 'EPRT')

describe.each(ownWays)('$verb over $connect on a server at $listen', (way) => {
  test('uploads, downloads and lists', async () => {
    const content = randomBytes('300KiB')
    await using ftp = await startFtpServer({ host: way.listen, files: { 'here.bin': content } })
    await using local = await ClientDirectory.create()
    const commands = [...WAY_SETTINGS[way.verb], 'get here.bin', 'put here.bin -o there.bin', 'recls -1', 'nlist']
    const listed = await outputOf('lftp', scriptFor(ftp, way.connect, commands), placeOf(local))
    expect(linesIn(listed)).toEqual(['here.bin', 'there.bin', 'here.bin', 'there.bin'])
    expect(sha256(await ftp.files.read('there.bin'))).toBe(sha256(content))
    expectWay(ftp, way)
  })
})

test('EPRT over ::1 names the address ::, which is refused as a foreign one', async () => {
  await using ftp = await startFtpServer({ host: '::1', files: { 'a.txt': 'text' } })
  await using local = await ClientDirectory.create()
  const { status, stderr } = await tryLftp(ftp, local, ...WAY_SETTINGS.EPRT, 'get a.txt')
  expect(status).toBe(1)
  expect(stderr).toContain('501 Rejected data connection to foreign address')
  expect(linesOf(ftp, 'EPRT')[0]).toMatch(/^EPRT \|2\|::\|\d+\|$/)
})

test.each(['yes', 'no'])('a tree with awkward names is mirrored down and up, MLSD: %s', async (mlsd) => {
  await using ftp = await startFtpServer({ files: 'names' })
  await using local = await ClientDirectory.create()
  const commands = [
    `set ftp:use-mlsd ${mlsd}`,
    'mirror --parallel=3 / down',
    'mirror --reverse --parallel=3 down "new ü dir"',
  ]
  await lftp(ftp, local, ...commands)
  const names = (await ftp.files.list()).filter((name) => name !== 'new ü dir')
  expect(await ftp.files.list('new ü dir')).toEqual(names)
  const files = names.filter((name) => name !== 'ünï' && name !== 'directory with space')
  for (const name of [...files, 'ünï/cödé/deep.txt', 'directory with space/inside.txt']) {
    expect(await ftp.files.read(`new ü dir/${name}`), name).toEqual(await ftp.files.read(name))
  }
  expect(ftp.transcript.commands({ verb: mlsd === 'yes' ? 'MLSD' : 'LIST' })).not.toHaveLength(0)
})

test('mirroring keeps times with MDTM, facts and MFMT', async () => {
  await using ftp = await startFtpServer({ files: 'basic' })
  await using local = await ClientDirectory.create()
  await lftp(
    ftp,
    local,
    'mirror / down',
    'mirror --reverse down copy',
    'cls --date --time-style=%FT%T copy/pub/hello.txt',
  )
  expect(linesOf(ftp, 'MFMT')).toContain('MFMT 20240301080000 hello.txt')
  const again = await lftp(ftp, local, 'mirror --verbose --reverse down copy')
  expect(again).not.toMatch(/Transferring/)
})

test('LIST and MLSD show a directory', async () => {
  await using ftp = await startFtpServer({ files: 'basic' })
  await using local = await ClientDirectory.create()
  const lines = linesIn(await lftp(ftp, local, 'ls pub'))
  expect(lines.map((line) => line.split(/\s+/)[8])).toEqual(await ftp.files.list('pub'))
  const sizes = linesIn(await lftp(ftp, local, 'set ftp:use-mlsd yes', 'cls --size --block-size=1 -1 pub/'))
  expect(sizes.map((line) => line.trim())).toContain('6 pub/hello.txt')
  expect(linesOf(ftp, 'LIST', 'MLSD')).toEqual(['LIST pub', 'MLSD'])
})

test('downloads and uploads are resumed with REST', async () => {
  const content = randomBytes('3MiB')
  const files = { 'down.bin': content, 'up.bin': content.subarray(0, 1_000_001) }
  await using ftp = await startFtpServer({ files })
  await using local = await ClientDirectory.create()
  await local.write('down.bin', content.subarray(0, 2_000_002))
  await local.write('up.bin', content)
  await lftp(ftp, local, 'get -c down.bin', 'put -c up.bin')
  expect(sha256(await local.read('down.bin'))).toBe(sha256(content))
  expect(sha256(await ftp.files.read('up.bin'))).toBe(sha256(content))
  expect(linesOf(ftp, 'REST')).toEqual(['REST 2000002', 'REST 1000001'])
})

test('a file is fetched in four pieces at once', async () => {
  const content = randomBytes('20MiB')
  // Unlimited, the first connection can have fetched it all before the others are there.
  await using ftp = await startFtpServer({ writeLimit: '10MiB/s', files: { 'a.bin': content } })
  await using local = await ClientDirectory.create()
  await lftp(ftp, local, 'pget -n 4 a.bin')
  expect(sha256(await local.read('a.bin'))).toBe(sha256(content))
  expect(linesOf(ftp, 'REST').sort()).toEqual(['REST 10485760', 'REST 15728640', 'REST 5242880'])
})

test('files and directories are renamed, made and removed', async () => {
  await using ftp = await startFtpServer({
    files: { 'old name.txt': 'text', 'gone.txt': '', 'empty/': {}, 'full/a/b.txt': '' },
  })
  await using local = await ClientDirectory.create()
  const moved = `mv "old name.txt" ${quoted('new "näme".txt')}`
  await lftp(ftp, local, moved, 'rm gone.txt', 'rmdir empty', 'mkdir -p one/two', 'rm -r full', 'chmod 600 one')
  expect(await ftp.files.list()).toEqual(['new "näme".txt', 'one'])
  expect(await ftp.files.list('one')).toEqual(['two'])
  expect(linesOf(ftp, 'RNFR', 'RNTO', 'SITE CHMOD', 'SITE')).toEqual([
    'RNFR old name.txt',
    'RNTO new "näme".txt',
    'SITE CHMOD 600 one',
  ])
})

test('text is converted in TYPE A both ways', async () => {
  await using ftp = await startFtpServer({ files: { 'down.txt': 'one\ntwo\n' } })
  await using local = await ClientDirectory.create()
  await local.write('up.txt', 'three\nfour\n')
  await lftp(ftp, local, 'get -a down.txt', 'put -a up.txt')
  expect(String(await local.read('down.txt'))).toBe('one\ntwo\n')
  expect(await ftp.files.read('up.txt', 'utf8')).toBe('three\nfour\n')
  expect(ftp.transcript.transfers().filter(({ representation }) => representation === 'A')).toMatchObject([
    { verb: 'RETR', bytes: 'one\r\ntwo\r\n'.length },
    { verb: 'STOR', bytes: 'three\r\nfour\r\n'.length },
  ])
})

test('a wrong password is told', async () => {
  await using ftp = await startFtpServer({ authFailedTimeout: 0 })
  await using local = await ClientDirectory.create()
  const { status, stderr } = await runTool('lftp', scriptFor(ftp, ftp.host, ['cd /'], 'wrong'), placeOf(local))
  expect(status).toBe(1)
  expect(stderr).toContain('530')
  await ftp.waitFor({ type: 'login-failed', username: 'user' })
})

test('missing files and missing permissions are told', async () => {
  const users = [{ username: 'reader', password: 'x', perm: 'elr' }]
  await using ftp = await startFtpServer({ users, files: { 'a.txt': 'text' } })
  await using local = await ClientDirectory.create()
  await local.write('b.txt', 'more')
  for (const command of ['get none.txt', 'cd none', 'put b.txt', 'rm a.txt', 'mv a.txt c.txt', 'mkdir d']) {
    const { status, stderr } = await tryLftp(ftp, local, command)
    expect(status, command).toBe(1)
    expect(stderr, command).toContain('550')
  }
  expect(await lftp(ftp, local, 'cat a.txt')).toBe('text')
  expect(await ftp.files.list()).toEqual(['a.txt'])
})

test('10,000 files are listed', async () => {
  await using ftp = await startFtpServer({ files: manyFiles })
  await using local = await ClientDirectory.create()
  expectManyNames(linesIn(await lftp(ftp, local, 'ls many')).map((line) => line.slice(line.lastIndexOf(' ') + 1)))
  expectManyNames(linesIn(await lftp(ftp, local, 'set ftp:use-mlsd yes', 'cd many', 'cls -1')))
  expect(ftp.transcript.commands({ verb: 'MLSD' })).toHaveLength(1)
})
