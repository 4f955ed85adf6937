import { renameSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { DummyAuthorizer } from '../../src/authorizers/index.ts'
import { AbstractedFS, type FilesystemUser, HostFile, type OpenFile } from '../../src/filesystems/index.ts'
import { FTPHandler } from '../../src/handlers/ftp-handler.ts'
import { FTPServer } from '../../src/servers/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'
import { type Tree, tempTree } from './temp-tree.ts'

const TREE: Tree = {
  'away/file': 'hello',
  'away/dir/file': '',
  'away/empty': null,
  'away/link': { link: 'file' },
}

/** For anybody but the user the root is not there: it comes and goes with his turn. */
class OnlyUser implements FilesystemUser {
  turns = 0
  active = false
  readonly #base: string

  constructor(base: string) {
    this.#base = base
  }

  runAsCurrentUser<T>(operation: () => T): T {
    expect(this.active, 'a turn within a turn').toBe(false)
    this.turns++
    this.active = true
    renameSync(path.join(this.#base, 'away'), path.join(this.#base, 'home'))
    try {
      return operation()
    } finally {
      renameSync(path.join(this.#base, 'home'), path.join(this.#base, 'away'))
      this.active = false
    }
  }
}

async function withUser() {
  const base = await tempTree(TREE)
  const user = new OnlyUser(base)
  return { user, fs: new AbstractedFS(path.join(base, 'home'), user) }
}

const closing = async (file: OpenFile | Promise<OpenFile>) => (await file).close()

const OPERATIONS: Record<string, (fs: AbstractedFS) => unknown> = {
  open: (fs) => closing(fs.open('/file', 'r')),
  'open w': (fs) => closing(fs.open('/new', 'w')),
  mkstemp: (fs) => closing(fs.mkstemp('/', 'ftp.')),
  mkdir: (fs) => fs.mkdir('/new'),
  chdir: (fs) => fs.chdir('/dir'),
  rmdir: (fs) => fs.rmdir('/empty'),
  remove: (fs) => fs.remove('/file'),
  rename: (fs) => fs.rename('/file', '/dir/new'),
  chmod: (fs) => fs.chmod('/file', 0o600),
  utime: (fs) => fs.utime('/file', 0),
  stat: (fs) => fs.stat('/link'),
  lstat: (fs) => fs.lstat('/link'),
  readlink: (fs) => fs.readlink('/link'),
  realpath: (fs) => fs.realpath('/link'),
  getsize: (fs) => fs.getsize('/file'),
  getmtime: (fs) => fs.getmtime('/file'),
  'stat of the root': (fs) => fs.stat('/'),
  'lstat of the root': (fs) => fs.lstat('/'),
}

describe.each(Object.entries(OPERATIONS))('%s', (_name, operation) => {
  test('reaches the files as the user, in one turn', async () => {
    const { user, fs } = await withUser()
    await operation(fs)
    expect(user).toMatchObject({ turns: 1, active: false })
  })
})

test('the questions reach the files as the user', async () => {
  const { user, fs } = await withUser()
  expect([await fs.isfile('/link'), await fs.islink('/link')]).toEqual([true, true])
  expect([await fs.isdir('/dir'), await fs.lexists('/file')]).toEqual([true, true])
  expect(user).toMatchObject({ turns: 4, active: false })
})

test('listdir opens the directory as the user; its names may be taken later', async () => {
  const { user, fs } = await withUser()
  const listing = fs.listdir('/') as Iterable<string>
  expect(user).toMatchObject({ turns: 1, active: false })
  expect([...listing].sort()).toEqual(['dir', 'empty', 'file', 'link'])
})

test('an open file is read without another turn', async () => {
  const { user, fs } = await withUser()
  const file = await fs.open('/file', 'r')
  const into = Buffer.alloc(5)
  await file.read(into)
  await file.close()
  expect(file).toBeInstanceOf(HostFile)
  expect(into.toString()).toBe('hello')
  expect(user.turns).toBe(1)
})

test('what only reckons with paths needs no turn', async () => {
  const { user, fs } = await withUser()
  fs.ftpnorm('a/../b')
  fs.ftp2fs('/file')
  fs.fs2ftp('/nowhere')
  expect(user.turns).toBe(0)
})

describe('a turn ends when the operation throws', () => {
  // A real path may lead to nothing.
  const failing = Object.entries(OPERATIONS).filter(([name]) => name !== 'realpath')
  test.each(failing)('%s', async (_name, operation) => {
    const { user, fs } = await withUser()
    fs.root = path.join(fs.root, 'missing')
    await expect(async () => operation(fs)).rejects.toMatchObject({ code: 'ENOENT' })
    expect(user).toMatchObject({ turns: 1, active: false })
  })

  test.each(['/missing', '/file/below', 'a\0b'])('on %j', async (name) => {
    const { user, fs } = await withUser()
    for (const operation of [
      () => fs.open(name, 'r+'),
      () => fs.stat(name),
      () => fs.rename(name, '/x'),
      () => fs.rename('/file', `${name}/x`),
      () => fs.chdir(name),
      () => fs.listdir(name),
    ]) {
      expect(operation).toThrow()
      expect(user.active).toBe(false)
    }
    await fs.stat('/file')
  })
})

test('without a user the operations run as they are', async () => {
  const base = await tempTree({ file: 'hello' })
  expect(await new AbstractedFS(base).getsize('/file')).toBe(5)
})

describe('on a server', () => {
  class RecordingAuthorizer extends DummyAuthorizer {
    readonly calls: string[] = []
    override impersonateUser(username: string, password: string): void {
      this.calls.push(`impersonate ${username} ${password}`)
    }
    override terminateImpersonation(username: string): void {
      this.calls.push(`terminate ${username}`)
    }
  }

  async function withServer() {
    const authorizer = new RecordingAuthorizer()
    const home = await tempTree({ 'file.txt': 'hello', dir: null, out: { link: '/' } })
    authorizer.addUser('alice', 'secret', home, { perm: 'elradfmwMT' })
    const server = await new FTPServer({ port: 0 }, FTPHandler, { authorizer, authFailedTimeout: 0 }).listen()
    return { authorizer, server }
  }

  test('the user is impersonated with his password around each access, never twice at a time', async () => {
    const { authorizer, server } = await withServer()
    await using _ = server
    await using client = await RawClient.login(server.address, 'alice', 'secret')
    const { calls } = authorizer
    for (const [command, code] of [
      ['MKD new', 257],
      ['CWD new', 250],
      ['CWD missing', 550],
      ['RNFR /file.txt', 350],
      ['RNTO moved.txt', 250],
      ['RNFR moved.txt', 350],
      ['RNTO /missing/moved.txt', 550],
      ['SIZE moved.txt', 213],
      ['DELE moved.txt', 250],
      ['DELE moved.txt', 550],
      ['CWD /out', 550],
      ['RMD /dir', 250],
      ['MLST /', 250],
    ] as const) {
      calls.length = 0
      await client.command(command, code)
      expect(calls.length, command).toBeGreaterThan(0)
      const turns = calls.length / 2
      const turn = ['impersonate alice secret', 'terminate alice']
      expect(calls, command).toEqual(Array.from({ length: turns }, () => turn).flat())
    }
    await client.store('STOR up.txt', 'text')
    expect((await client.fetch('RETR up.txt')).toString()).toBe('text')
    expect(calls.filter((call) => call.startsWith('terminate')).length).toBe(calls.length / 2)
  })

  test('nobody is impersonated before a login or for commands without files', async () => {
    const { authorizer, server } = await withServer()
    await using _ = server
    await using client = await RawClient.connect(server.address)
    await client.expect(220)
    await client.command('STAT /file.txt', 530)
    await client.command('NOOP', 200)
    await client.command('USER alice', 331)
    await client.command('PASS wrong', 530)
    expect(authorizer.calls).toEqual([])
  })
})
