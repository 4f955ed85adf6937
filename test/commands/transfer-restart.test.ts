import { expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { AbstractedFS, type OpenFile, type OpenMode } from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'

test('REST makes RETR begin there, once', async () => {
  await using ftp = await startFtpServer({ files: { a: '0123456789' } })
  await using client = await RawClient.login(ftp)
  for (const [offset, rest] of [
    [0, '0123456789'],
    [1, '123456789'],
    [9, '9'],
    [10, ''],
  ] as const) {
    expect((await client.command(`REST ${offset}`)).text).toBe(`350 Restarting at position ${offset}.`)
    expect((await client.fetch('RETR a')).toString()).toBe(rest)
    expect((await client.fetch('RETR a')).toString()).toBe('0123456789')
  }
})

test('REST in the middle of a file that takes many reads', async () => {
  const content = randomBytes('3MiB')
  await using ftp = await startFtpServer({ files: { a: content } })
  await using client = await RawClient.login(ftp)
  await client.command('REST 1000001', 350)
  expect((await client.fetch('RETR a')).equals(content.subarray(1000001))).toBe(true)
  expect(ftp.transcript.transfers()).toMatchObject([{ restartMarker: 1000001, bytes: content.length - 1000001 }])
})

test('REST makes STOR write from there, and leaves the rest as it is', async () => {
  await using ftp = await startFtpServer({ files: { a: '0123456789', b: '0123456789', c: '0123456789' } })
  await using client = await RawClient.login(ftp)
  await client.command('REST 4', 350)
  await client.store('STOR a', 'xy')
  expect(await ftp.files.read('a', 'utf8')).toBe('0123xy6789')
  await client.command('REST 10', 350)
  await client.store('STOR b', 'more')
  expect(await ftp.files.read('b', 'utf8')).toBe('0123456789more')
  await client.command('REST 0', 350)
  await client.store('STOR c', 'new')
  expect(await ftp.files.read('c', 'utf8')).toBe('new')
  await client.store('STOR a', 'whole')
  expect(await ftp.files.read('a', 'utf8')).toBe('whole')
})

test('the last REST counts, and other commands may come in between', async () => {
  await using ftp = await startFtpServer({ files: { a: '0123456789' } })
  await using client = await RawClient.login(ftp)
  await client.command('REST 2', 350)
  await client.command('REST 7', 350)
  await client.command('NOOP', 200)
  expect((await client.fetch('RETR a')).toString()).toBe('789')
})

test.each(['RETR', 'STOR'])('%s with a REST past the end is 554, changes nothing and forgets it', async (verb) => {
  await using ftp = await startFtpServer({ files: { a: '0123456789' } })
  await using client = await RawClient.login(ftp)
  await client.command('REST 11', 350)
  await client.passiveAddress()
  expect((await client.command(`${verb} a`)).text).toBe('554 Invalid REST parameter: the file has 10 bytes.')
  expect((await client.command('RETR a')).code).toBe(425)
  expect((await client.fetch('RETR a')).toString()).toBe('0123456789')
})

test('STOR with a REST makes no file where none is', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  await client.command('REST 1', 350)
  await client.passiveAddress()
  await client.command('STOR a', 550)
  expect(await ftp.files.list()).toEqual([])
})

test.each(['APPE a', 'STOU', 'STOU a'])('%s with a pending REST is 450', async (line) => {
  await using ftp = await startFtpServer({ files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  await client.command('REST 1', 350)
  await client.passiveAddress()
  expect((await client.command(line)).text).toMatch(/^450 Can't (APPE|STOU) while REST request is pending\.$/)
  expect(await ftp.files.list()).toEqual(['a'])
  expect(await ftp.files.read('a', 'utf8')).toBe('content')
})

test.each(['-1', 'x', '1x', '1.5', '+1', '0x10', '1e3', ' 1', '1 2', '99999999999999999999'])(
  'REST %s is no offset',
  async (argument) => {
    await using ftp = await startFtpServer({ files: { a: 'content' } })
    await using client = await RawClient.login(ftp)
    expect((await client.command(`REST ${argument}`)).text).toBe('501 Invalid parameter.')
    expect((await client.fetch('RETR a')).toString()).toBe('content')
  },
)

test('REST is refused in TYPE A', async () => {
  await using ftp = await startFtpServer({ files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  await client.command('TYPE A', 200)
  expect((await client.command('REST 1')).text).toBe('501 Resuming transfers not allowed in ASCII mode.')
  await client.command('TYPE I', 200)
  await client.command('REST 1', 350)
})

test('STOU names the file it makes in its preliminary reply', async () => {
  await using ftp = await startFtpServer({ files: { 'd/a': 'old' } })
  await using client = await RawClient.login(ftp)
  await client.command('CWD d', 250)
  for (const [line, pattern, directory] of [
    ['STOU', /^1[25][05] FILE: (ftp\.\w+)$/, 'd'],
    ['STOU a', /^1[25][05] FILE: (a\.\w+)$/, 'd'],
    ['STOU /b', /^1[25][05] FILE: (b\.\w+)$/, '.'],
  ] as const) {
    const { text } = await client.store(line, `content of ${line}`)
    const name = pattern.exec(text)?.[1]
    expect(name, text).toBeDefined()
    expect(await ftp.files.read(`${directory}/${name}`, 'utf8')).toBe(`content of ${line}`)
  }
  expect(await ftp.files.read('d/a', 'utf8')).toBe('old')
  expect(await ftp.files.list('d')).toHaveLength(3)
})

test('STOU finds other names for sessions that ask at the same time', async () => {
  await using ftp = await startFtpServer()
  const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.login(ftp)))
  await Promise.all(clients.map((client, index) => client.store('STOU same', `content ${index}`)))
  await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()))
  const names = await ftp.files.list()
  expect(names).toHaveLength(20)
  const contents = await Promise.all(names.map((name) => ftp.files.read(name, 'utf8')))
  expect(new Set(contents).size).toBe(20)
})

test('STOU passes over names that are taken', async () => {
  const tried: string[] = []
  class Fs extends AbstractedFS {
    override async open(path: string, mode: OpenMode): Promise<OpenFile> {
      expect(mode).toBe('wx')
      tried.push(path)
      if (tried.length < 5) throw Object.assign(new Error('taken'), { code: 'EEXIST', syscall: 'open' })
      return super.open(path, mode)
    }
  }
  await using ftp = await startFtpServer({ abstractedFs: Fs })
  await using client = await RawClient.login(ftp)
  await client.store('STOU', 'content')
  expect(new Set(tried).size).toBe(5)
  expect(await ftp.files.list()).toEqual([tried[4]?.slice(1)])
})

test('STOU is 450 when no unique name is found', async () => {
  class Fs extends AbstractedFS {
    override open(): never {
      throw Object.assign(new Error('taken'), { code: 'EEXIST', syscall: 'open' })
    }
  }
  await using ftp = await startFtpServer({ abstractedFs: Fs })
  await using client = await RawClient.login(ftp)
  await client.passiveAddress()
  expect((await client.command('STOU a')).text).toBe('450 No usable unique file name found.')
  await client.command('LIST', 425)
})

test.each(['RETR nothing', 'LIST', 'RETR a.txt', 'STOU'])(
  'REST counts for the command behind it alone, here %s',
  async (command) => {
    await using ftp = await startFtpServer({ files: { 'a.txt': '0123456789' } })
    await using client = await RawClient.login(ftp)
    await client.command('REST 5', 350)
    await client.command(command, 425)
    expect((await client.fetch('RETR a.txt')).toString()).toBe('0123456789')
  },
)

test('TYPE A takes a REST back, which it would refuse', async () => {
  await using ftp = await startFtpServer({ files: { 'a.txt': '0123456789' } })
  await using client = await RawClient.login(ftp)
  await client.command('REST 5', 350)
  await client.command('TYPE A', 200)
  expect((await client.fetch('RETR a.txt')).toString()).toBe('0123456789')
})

test.each(['RETR', 'STOR'])('%s closes its file where it cannot begin at the restart marker', async (verb) => {
  let open = 0
  class Fs extends AbstractedFS {
    override async open(path: string, mode: OpenMode): Promise<OpenFile> {
      const file = await super.open(path, mode)
      const close = file.close.bind(file)
      open++
      file.seek = () => {
        throw Object.assign(new Error('bad disk'), { code: 'EIO', syscall: 'lseek' })
      }
      file.close = () => {
        open--
        return close()
      }
      return file
    }
  }
  await using ftp = await startFtpServer({ abstractedFs: Fs, files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  await client.command('REST 1', 350)
  await client.passiveAddress()
  await client.command(`${verb} a`, 451, 550)
  expect(open).toBe(0)
})
