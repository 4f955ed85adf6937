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
  ways,
} from '../support/clients.ts'

requireTool('ncftpput')
requireTool('ncftpget')
requireTool('ncftpls')

/** Options for all three programs: who, where, passive, and no second try. */
function optionsFor(ftp: FtpFixture): string[] {
  return ['-u', ftp.username, '-p', ftp.password, '-P', String(ftp.port), '-r', '1', '-F']
}

function placeOf(local: ClientDirectory) {
  return { cwd: local.path, env: { HOME: local.path } }
}

function put(ftp: FtpFixture, local: ClientDirectory, directory: string, ...names: string[]): Promise<string> {
  return outputOf('ncftpput', [...optionsFor(ftp), '-V', '-m', '127.0.0.1', directory, ...names], placeOf(local))
}

function get(ftp: FtpFixture, local: ClientDirectory, ...names: string[]): Promise<string> {
  return outputOf('ncftpget', [...optionsFor(ftp), '-V', '127.0.0.1', '.', ...names], placeOf(local))
}

function list(ftp: FtpFixture, local: ClientDirectory, option: '-1' | '-l', directory: string): Promise<string> {
  return outputOf('ncftpls', [...optionsFor(ftp), option, `ftp://127.0.0.1/${directory}/`], placeOf(local))
}

test('text, bytes and nothing go up and come back', async () => {
  await using ftp = await startFtpServer({ files: { 'in/': {} } })
  await using local = await ClientDirectory.create()
  await using back = await ClientDirectory.create()
  for (const [name, content] of Object.entries(samples)) await local.write(name, content)
  await put(ftp, local, '/in', ...Object.keys(samples))
  await get(ftp, back, ...Object.keys(samples).map((name) => `/in/${name}`))
  for (const [name, content] of Object.entries(samples)) {
    expect(sha256(await ftp.files.read(`in/${name}`)), name).toBe(sha256(content))
    expect(sha256(await back.read(name)), name).toBe(sha256(content))
  }
})

test('100 MiB come down and go up again', async () => {
  await using ftp = await startFtpServer({ files: { 'big.bin': big, 'in/': {} } })
  await using local = await ClientDirectory.create()
  await get(ftp, local, '/big.bin')
  await put(ftp, local, '/in', 'big.bin')
  const hash = sha256(bigContent())
  expect(sha256(await local.read('big.bin'))).toBe(hash)
  expect(sha256(await ftp.files.read('in/big.bin'))).toBe(hash)
})

// ncftp knows IPv4 only.
describe.each(ways.filter(({ verb }) => verb === 'PASV' || verb === 'PORT'))('$verb on a server at $listen', (way) => {
  test('uploads and downloads', async () => {
    const content = randomBytes('300KiB')
    await using ftp = await startFtpServer({ host: way.listen, files: { 'here.bin': content, 'in/': {} } })
    await using local = await ClientDirectory.create()
    const options = [...optionsFor(ftp), way.verb === 'PASV' ? '-F' : '-E', '-V', way.connect]
    await outputOf('ncftpget', [...options, '.', '/here.bin'], placeOf(local))
    await outputOf('ncftpput', [...options, '/in', 'here.bin'], placeOf(local))
    expect(sha256(await ftp.files.read('in/here.bin'))).toBe(sha256(content))
    expectWay(ftp, way)
  })
})

test('names with spaces, quotes and other letters go up and come back', async () => {
  await using ftp = await startFtpServer()
  await using local = await ClientDirectory.create()
  await using back = await ClientDirectory.create()
  const names = ['double"quote.txt', "single'quote.txt", 'two  spaces.txt', 'grüße.txt', '日本語.txt', '😀.txt']
  for (const name of names) await local.write(name, name)
  await put(ftp, local, '/made ü', ...names)
  expect(await ftp.files.list('made ü')).toEqual([...names].sort())
  await get(ftp, back, ...names.map((name) => `/made ü/${name}`))
  for (const name of names) expect(String(await back.read(name))).toBe(name)
})

test('a directory is listed, by names and in full', async () => {
  await using ftp = await startFtpServer({ files: 'basic' })
  await using local = await ClientDirectory.create()
  const names = await ftp.files.list('pub')
  expect(linesIn(await list(ftp, local, '-1', 'pub')).map((name) => name.replace(/\/$/, ''))).toEqual(names)
  const lines = linesIn(await list(ftp, local, '-l', 'pub')).filter((line) => !line.startsWith('total'))
  expect(lines.map((line) => line.split(/\s+/).at(-1)?.replace(/\/$/, ''))).toEqual(names)
})

test('a download is resumed with REST', async () => {
  const content = randomBytes('3MiB')
  const modified = new Date()
  await using ftp = await startFtpServer({ files: { 'a.bin': { size: '3MiB', modified } } })
  await using local = await ClientDirectory.create()
  await local.write('a.bin', content.subarray(0, 1_000_001))
  await outputOf('ncftpget', [...optionsFor(ftp), '-V', '-z', '127.0.0.1', '.', '/a.bin'], placeOf(local))
  expect(sha256(await local.read('a.bin'))).toBe(sha256(content))
  expect(linesOf(ftp, 'REST')).toContain('REST 1000001')
})

test('wrong password, missing files and missing permissions are told', async () => {
  const users = [{ username: 'reader', password: 'x', perm: 'elr' }]
  await using ftp = await startFtpServer({ users, authFailedTimeout: 0, files: { 'a.txt': 'text' } })
  await using local = await ClientDirectory.create()
  await local.write('b.txt', 'more')
  const run = (program: string, ...args: string[]): Promise<ToolResult> =>
    runTool(program, [...optionsFor(ftp), '-V', ...args], placeOf(local))
  expect((await run('ncftpget', '-p', 'wrong', '127.0.0.1', '.', '/a.txt')).status).not.toBe(0)
  await ftp.waitFor({ type: 'login-failed', username: 'reader' })
  expect((await run('ncftpget', '127.0.0.1', '.', '/none.txt')).status).not.toBe(0)
  expect((await run('ncftpput', '127.0.0.1', '/', 'b.txt')).status).not.toBe(0)
  expect((await run('ncftpget', '127.0.0.1', '.', '/a.txt')).status).toBe(0)
  expect(await ftp.files.list()).toEqual(['a.txt'])
})

test('10,000 files are listed', async () => {
  await using ftp = await startFtpServer({ files: manyFiles })
  await using local = await ClientDirectory.create()
  expectManyNames(linesIn(await list(ftp, local, '-1', 'many')))
})
