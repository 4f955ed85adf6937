import { execFileSync } from 'node:child_process'
import { linkSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { AbstractedFS, type DummyAuthorizer, type FileStat } from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'

const FILES = {
  'a b.txt': { content: 'hello', mode: 0o640, modified: '2001-02-03T04:05:06.7Z' },
  'dir/': { mode: 0o755, modified: '2002-12-31T23:59:59Z' },
  'dir/inner': 'x',
  'link-dir': { link: 'dir' },
  'link-file': { link: 'a b.txt' },
}

/** A fact line taken apart. */
function parse(line: string): { readonly facts: Record<string, string>; readonly name: string } {
  const [facts = '', ...name] = line.split(' ')
  const pairs = facts
    .split(';')
    .slice(0, -1)
    .map((fact) => fact.split(/=(.*)/s) as [string, string, string])
  return { facts: Object.fromEntries(pairs.map(([fact, value]) => [fact, value])), name: name.join(' ') }
}

async function mlsd(client: RawClient, argument = ''): Promise<ReturnType<typeof parse>[]> {
  const text = (await client.fetch(`MLSD${argument}`)).toString()
  return text
    .split('\r\n')
    .slice(0, -1)
    .map((line) => parse(line))
}

async function mlst(client: RawClient, argument: string): Promise<ReturnType<typeof parse>> {
  const { lines } = await client.command(`MLST ${argument}`, 250)
  return parse(lines[1]?.slice(1) ?? '')
}

test('MLSD tells type, perm, size, modify and unique of each file', async () => {
  await using ftp = await startFtpServer({ files: FILES })
  await using client = await RawClient.login(ftp)
  const unique = (name: string) => {
    const { dev, ino } = statSync(ftp.files.path(name))
    return `${dev.toString(16)}g${ino.toString(16)}`
  }
  const file = { type: 'file', perm: 'adfrw', size: '5', modify: '20010203040506', unique: unique('a b.txt') }
  const dir = { type: 'dir', perm: 'cdeflmp', modify: '20021231235959', unique: unique('dir') }
  expect(await mlsd(client)).toEqual([
    { name: 'a b.txt', facts: file },
    { name: 'dir', facts: dir },
    { name: 'link-dir', facts: dir },
    { name: 'link-file', facts: file },
  ])
  const [line] = (await client.fetch('MLSD')).toString().split('\r\n')
  expect(line).toBe(`type=file;perm=adfrw;size=5;modify=20010203040506;unique=${file.unique}; a b.txt`)
})

test('MLSD takes a directory, or the current one, and no file', async () => {
  await using ftp = await startFtpServer({ files: FILES })
  await using client = await RawClient.login(ftp)
  const names = async (argument: string) => (await mlsd(client, argument)).map(({ name }) => name)
  expect(await names(' dir')).toEqual(['inner'])
  expect(await names(' /link-dir')).toEqual(['inner'])
  await client.command('CWD dir', 250)
  expect(await names('')).toEqual(['inner'])
  await client.passiveAddress()
  expect((await client.command('MLSD /a b.txt')).text).toBe('501 Not a directory.')
  await client.command('MLSD', 425)
})

test('MLST has one fact line, led by one space, and the whole path', async () => {
  await using ftp = await startFtpServer({ files: FILES })
  await using client = await RawClient.login(ftp)
  const { lines } = await client.command('MLST a b.txt')
  expect(lines).toHaveLength(3)
  expect(lines[0]).toBe('250-Listing "/a b.txt":')
  expect(lines[1]).toMatch(/^ type=file;perm=adfrw;size=5;modify=20010203040506;unique=\w+; \/a b\.txt$/)
  expect(lines[2]).toBe('250 End MLST.')
  await client.command('CWD dir', 250)
  expect(await mlst(client, 'inner')).toMatchObject({ name: '/dir/inner', facts: { type: 'file', size: '1' } })
  expect((await client.command('MLST', 250)).lines[1]).toMatch(/^ type=dir;perm=cdeflmp;.* \/dir$/)
  expect((await mlst(client, '/')).name).toBe('/')
  expect((await mlst(client, '../link-dir')).facts).toMatchObject({ type: 'dir' })
  await client.command('MLST nothing', 550)
})

test('a link that leads nowhere or outside is described itself in MLSD, and is 550 in MLST', async () => {
  await using ftp = await startFtpServer({
    files: { dangling: { link: 'nothing' }, file: 'x', outside: { link: '/' }, zero: '' },
  })
  await using client = await RawClient.login(ftp)
  expect(await mlsd(client)).toMatchObject([
    { name: 'dangling', facts: { type: 'OS.unix=slink', perm: '' } },
    { name: 'file', facts: { type: 'file', perm: 'adfrw' } },
    { name: 'outside', facts: { type: 'OS.unix=slink', perm: '' } },
    { name: 'zero', facts: { type: 'file', perm: 'adfrw' } },
  ])
  await client.command('MLST dangling', 550)
  await client.command('MLST outside', 550)
})

test('two names of one file have one unique fact', async () => {
  await using ftp = await startFtpServer({ files: { a: 'x', c: 'x' } })
  linkSync(ftp.files.path('a'), ftp.files.path('b'))
  await using client = await RawClient.login(ftp)
  const [a, b, c] = (await mlsd(client)).map(({ facts }) => facts.unique)
  expect(a).toBe(b)
  expect(a).not.toBe(c)
})

test.each([
  ['', '', ''],
  ['e', '', 'e'],
  ['l', '', 'l'],
  ['r', 'r', ''],
  ['a', 'a', ''],
  ['d', 'd', 'dp'],
  ['f', 'f', 'f'],
  ['m', '', 'm'],
  ['w', 'w', 'c'],
  ['MT', '', ''],
  ['elr', 'r', 'el'],
  ['elradfmwMT', 'adfrw', 'cdeflmp'],
])('for the letters "%s" perm is "%s" on a file and "%s" on a directory', async (perm, onFile, onDirectory) => {
  await using ftp = await startFtpServer({ files: { 'dir/': {}, file: 'x' } })
  const isEntry = (path = '') => path.endsWith('/dir') || path.endsWith('/file')
  ftp.server.authorizer.hasPerm = (_user, letter, path) => (isEntry(path) ? perm : 'l').includes(letter)
  await using client = await RawClient.login(ftp)
  expect((await mlsd(client)).map(({ facts }) => facts.perm)).toEqual([onDirectory, onFile])
})

test('perm of a directory that has permissions of its own, and of links into it', async () => {
  await using ftp = await startFtpServer({
    files: { 'a/': {}, 'b/file': 'x', 'c-link': { link: 'b/file' }, d: 'x', 'e-link': { link: 'b' } },
  })
  ;(ftp.server.authorizer as DummyAuthorizer).overridePerm('user', ftp.files.path('b'), 'elr')
  await using client = await RawClient.login(ftp)
  expect((await mlsd(client)).map(({ facts }) => facts.perm)).toEqual(['cdeflmp', 'el', 'r', 'adfrw', 'el'])
  expect((await mlsd(client, ' b')).map(({ facts }) => facts.perm)).toEqual(['r'])
})

test('OPTS MLST selects the facts of MLSD and MLST, and FEAT shows which', async () => {
  await using ftp = await startFtpServer({ files: FILES })
  await using client = await RawClient.login(ftp)
  expect((await client.command('OPTS MLST unix.gid;TYPE;unix.mode;bogus;unix.uid;')).text).toBe(
    '200 MLST OPTS type;unix.mode;unix.uid;unix.gid;',
  )
  const { uid, gid } = statSync(ftp.files.path('a b.txt'))
  const facts = { type: 'file', 'unix.mode': '0640', 'unix.uid': String(uid), 'unix.gid': String(gid) }
  expect((await mlsd(client))[0]).toEqual({ name: 'a b.txt', facts })
  expect(await mlst(client, 'a b.txt')).toEqual({ name: '/a b.txt', facts })
  const { lines } = await client.command('FEAT', 211)
  expect(lines).toContain(' MLST type*;perm;size;modify;create;unique;unix.mode*;unix.uid*;unix.gid*;')
})

test('create is the time of birth, where the host knows it', async () => {
  await using ftp = await startFtpServer({ files: { a: 'x' } })
  await using client = await RawClient.login(ftp)
  await client.command('OPTS MLST create;', 200)
  const { birthtime, birthtimeMs } = statSync(ftp.files.path('a'))
  const expected = birthtimeMs > 0 ? { create: birthtime.toISOString().slice(0, 19).replace(/\D/g, '') } : {}
  expect((await mlst(client, 'a')).facts).toEqual(expected)
})

test('with no fact selected a line is a space and the name', async () => {
  await using ftp = await startFtpServer({ files: { a: 'x' } })
  await using client = await RawClient.login(ftp)
  expect((await client.command('OPTS MLST')).text).toBe('200 MLST OPTS')
  expect((await client.fetch('MLSD')).toString()).toBe(' a\r\n')
  expect((await client.command('MLST a')).lines[1]).toBe('  /a')
  expect((await client.command('OPTS MLST size;')).text).toBe('200 MLST OPTS size;')
  expect((await client.fetch('MLSD')).toString()).toBe('size=1; a\r\n')
})

test('what the host does not know of a file is left out', async () => {
  class Fs extends AbstractedFS {
    override async lstat(path: string): Promise<FileStat> {
      return Object.assign(await super.lstat(path), { ino: 0, birthtimeMs: 0 })
    }
  }
  await using ftp = await startFtpServer({ abstractedFs: Fs, files: { a: 'x' } })
  await using client = await RawClient.login(ftp)
  await client.command('OPTS MLST type;size;create;unique;', 200)
  expect((await mlst(client, 'a')).facts).toEqual({ type: 'file', size: '1' })
})

test.skipIf(process.platform === 'win32')(
  'what is neither file, directory nor link is special, without a size',
  async () => {
    await using ftp = await startFtpServer()
    execFileSync('mkfifo', [ftp.files.path('pipe')])
    await using client = await RawClient.login(ftp)
    await client.command('OPTS MLST type;size;', 200)
    expect(await mlsd(client)).toEqual([{ name: 'pipe', facts: { type: 'OS.unix=special' } }])
  },
)
