import { describe, expect, test } from 'vitest'
import { type FtpFixture, randomBytes, startFtpServer } from '../../src/index.ts'
import {
  arrived,
  big,
  bigContent,
  ClientDirectory,
  expectManyNames,
  expectWay,
  linesOf,
  manyFiles,
  outputOf,
  requireTool,
  STALL_AFTER,
  StallingDTPHandler,
  samples,
  sha256,
  Tool,
  ways,
} from '../support/clients.ts'

requireTool('python3')

/** What each script starts with: `ftp` is logged in, `args` are the script's own arguments. */
const PRELUDE = `
import ftplib, hashlib, io, json, sys
host, port, user, password, *args = sys.argv[1:]
ftp = ftplib.FTP(timeout=20)
ftp.connect(host, int(port))
ftp.login(user, password)

def fetch(name, rest=None):
    parts = []
    ftp.retrbinary('RETR ' + name, parts.append, rest=rest)
    return b''.join(parts)

def refusal(function, *arguments):
    try:
        function(*arguments)
    except ftplib.all_errors as error:
        return str(error)[:3]
`

function argumentsFor(ftp: FtpFixture, host: string, script: string, args: readonly string[]): string[] {
  return ['-c', PRELUDE + script, host, String(ftp.port), ftp.username, ftp.password, ...args]
}

/** Runs a script and gives what it prints as JSON. */
async function python(ftp: FtpFixture, script: string, ...args: string[]): Promise<unknown> {
  return pythonAt(ftp, ftp.host, script, ...args)
}

async function pythonAt(ftp: FtpFixture, host: string, script: string, ...args: string[]): Promise<unknown> {
  return JSON.parse((await outputOf('python3', argumentsFor(ftp, host, script, args))) || 'null')
}

test('text, bytes and nothing go up and come back', async () => {
  await using ftp = await startFtpServer()
  await using local = await ClientDirectory.create()
  for (const [name, content] of Object.entries(samples)) await local.write(name, content)
  const script = `
hashes = {}
for name in args[1:]:
    with open(args[0] + '/' + name, 'rb') as file:
        ftp.storbinary('STOR ' + name, file)
    hashes[name] = [hashlib.sha256(fetch(name)).hexdigest(), ftp.size(name)]
ftp.quit()
print(json.dumps(hashes))`
  const back = await python(ftp, script, local.path, ...Object.keys(samples))
  const expected = Object.entries(samples).map(([name, content]) => [name, [sha256(content), content.length]])
  expect(back).toEqual(Object.fromEntries(expected))
  for (const [name, content] of Object.entries(samples)) {
    expect(sha256(await ftp.files.read(name)), name).toBe(sha256(content))
  }
  expect(linesOf(ftp, 'STOR')).toEqual(Object.keys(samples).map((name) => `STOR ${name}`))
})

test('100 MiB go up and come back', async () => {
  await using ftp = await startFtpServer({ files: { 'big.bin': big } })
  await using local = await ClientDirectory.create()
  const script = `
with open(args[0], 'wb') as file:
    ftp.retrbinary('RETR big.bin', file.write, blocksize=262144)
with open(args[0], 'rb') as file:
    ftp.storbinary('STOR back.bin', file, blocksize=262144)`
  await python(ftp, script, local.file('big.bin'))
  const hash = sha256(bigContent())
  expect(sha256(await local.read('big.bin'))).toBe(hash)
  expect(sha256(await ftp.files.read('back.bin'))).toBe(hash)
})

// ftplib takes PASV and PORT over IPv4, EPSV and EPRT over IPv6.
const ownWays = ways.filter(({ verb, connect }) => verb.startsWith('E') === (connect === '::1'))

describe.each(ownWays)('$verb over $connect on a server at $listen', (way) => {
  test('uploads, downloads and lists', async () => {
    const content = randomBytes('300KiB')
    await using ftp = await startFtpServer({ host: way.listen, files: { 'here.bin': content } })
    const script = `
ftp.set_pasv(args[0] == 'passive')
ftp.storbinary('STOR there.bin', io.BytesIO(fetch('here.bin')))
lines = []
ftp.retrlines('LIST', lines.append)
print(json.dumps([ftp.nlst(), len(lines), [name for name, facts in ftp.mlsd()]]))`
    const mode = way.verb === 'PASV' || way.verb === 'EPSV' ? 'passive' : 'active'
    const names = ['here.bin', 'there.bin']
    expect(await pythonAt(ftp, way.connect, script, mode)).toEqual([names, 2, names])
    expect(sha256(await ftp.files.read('there.bin'))).toBe(sha256(content))
    expectWay(ftp, way)
  })
})

test('awkward names are listed, downloaded, uploaded, renamed and deleted', async () => {
  await using ftp = await startFtpServer({ files: 'names' })
  const script = `
files = [name for name, facts in ftp.mlsd() if facts['type'] == 'file']
assert set(files) < set(ftp.nlst())
made = ftp.mkd('new ü "dir"')
for name in files:
    ftp.storbinary(f'STOR {made}/{name}', io.BytesIO(fetch(name)))
    ftp.rename(name, name + '~')
    ftp.delete(name + '~')
print(json.dumps([made, files]))`
  const before = new Map<string, Buffer>()
  for (const name of await ftp.files.list()) {
    if (name !== 'ünï' && name !== 'directory with space') before.set(name, await ftp.files.read(name))
  }
  expect(await python(ftp, script)).toEqual(['/new ü "dir"', [...before.keys()]])
  expect(await ftp.files.list()).toEqual(['directory with space', 'new ü "dir"', 'ünï'])
  expect(await ftp.files.list('new ü "dir"')).toEqual([...before.keys()])
  for (const [name, content] of before) expect(await ftp.files.read(`new ü "dir"/${name}`), name).toEqual(content)
})

test('LIST and MLSD describe a directory', async () => {
  await using ftp = await startFtpServer({ files: 'basic' })
  const script = `
lines = []
ftp.dir('pub', lines.append)
facts = dict(ftp.mlsd('pub', ['type', 'size', 'modify']))
print(json.dumps([[line.split()[-1] for line in lines], facts['hello.txt'], sorted(facts)]))`
  const names = await ftp.files.list('pub')
  const hello = { type: 'file', size: '6', modify: '20240301080000' }
  expect(await python(ftp, script)).toEqual([names, hello, names])
  expect(linesOf(ftp, 'OPTS')).toEqual(['OPTS MLST type;size;modify;'])
})

test('downloads and uploads are resumed with REST', async () => {
  const content = randomBytes('3MiB')
  const files = { 'down.bin': content, 'up.bin': content.subarray(0, 1_000_001) }
  await using ftp = await startFtpServer({ files })
  const script = `
ftp.voidcmd('TYPE I')
rest = ftp.size('up.bin')
tail = fetch('down.bin', rest)
ftp.storbinary('STOR up.bin', io.BytesIO(tail), rest=rest)
print(json.dumps(hashlib.sha256(tail).hexdigest()))`
  expect(await python(ftp, script)).toBe(sha256(content.subarray(1_000_001)))
  expect(sha256(await ftp.files.read('up.bin'))).toBe(sha256(content))
  expect(linesOf(ftp, 'REST', 'STOR', 'RETR')).toEqual(['REST 1000001', 'RETR down.bin', 'REST 1000001', 'STOR up.bin'])
  expect(ftp.transcript.transfers()).toMatchObject([
    { verb: 'RETR', restartMarker: 1_000_001 },
    { verb: 'STOR', restartMarker: 1_000_001 },
  ])
})

test('directories are made, entered and removed', async () => {
  await using ftp = await startFtpServer({ files: { 'old.txt': 'text', 'empty/': {} } })
  const script = `
made = ftp.mkd('one')
ftp.cwd('one')
inner = ftp.mkd('t"w"o')
ftp.cwd(inner)
where = ftp.pwd()
ftp.cwd('..')
ftp.rename('../old.txt', 'new.txt')
ftp.rmd('../empty')
print(json.dumps([made, inner, where, ftp.pwd()]))`
  expect(await python(ftp, script)).toEqual(['/one', '/one/t"w"o', '/one/t"w"o', '/one'])
  expect(await ftp.files.list()).toEqual(['one'])
  expect(await ftp.files.list('one')).toEqual(['new.txt', 't"w"o'])
  expect(linesOf(ftp, 'CDUP')).toEqual(['CDUP'])
})

test('lines are transferred in TYPE A both ways', async () => {
  await using ftp = await startFtpServer({ files: { 'down.txt': 'one\ntwo\n' } })
  const script = `
lines = []
ftp.retrlines('RETR down.txt', lines.append)
ftp.storlines('STOR up.txt', io.BytesIO(b'three\\nfour\\n'))
print(json.dumps(lines))`
  expect(await python(ftp, script)).toEqual(['one', 'two'])
  expect(await ftp.files.read('up.txt', 'utf8')).toBe('three\nfour\n')
  expect(ftp.transcript.transfers()).toMatchObject([
    { representation: 'A', bytes: 'one\r\ntwo\r\n'.length },
    { representation: 'A', bytes: 'three\r\nfour\r\n'.length },
  ])
})

test('a transfer is aborted, and the session goes on', async () => {
  await using ftp = await startFtpServer({ files: { 'big.bin': { size: '50MiB' }, 'a.txt': 'text' } })
  const script = `
ftp.voidcmd('TYPE I')
data = ftp.transfercmd('RETR big.bin')
data.recv(1000)
reply = ftp.abort()
data.close()
after = ftp.getresp()
print(json.dumps([reply[:3], after[:3], fetch('a.txt').decode()]))`
  expect(await python(ftp, script)).toEqual(['426', '226', 'text'])
  expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'aborted' }, { outcome: 'completed' }])
})

test('wrong password, missing files and missing permissions are told', async () => {
  const users = [{ username: 'reader', password: 'x', perm: 'elr' }]
  await using ftp = await startFtpServer({ users, authFailedTimeout: 0, files: { 'a.txt': 'text' } })
  const script = `
other = ftplib.FTP(timeout=20)
other.connect(host, int(port))
print(json.dumps([
    refusal(other.login, user, 'wrong'), refusal(fetch, 'none.txt'), refusal(ftp.size, 'none.txt'),
    refusal(ftp.storbinary, 'STOR b.txt', io.BytesIO(b'x')), refusal(ftp.storbinary, 'APPE a.txt', io.BytesIO(b'x')),
    refusal(ftp.delete, 'a.txt'), refusal(ftp.rename, 'a.txt', 'b.txt'), refusal(ftp.mkd, 'd'), refusal(ftp.cwd, 'none'),
    fetch('a.txt').decode()]))
other.close()`
  expect(await python(ftp, script)).toEqual(['530', ...Array(8).fill('550'), 'text'])
  expect(await ftp.files.list()).toEqual(['a.txt'])
  await ftp.waitFor({ type: 'login-failed', username: 'reader' })
})

test('a client killed while it downloads or uploads leaves the server well', async () => {
  const files = { 'big.bin': { size: '50MiB' }, 'a.txt': 'text' } as const
  await using ftp = await startFtpServer({ files, dtpHandler: StallingDTPHandler })
  const download = `
ftp.voidcmd('TYPE I')
data = ftp.transfercmd('RETR big.bin')
print(len(data.recv(1000)), flush=True)
sys.stdin.read()`
  const down = new Tool('python3', argumentsFor(ftp, ftp.host, download, []))
  await down.output()
  await down.kill()
  const downloaded = await ftp.waitFor({ type: 'transfer', session: 1 })
  expect(downloaded).toMatchObject({ verb: 'RETR', outcome: expect.stringMatching(/failed|aborted/) })
  const upload = `
ftp.storbinary('STOR cut.bin', io.BytesIO(bytes(50 * 1024 * 1024)))`
  const up = new Tool('python3', argumentsFor(ftp, ftp.host, upload, []))
  await arrived(ftp, 'cut.bin', STALL_AFTER)
  await up.kill()
  expect(await ftp.waitFor({ type: 'transfer', session: 2 })).toMatchObject({ verb: 'STOR', outcome: 'aborted' })
  await ftp.waitFor({ type: 'disconnect', session: 2 })
  expect(await python(ftp, "print(json.dumps(fetch('a.txt').decode()))")).toBe('text')
})

test('10,000 files are listed', async () => {
  await using ftp = await startFtpServer({ files: manyFiles })
  const script = `
lines = []
ftp.dir('many', lines.append)
print(json.dumps([[line.split()[-1] for line in lines], ftp.nlst('many'), [name for name, facts in ftp.mlsd('many')]]))`
  const listings = (await python(ftp, script)) as string[][]
  expect(listings).toHaveLength(3)
  for (const names of listings) expectManyNames(names)
})
