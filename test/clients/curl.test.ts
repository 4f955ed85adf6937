import { describe, expect, test } from 'vitest'
import { type FtpFixture, randomBytes, startFtpServer } from '../../src/index.ts'
import {
  arrived,
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
  STALL_AFTER,
  StallingDTPHandler,
  samples,
  sha256,
  Tool,
  type ToolResult,
  urlOf,
  type Way,
  ways,
} from '../support/clients.ts'

requireTool('curl')

/** curl's exit statuses. */
const LOGIN_DENIED = 67
const REMOTE_FILE_NOT_FOUND = 78
const UPLOAD_FAILED = 25
const QUOTE_ERROR = 21

const WAY_OPTIONS: Readonly<Record<Way['verb'], readonly string[]>> = {
  PASV: ['--disable-epsv'],
  EPSV: [],
  PORT: ['--ftp-port', '-', '--disable-eprt'],
  EPRT: ['--ftp-port', '-'],
}

function argumentsFor(ftp: FtpFixture, args: readonly string[]): string[] {
  const user = `${ftp.username}:${ftp.password}`
  const plain = ['--disable', '--silent', '--show-error', '--noproxy', '*', '--globoff', '--user', user]
  // curl 7.88 sleeps for a second when EPSV is the first command of a transfer and its reply is there at once.
  return [...plain, '--quote', 'NOOP', ...args]
}

function curl(ftp: FtpFixture, ...args: string[]): Promise<string> {
  return outputOf('curl', argumentsFor(ftp, args))
}

function tryCurl(ftp: FtpFixture, ...args: string[]): Promise<ToolResult> {
  return runTool('curl', argumentsFor(ftp, args))
}

function url(ftp: FtpFixture, file = ''): string {
  return urlOf(ftp, ftp.host, file)
}

test.each(Object.entries(samples))('%s goes up and comes back', async (name, content) => {
  await using ftp = await startFtpServer()
  await using local = await ClientDirectory.create()
  await curl(ftp, '--upload-file', await local.write(name, content), url(ftp, name))
  expect(sha256(await ftp.files.read(name))).toBe(sha256(content))
  await curl(ftp, '--output', local.file('back'), url(ftp, name))
  expect(sha256(await local.read('back'))).toBe(sha256(content))
  expect(ftp.transcript.transfers()).toMatchObject([
    { verb: 'STOR', direction: 'received', bytes: content.length, representation: 'I', outcome: 'completed' },
    { verb: 'RETR', direction: 'sent', bytes: content.length, representation: 'I', outcome: 'completed' },
  ])
})

test('100 MiB go up and come back', async () => {
  await using ftp = await startFtpServer({ files: { 'big.bin': big } })
  await using local = await ClientDirectory.create()
  const hash = sha256(bigContent())
  await curl(ftp, '--output', local.file('big.bin'), url(ftp, 'big.bin'))
  expect(sha256(await local.read('big.bin'))).toBe(hash)
  await curl(ftp, '--upload-file', local.file('big.bin'), url(ftp, 'back.bin'))
  expect(sha256(await ftp.files.read('back.bin'))).toBe(hash)
})

describe.each(ways)('$verb over $connect on a server at $listen', (way) => {
  test('uploads, downloads and lists', async () => {
    const content = randomBytes('300KiB')
    await using ftp = await startFtpServer({ host: way.listen, files: { 'here.bin': content } })
    await using local = await ClientDirectory.create()
    const at = (file: string) => urlOf(ftp, way.connect, file)
    const options = WAY_OPTIONS[way.verb]
    await curl(ftp, ...options, '--output', local.file('here.bin'), at('here.bin'))
    await curl(ftp, ...options, '--upload-file', local.file('here.bin'), at('there.bin'))
    expect(sha256(await ftp.files.read('there.bin'))).toBe(sha256(content))
    expect(linesIn(await curl(ftp, ...options, '--list-only', at('')))).toEqual(['here.bin', 'there.bin'])
    expectWay(ftp, way)
    expect(ftp.transcript.transfers()).toHaveLength(3)
  })
})

test('awkward names are downloaded and uploaded', async () => {
  await using ftp = await startFtpServer({ files: 'names' })
  await using local = await ClientDirectory.create()
  const names = (await ftp.files.list()).filter((name) => name.includes('.') || name.startsWith('-'))
  const down = names.flatMap((name, i) => ['--output', local.file(`${i}`), url(ftp, name)])
  await curl(ftp, ...down)
  const up = names.flatMap((name, i) => ['--upload-file', local.file(`${i}`), url(ftp, `new ü "dir"/${name}`)])
  await curl(ftp, '--ftp-create-dirs', ...up)
  expect(await ftp.files.list('new ü "dir"')).toEqual(names)
  for (const name of names) {
    expect(await ftp.files.read(`new ü "dir"/${name}`), name).toEqual(await ftp.files.read(name))
  }
  await curl(ftp, '--output', local.file('deep'), url(ftp, 'ünï/cödé/deep.txt'))
  expect(await local.read('deep')).toEqual(await ftp.files.read('ünï/cödé/deep.txt'))
})

test('LIST, NLST and MLSD show a directory', async () => {
  await using ftp = await startFtpServer({ files: 'basic' })
  const listed = linesIn(await curl(ftp, url(ftp, 'pub/'))).map((line) => line.split(/\s+/))
  expect(listed.map((words) => words[8])).toEqual(await ftp.files.list('pub'))
  const hello = listed.find((words) => words[8] === 'hello.txt')
  expect(hello?.slice(4)).toEqual(['6', 'Mar', '01', '2024', 'hello.txt'])
  expect(linesIn(await curl(ftp, '--list-only', url(ftp, 'pub/docs/')))).toEqual(['2023', '2024'])
  const facts = await curl(ftp, '--request', 'MLSD', url(ftp, 'pub/'))
  expect(facts).toMatch(/^type=file;.*size=6;.*modify=20240301080000;.* hello\.txt$/m)
  expect(linesOf(ftp, 'LIST', 'NLST', 'MLSD')).toEqual(['LIST', 'NLST', 'MLSD'])
})

test('size and time come with --head', async () => {
  await using ftp = await startFtpServer({ files: 'basic' })
  const head = await curl(ftp, '--head', url(ftp, 'readme.txt'))
  expect(head).toContain('Last-Modified: Thu, 29 Feb 2024 12:34:56 GMT')
  expect(head).toContain(`Content-Length: ${(await ftp.files.read('readme.txt')).length}`)
})

test('a download is resumed with REST', async () => {
  const content = randomBytes('3MiB')
  await using ftp = await startFtpServer({ files: { 'a.bin': content } })
  await using local = await ClientDirectory.create()
  await local.write('a.bin', content.subarray(0, 1_000_001))
  await curl(ftp, '--continue-at', '-', '--output', local.file('a.bin'), url(ftp, 'a.bin'))
  expect(sha256(await local.read('a.bin'))).toBe(sha256(content))
  expect(linesOf(ftp, 'REST')).toEqual(['REST 1000001'])
  expect(ftp.transcript.transfers()).toMatchObject([{ restartMarker: 1_000_001, bytes: content.length - 1_000_001 }])
})

test('an upload is resumed with SIZE and APPE', async () => {
  const content = randomBytes('3MiB')
  await using ftp = await startFtpServer({ files: { 'a.bin': content.subarray(0, 1_000_001) } })
  await using local = await ClientDirectory.create()
  await curl(ftp, '--continue-at', '-', '--upload-file', await local.write('a.bin', content), url(ftp, 'a.bin'))
  expect(sha256(await ftp.files.read('a.bin'))).toBe(sha256(content))
  expect(linesOf(ftp, 'SIZE', 'APPE', 'STOR')).toEqual(['SIZE a.bin', 'APPE a.bin'])
})

test('a range ends a download early, and the session goes on', async () => {
  await using ftp = await startFtpServer({ files: { 'a.bin': { size: '20MiB' } } })
  await using local = await ClientDirectory.create()
  await curl(ftp, '--range', '1000-1999', '--output', local.file('part'), url(ftp, 'a.bin'))
  expect(await local.read('part')).toEqual((await ftp.files.read('a.bin')).subarray(1000, 2000))
  await ftp.waitFor({ type: 'disconnect' })
  // curl closes the data connection and then says ABOR: whichever the server notices first.
  const outcome = expect.stringMatching(/^(aborted|failed)$/)
  expect(ftp.transcript.transfers()).toMatchObject([{ restartMarker: 1000, outcome }])
})

test('files and directories are renamed, made and removed with quoted commands', async () => {
  await using ftp = await startFtpServer({ files: { 'old name.txt': 'text', 'gone.txt': '', 'empty/': {} } })
  const commands = ['RNFR old name.txt', 'RNTO new "näme".txt', 'DELE gone.txt', 'MKD made', 'RMD empty']
  await curl(ftp, ...commands.flatMap((command) => ['--quote', command]), url(ftp))
  expect(await ftp.files.list()).toEqual(['made', 'new "näme".txt'])
  expect(linesOf(ftp, 'RNFR', 'RNTO', 'DELE', 'MKD', 'RMD')).toEqual(commands)
})

test('text is converted in TYPE A both ways', async () => {
  await using ftp = await startFtpServer({ files: { 'down.txt': 'one\ntwo\n' } })
  await using local = await ClientDirectory.create()
  await curl(ftp, '--use-ascii', '--output', local.file('down.txt'), url(ftp, 'down.txt'))
  await curl(ftp, '--use-ascii', '--upload-file', await local.write('up.txt', 'three\nfour\n'), url(ftp, 'up.txt'))
  expect(await local.read('down.txt')).toEqual(Buffer.from('one\ntwo\n'))
  expect(await ftp.files.read('up.txt', 'utf8')).toBe('three\nfour\n')
  expect(ftp.transcript.transfers()).toMatchObject([
    { representation: 'A', bytes: 'one\r\ntwo\r\n'.length },
    { representation: 'A', bytes: 'three\r\nfour\r\n'.length },
  ])
})

test('a wrong password is told', async () => {
  await using ftp = await startFtpServer({ authFailedTimeout: 0 })
  expect(await tryCurl(ftp, '--user', 'user:wrong', url(ftp))).toMatchObject({ status: LOGIN_DENIED })
  await ftp.waitFor({ type: 'login-failed', username: 'user' })
})

test('a missing file is told', async () => {
  await using ftp = await startFtpServer()
  expect(await tryCurl(ftp, url(ftp, 'none.txt'))).toMatchObject({ status: REMOTE_FILE_NOT_FOUND })
})

test('a user who may only read changes nothing', async () => {
  const users = [{ username: 'reader', password: 'x', perm: 'elr' }]
  await using ftp = await startFtpServer({ users, files: { 'a.txt': 'text' } })
  await using local = await ClientDirectory.create()
  const file = await local.write('b.txt', 'more')
  expect(await curl(ftp, url(ftp, 'a.txt'))).toBe('text')
  expect(await tryCurl(ftp, '--upload-file', file, url(ftp, 'b.txt'))).toMatchObject({ status: UPLOAD_FAILED })
  expect(await tryCurl(ftp, '--append', '--upload-file', file, url(ftp, 'a.txt'))).toMatchObject({
    status: UPLOAD_FAILED,
  })
  expect(await tryCurl(ftp, '--quote', 'DELE a.txt', url(ftp))).toMatchObject({ status: QUOTE_ERROR })
  expect(await ftp.files.list()).toEqual(['a.txt'])
  expect(await ftp.files.read('a.txt', 'utf8')).toBe('text')
})

test('a curl killed while it downloads leaves the server well', async () => {
  await using ftp = await startFtpServer({ files: { 'big.bin': { size: '50MiB' }, 'a.txt': 'text' } })
  const tool = new Tool('curl', argumentsFor(ftp, ['--limit-rate', '1M', '--no-buffer', url(ftp, 'big.bin')]))
  await tool.output()
  await tool.kill()
  expect(await ftp.waitFor({ type: 'transfer' })).toMatchObject({
    verb: 'RETR',
    outcome: expect.not.stringMatching('completed'),
  })
  await ftp.waitFor({ type: 'disconnect' })
  expect(await curl(ftp, url(ftp, 'a.txt'))).toBe('text')
})

test('a curl killed while it uploads leaves the server well, and what had come', async () => {
  await using ftp = await startFtpServer({ files: { 'a.txt': 'text' }, dtpHandler: StallingDTPHandler })
  await using local = await ClientDirectory.create()
  const content = randomBytes('50MiB')
  const file = await local.write('cut.bin', content)
  const tool = new Tool('curl', argumentsFor(ftp, ['--upload-file', file, url(ftp, 'cut.bin')]))
  await arrived(ftp, 'cut.bin', STALL_AFTER)
  await tool.kill()
  expect(await ftp.waitFor({ type: 'transfer' })).toMatchObject({ verb: 'STOR', outcome: 'aborted' })
  await ftp.waitFor({ type: 'disconnect' })
  const left = await ftp.files.read('cut.bin')
  expect(sha256(left)).toBe(sha256(content.subarray(0, left.length)))
  expect(await curl(ftp, url(ftp, 'a.txt'))).toBe('text')
})

test('10,000 files are listed', async () => {
  await using ftp = await startFtpServer({ files: manyFiles })
  const last = (line: string) => line.slice(line.lastIndexOf(' ') + 1)
  expectManyNames(linesIn(await curl(ftp, url(ftp, 'many/'))).map(last))
  expectManyNames(linesIn(await curl(ftp, '--request', 'MLSD', url(ftp, 'many/'))).map(last))
  expectManyNames(linesIn(await curl(ftp, '--list-only', url(ftp, 'many/'))))
})
