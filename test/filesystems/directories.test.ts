import { chmodSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { AbstractedFS, FilesystemError } from '../../src/filesystems/index.ts'
import { openBelow, tempTree } from './temp-tree.ts'

const failure = (code: string) => expect.objectContaining({ code })
/** Root may do what the mode of a file forbids. */
const bypassesModes = process.getuid?.() === 0

async function withDirectories() {
  const base = await tempTree({
    'dir/sub': null,
    'dir/file': 'hello',
    empty: null,
    'to-dir': { link: 'dir' },
    'to-empty': { link: 'empty' },
    dangling: { link: 'nowhere' },
    loop: { link: 'loop' },
  })
  return { base, fs: new AbstractedFS(base) }
}

describe('mkdir', () => {
  test('makes a directory, also below a link and from the current directory', async () => {
    const { base, fs } = await withDirectories()
    fs.mkdir('/new')
    fs.mkdir('/to-dir/new')
    fs.cwd = '/empty'
    fs.mkdir('new')
    for (const name of ['new', 'dir/new', 'empty/new']) expect(statSync(path.join(base, name)).isDirectory()).toBe(true)
  })

  test('refuses what is there, and what has no parent', async () => {
    const { base, fs } = await withDirectories()
    for (const name of ['/dir', '/dir/file', '/to-dir', '/dangling', '/']) {
      expect(() => fs.mkdir(name), name).toThrow(failure('EEXIST'))
    }
    expect(() => fs.mkdir('/missing/new')).toThrow(failure('ENOENT'))
    expect(() => fs.mkdir('/dir/file/new')).toThrow(failure('ENOTDIR'))
    expect(() => fs.mkdir('/loop/new')).toThrow(failure('ELOOP'))
    expect(() => fs.mkdir(`/${'x'.repeat(300)}`)).toThrow(failure('ENAMETOOLONG'))
    expect(existsSync(path.join(base, 'nowhere'))).toBe(false)
  })
})

describe('chdir', () => {
  test('sets cwd, plain and as the client sees it', async () => {
    const { fs } = await withDirectories()
    for (const [given, cwd] of [
      ['dir', '/dir'],
      ['sub', '/dir/sub'],
      ['.', '/dir/sub'],
      ['..', '/dir'],
      ['../empty/', '/empty'],
      ['/to-dir/sub', '/to-dir/sub'],
      ['..', '/to-dir'],
      ['../../..', '/'],
      ['/', '/'],
    ] as const) {
      fs.chdir(given)
      expect(fs.cwd, given).toBe(cwd)
    }
  })

  test('refuses what is no directory, and stays', async () => {
    const { fs } = await withDirectories()
    fs.chdir('/dir')
    expect(() => fs.chdir('file')).toThrow(FilesystemError)
    expect(() => fs.chdir('missing')).toThrow(failure('ENOENT'))
    expect(() => fs.chdir('/dangling')).toThrow(failure('ENOENT'))
    expect(() => fs.chdir('file/x')).toThrow(failure('ENOTDIR'))
    expect(() => fs.chdir('/loop')).toThrow(failure('ELOOP'))
    expect(() => fs.chdir('a\0b')).toThrow(FilesystemError)
    expect(fs.cwd).toBe('/dir')
  })

  test('refuses a directory that the user may not enter', async () => {
    const { base, fs } = await withDirectories()
    chmodSync(path.join(base, 'empty'), 0o600)
    if (!bypassesModes) expect(() => fs.chdir('/empty')).toThrow(failure('EACCES'))
    chmodSync(path.join(base, 'empty'), 0o100)
    fs.chdir('/empty')
    expect(fs.cwd).toBe('/empty')
  })

  test('does not move the process', async () => {
    const { fs } = await withDirectories()
    const before = process.cwd()
    fs.chdir('/dir')
    expect(process.cwd()).toBe(before)
  })
})

describe('rmdir', () => {
  test('removes an empty directory', async () => {
    const { base, fs } = await withDirectories()
    fs.rmdir('/empty')
    fs.rmdir('/to-dir/sub')
    expect(existsSync(path.join(base, 'empty'))).toBe(false)
    expect(existsSync(path.join(base, 'dir/sub'))).toBe(false)
  })

  test('refuses one that is not empty, the root among them, and what is none', async () => {
    const { base, fs } = await withDirectories()
    for (const name of ['/dir', '/']) expect(() => fs.rmdir(name), name).toThrow(failure('ENOTEMPTY'))
    for (const name of ['/dir/file', '/to-empty']) expect(() => fs.rmdir(name), name).toThrow(failure('ENOTDIR'))
    expect(() => fs.rmdir('/missing')).toThrow(failure('ENOENT'))
    expect(existsSync(path.join(base, 'empty'))).toBe(true)
  })
})

describe('listdir', () => {
  async function names(fs: AbstractedFS, name: string): Promise<string[]> {
    const found: string[] = []
    for await (const each of await fs.listdir(name)) found.push(each)
    return found.sort()
  }

  test('gives all names, hidden ones and links too, but not . and ..', async () => {
    const base = await tempTree({
      file: '',
      '.hidden': '',
      dir: null,
      link: { link: 'nowhere' },
      'a b\n"c"': '',
      ä: '',
    })
    const expected = ['.hidden', 'a b\n"c"', 'dir', 'file', 'link', 'ä']
    expect(await names(new AbstractedFS(base), '/')).toEqual(expected)
  })

  test('follows a link, and starts from the current directory', async () => {
    const { fs } = await withDirectories()
    expect(await names(fs, '/to-dir')).toEqual(['file', 'sub'])
    fs.chdir('/dir')
    expect(await names(fs, '')).toEqual(['file', 'sub'])
    expect(await names(fs, '../empty')).toEqual([])
  })

  test('is a generator that closes the directory at its end, or where one leaves it', async () => {
    const { base, fs } = await withDirectories()
    const all = fs.listdir('/') as Iterable<string>
    expect([...all]).toHaveLength(6)
    expect(openBelow(base)).toEqual([])
    for (const _name of fs.listdir('/') as Iterable<string>) break
    expect(openBelow(base)).toEqual([])
  })

  test('closes the directory when what is done with a name throws', async () => {
    const { base, fs } = await withDirectories()
    const fail = () => {
      for (const name of fs.listdir('/') as Iterable<string>) throw new Error(name)
    }
    expect(fail).toThrow()
    expect(openBelow(base)).toEqual([])
  })

  test('copes with many names', async () => {
    const base = await tempTree()
    const expected = Array.from({ length: 1500 }, (_, index) => `dir${index}`).sort()
    for (const name of expected) mkdirSync(path.join(base, name))
    expect(await names(new AbstractedFS(base), '/')).toEqual(expected)
  })

  test('copes with a directory that is removed meanwhile', async () => {
    const { base, fs } = await withDirectories()
    const listing = fs.listdir('/dir') as Iterable<string>
    rmSync(path.join(base, 'dir'), { recursive: true })
    expect([...listing]).toEqual([])
  })

  test('refuses at once, not at the first name, what cannot be listed', async () => {
    const { base, fs } = await withDirectories()
    expect(() => fs.listdir('/missing')).toThrow(failure('ENOENT'))
    expect(() => fs.listdir('/dangling')).toThrow(failure('ENOENT'))
    expect(() => fs.listdir('/dir/file')).toThrow(failure('ENOTDIR'))
    expect(() => fs.listdir('/loop')).toThrow(failure('ELOOP'))
    expect(() => fs.listdir('\0')).toThrow(FilesystemError)
    chmodSync(path.join(base, 'empty'), 0o300)
    if (!bypassesModes) expect(() => fs.listdir('/empty')).toThrow(failure('EACCES'))
  })
})

describe('a subclass may list from elsewhere', () => {
  class ListFS extends AbstractedFS {
    override listdir(): string[] {
      return ['a', 'b']
    }
  }
  class PromisedListFS extends AbstractedFS {
    override async listdir(): Promise<string[]> {
      return ['a', 'b']
    }
  }
  class GeneratorFS extends AbstractedFS {
    override *listdir(): Generator<string> {
      yield* ['a', 'b']
    }
  }
  class AsyncGeneratorFS extends AbstractedFS {
    override async *listdir(): AsyncGenerator<string> {
      yield 'a'
      await new Promise(setImmediate)
      yield 'b'
    }
  }

  test.each([ListFS, PromisedListFS, GeneratorFS, AsyncGeneratorFS])('%o', async (Elsewhere) => {
    const fs: AbstractedFS = new Elsewhere('/')
    const found: string[] = []
    for await (const name of await fs.listdir('/')) found.push(name)
    expect(found).toEqual(['a', 'b'])
  })
})
