import { lstatSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { AbstractedFS, FilesystemError, type OpenMode } from '../../src/filesystems/index.ts'
import { snapshot, type Tree, tempTree } from './temp-tree.ts'

const TREE: Tree = {
  'root/file': 'mine',
  'root/dir/file': 'mine',
  'root/out': { link: '../outside' },
  'root/out-file': { link: '../outside/secret' },
  'root/out-empty': { link: '../outside/empty' },
  'root/out-new': { link: '../outside/new' },
  'root/out-chain': { link: 'dir/on' },
  'root/dir/on': { link: '../../outside/secret' },
  'root/out-up': { link: 'deep/../new' },
  'root/deep': { link: '../outside/deep' },
  'outside/secret': 'theirs',
  'outside/empty': null,
  'outside/deep/file': 'theirs',
}

type Operation = (fs: AbstractedFS, name: string) => unknown

const MODES: readonly OpenMode[] = ['r', 'w', 'r+', 'a', 'wx']

/** What follows a link: refused on a link to outside, and on all below it. */
const FOLLOWING: Record<string, Operation> = {
  ...Object.fromEntries(MODES.map((mode): [string, Operation] => [`open ${mode}`, (fs, name) => fs.open(name, mode)])),
  mkstemp: (fs, name) => fs.mkstemp(name, 'ftp.'),
  mkdir: (fs, name) => fs.mkdir(name),
  chdir: (fs, name) => fs.chdir(name),
  listdir: (fs, name) => fs.listdir(name),
  rmdir: (fs, name) => fs.rmdir(name),
  'rename to': (fs, name) => fs.rename('/file', name),
  chmod: (fs, name) => fs.chmod(name, 0o777),
  utime: (fs, name) => fs.utime(name, 0),
  stat: (fs, name) => fs.stat(name),
  getsize: (fs, name) => fs.getsize(name),
  getmtime: (fs, name) => fs.getmtime(name),
  realpath: (fs, name) => fs.realpath(name),
}

/** What works on a link itself: refused only on what is below a link to outside. */
const NOT_FOLLOWING: Record<string, Operation> = {
  lstat: (fs, name) => fs.lstat(name),
  readlink: (fs, name) => fs.readlink(name),
  remove: (fs, name) => fs.remove(name),
  'rename from': (fs, name) => fs.rename(name, '/new'),
}

const LINKS = ['/out', '/out-file', '/out-empty', '/out-new', '/out-chain', '/out-up', '/dir/on', '/dir/../out-file']
const BELOW = [
  '/out/secret',
  '/out/new',
  '/out/empty',
  '/out/missing/new',
  '/deep/file',
  '/out/deep/file',
  '/out/../out/x',
]

async function refusesAll(operation: Operation, names: readonly string[]): Promise<void> {
  const base = await tempTree(TREE)
  const fs = new AbstractedFS(path.join(base, 'root'))
  const before = snapshot(base)
  for (const name of names) {
    await expect(async () => operation(fs, name), name).rejects.toThrow(FilesystemError)
    await expect(async () => operation(fs, name), name).rejects.toThrow(/outside the user's root directory/)
  }
  expect(fs.cwd).toBe('/')
  expect(snapshot(base)).toEqual(before)
}

describe.each(Object.entries(FOLLOWING))('%s', (_name, operation) => {
  test('refuses a link to outside', () => refusesAll(operation, LINKS))
  test('refuses what is below one', () => refusesAll(operation, BELOW))
})

describe.each(Object.entries(NOT_FOLLOWING))('%s', (_name, operation) => {
  test('refuses what is below a link to outside', () => refusesAll(operation, BELOW))
})

test('the questions see nothing outside, only the link itself', async () => {
  const base = await tempTree(TREE)
  const fs = new AbstractedFS(path.join(base, 'root'))
  for (const name of [...LINKS, ...BELOW]) {
    expect(await fs.isfile(name), name).toBe(false)
    expect(await fs.isdir(name), name).toBe(false)
  }
  for (const name of LINKS) expect([await fs.islink(name), await fs.lexists(name)], name).toEqual([true, true])
  for (const name of BELOW) expect([await fs.islink(name), await fs.lexists(name)], name).toEqual([false, false])
})

test('a link to outside can be looked at, renamed and removed, and stays harmless', async () => {
  const base = await tempTree(TREE)
  const fs = new AbstractedFS(path.join(base, 'root'))
  const outside = snapshot(path.join(base, 'outside'))
  expect((await fs.lstat('/out')).isSymbolicLink()).toBe(true)
  expect(fs.readlink('/out')).toBe('../outside')
  fs.rename('/out', '/dir/renamed')
  expect(() => fs.listdir('/dir/renamed')).toThrow()
  fs.remove('/dir/renamed')
  fs.remove('/out-file')
  expect(await fs.lexists('/dir/renamed')).toBe(false)
  expect(snapshot(path.join(base, 'outside'))).toEqual(outside)
})

test('the message names what the client asked for, and no path of the host', async () => {
  const base = await tempTree(TREE)
  const fs = new AbstractedFS(path.join(base, 'root'))
  const message = `"secret" points to a path which is outside the user's root directory.`
  expect(() => fs.stat('/out/secret')).toThrow(message)
})

test.each(['..', '/..', '../outside/secret', '/../../../../../etc/passwd', 'dir/../../outside/secret'])(
  'dots lead nowhere: %s',
  async (name) => {
    const base = await tempTree(TREE)
    const fs = new AbstractedFS(path.join(base, 'root'))
    expect(String(fs.realpath(name)).startsWith(path.join(base, 'root'))).toBe(true)
    expect(await fs.isfile(name)).toBe(false)
  },
)

test('a link that is put in the place of the current directory is no way out', async () => {
  const base = await tempTree(TREE)
  const fs = new AbstractedFS(path.join(base, 'root'))
  fs.chdir('/dir')
  fs.rename('/dir', '/old')
  fs.rename('/out', '/dir')
  expect(fs.cwd).toBe('/dir')
  expect(() => fs.open('secret', 'r')).toThrow(FilesystemError)
  expect(() => fs.listdir('')).toThrow(FilesystemError)
  expect(() => fs.mkdir('new')).toThrow(FilesystemError)
})

describe('a root that is a link', () => {
  async function withLinkedRoot() {
    const base = await tempTree({ ...TREE, home: { link: 'root' } })
    return { base, fs: new AbstractedFS(path.join(base, 'home')) }
  }

  test('serves what it leads to', async () => {
    const { base, fs } = await withLinkedRoot()
    expect(await fs.getsize('/file')).toBe(4)
    expect([...(fs.listdir('/dir') as Iterable<string>)].sort()).toEqual(['file', 'on'])
    fs.mkdir('/new')
    expect(lstatSync(path.join(base, 'root/new')).isDirectory()).toBe(true)
    expect(() => fs.stat('/out/secret')).toThrow(FilesystemError)
  })

  test('is a directory to the client, and the link stays out of his reach', async () => {
    const { base, fs } = await withLinkedRoot()
    const before = snapshot(base)
    expect((await fs.lstat('/')).isDirectory()).toBe(true)
    expect(await fs.islink('/')).toBe(false)
    expect(() => fs.readlink('/')).toThrow(expect.objectContaining({ code: 'EINVAL' }))
    for (const name of ['/', '..', '']) {
      expect(() => fs.remove(name), name).toThrow(/EISDIR|EPERM/)
      expect(() => fs.rmdir(name), name).toThrow(/ENOTEMPTY/)
      expect(() => fs.rename(name, '/new'), name).toThrow(/EINVAL|EBUSY/)
      expect(() => fs.rename('/file', name), name).toThrow(/EISDIR|ENOTEMPTY|EBUSY/)
      expect(() => fs.rename('/dir', name), name).toThrow(/EISDIR|ENOTEMPTY|EBUSY|EINVAL/)
    }
    expect(snapshot(base)).toEqual(before)
  })
})
