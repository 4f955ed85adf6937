import { chmodSync, existsSync, lstatSync, readFileSync, readlinkSync, statSync, utimesSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { AbstractedFS, FilesystemError } from '../../src/filesystems/index.ts'
import { snapshot, tempTree } from './temp-tree.ts'

const failure = (code: string) => expect.objectContaining({ code })

async function withFiles() {
  const base = await tempTree({
    'file.txt': 'hello',
    'dir/other.txt': 'other',
    'to-file': { link: 'file.txt' },
    'to-dir': { link: 'dir' },
    dangling: { link: 'nowhere' },
    loop: { link: 'loop' },
  })
  return { base, fs: new AbstractedFS(base), at: (name: string) => path.join(base, name) }
}

describe('remove', () => {
  test('removes a file', async () => {
    const { fs, at } = await withFiles()
    fs.remove('/file.txt')
    fs.cwd = '/dir'
    fs.remove('other.txt')
    expect([existsSync(at('file.txt')), existsSync(at('dir/other.txt')), existsSync(at('dir'))]).toEqual([
      false,
      false,
      true,
    ])
  })

  test.each(['to-file', 'to-dir', 'dangling', 'loop'])('removes the link %s, not what it points to', async (name) => {
    const { fs, at } = await withFiles()
    fs.remove(name)
    expect(lstatSync(at(name), { throwIfNoEntry: false })).toBeUndefined()
    expect(readFileSync(at('file.txt'), 'utf8')).toBe('hello')
    expect(existsSync(at('dir/other.txt'))).toBe(true)
  })

  test('refuses a directory and the root, and what is missing', async () => {
    const { base, fs } = await withFiles()
    const before = snapshot(base)
    for (const name of ['/dir', '/']) expect(() => fs.remove(name), name).toThrow(/EISDIR|EPERM/)
    expect(() => fs.remove('/missing')).toThrow(failure('ENOENT'))
    expect(() => fs.remove('/file.txt/x')).toThrow(failure('ENOTDIR'))
    expect(() => fs.remove('/loop/x')).toThrow(failure('ELOOP'))
    expect(() => fs.remove('/file.txt\0')).toThrow(FilesystemError)
    expect(snapshot(base)).toEqual(before)
  })
})

describe('rename', () => {
  test('renames a file, a directory, and into another directory', async () => {
    const { fs, at } = await withFiles()
    fs.rename('/file.txt', '/new.txt')
    fs.rename('/dir', '/moved')
    fs.cwd = '/moved'
    fs.rename('../new.txt', 'new.txt')
    expect(readFileSync(at('moved/new.txt'), 'utf8')).toBe('hello')
    expect(existsSync(at('moved/other.txt'))).toBe(true)
    expect(existsSync(at('file.txt'))).toBe(false)
  })

  test.each(['to-file', 'to-dir', 'dangling', 'loop'])('renames the link %s itself', async (name) => {
    const { fs, at } = await withFiles()
    const target = readlinkSync(at(name))
    fs.rename(name, '/renamed')
    expect(readlinkSync(at('renamed'))).toBe(target)
    expect(existsSync(at('file.txt'))).toBe(true)
    expect(existsSync(at('dir'))).toBe(true)
  })

  test('replaces a file, and a link rather than what it points to', async () => {
    const { fs, at } = await withFiles()
    fs.rename('/dir/other.txt', '/to-file')
    expect(lstatSync(at('to-file')).isFile()).toBe(true)
    expect(readFileSync(at('file.txt'), 'utf8')).toBe('hello')
    fs.rename('/to-file', '/file.txt')
    expect(readFileSync(at('file.txt'), 'utf8')).toBe('other')
  })

  test('refuses what cannot be', async () => {
    const { base, fs } = await withFiles()
    const before = snapshot(base)
    expect(() => fs.rename('/missing', '/new')).toThrow(failure('ENOENT'))
    expect(() => fs.rename('/file.txt', '/missing/new')).toThrow(failure('ENOENT'))
    expect(() => fs.rename('/dir', '/dir/below')).toThrow(failure('EINVAL'))
    expect(() => fs.rename('/dir', '/file.txt')).toThrow(failure('ENOTDIR'))
    expect(() => fs.rename('/file.txt', '/dir')).toThrow(failure('EISDIR'))
    expect(() => fs.rename('/', '/new')).toThrow(/EINVAL|EBUSY/)
    expect(() => fs.rename('/file.txt', '/')).toThrow(/EISDIR|ENOTEMPTY|EBUSY/)
    expect(() => fs.rename('/dir', '/')).toThrow(/EISDIR|ENOTEMPTY|EBUSY|EINVAL/)
    expect(() => fs.rename('/file.txt\0', '/new')).toThrow(FilesystemError)
    expect(() => fs.rename('/file.txt', '/new\0')).toThrow(FilesystemError)
    expect(snapshot(base)).toEqual(before)
  })
})

describe('chmod', () => {
  test('sets the mode of a file, a directory, and what a link points to', async () => {
    const { fs, at } = await withFiles()
    fs.chmod('/file.txt', 0o640)
    fs.chmod('/dir', 0o711)
    expect(statSync(at('file.txt')).mode & 0o7777).toBe(0o640)
    expect(statSync(at('dir')).mode & 0o7777).toBe(0o711)
    fs.chmod('/to-file', 0o604)
    expect(statSync(at('file.txt')).mode & 0o7777).toBe(0o604)
  })

  test('refuses what is missing', async () => {
    const { fs } = await withFiles()
    expect(() => fs.chmod('/missing', 0o600)).toThrow(failure('ENOENT'))
    expect(() => fs.chmod('/dangling', 0o600)).toThrow(failure('ENOENT'))
    expect(() => fs.chmod('/loop', 0o600)).toThrow(failure('ELOOP'))
    expect(() => fs.chmod('/file.txt\0', 0o600)).toThrow(FilesystemError)
  })
})

describe('utime', () => {
  test.each([0, 1_000_000_000_000, 1_234_567_890_123, -86_400_000, -1500, 4_102_444_800_000])(
    'sets %i ms',
    async (epochMs) => {
      const { fs, at } = await withFiles()
      fs.utime('/file.txt', epochMs)
      const stat = statSync(at('file.txt'))
      expect(stat.mtimeMs).toBeCloseTo(epochMs, 0)
      expect(stat.atimeMs).toBeCloseTo(epochMs, 0)
    },
  )

  test('sets those of what a link points to', async () => {
    const { fs, at } = await withFiles()
    fs.utime('/to-file', 86_400_000)
    expect(statSync(at('file.txt')).mtimeMs).toBe(86_400_000)
    expect(lstatSync(at('to-file')).mtimeMs).not.toBe(86_400_000)
  })

  test('refuses what is missing', async () => {
    const { fs } = await withFiles()
    expect(() => fs.utime('/missing', 0)).toThrow(failure('ENOENT'))
    expect(() => fs.utime('/dangling', 0)).toThrow(failure('ENOENT'))
    expect(() => fs.utime('/file.txt\0', 0)).toThrow(FilesystemError)
  })
})

describe('stat and lstat', () => {
  test('tell a link from what it points to', async () => {
    const { fs, at } = await withFiles()
    const file = await fs.stat('/to-file')
    expect(file).toMatchObject({ size: 5, ino: statSync(at('file.txt')).ino })
    expect([file.isFile(), file.isSymbolicLink()]).toEqual([true, false])
    const link = await fs.lstat('/to-file')
    expect([link.isFile(), link.isSymbolicLink()]).toEqual([false, true])
    expect((await fs.stat('/to-dir')).isDirectory()).toBe(true)
    expect((await fs.lstat('/to-dir/other.txt')).isFile()).toBe(true)
    expect((await fs.stat('/')).isDirectory()).toBe(true)
  })

  test('refuse what is missing; lstat is content with a link to nothing and a loop', async () => {
    const { fs } = await withFiles()
    for (const name of ['/missing', '/dangling']) expect(() => fs.stat(name), name).toThrow(failure('ENOENT'))
    expect(() => fs.stat('/file.txt/x')).toThrow(failure('ENOTDIR'))
    expect(() => fs.stat('/loop')).toThrow(failure('ELOOP'))
    expect(() => fs.stat('a\0')).toThrow(FilesystemError)
    expect(() => fs.lstat('/missing')).toThrow(failure('ENOENT'))
    expect(() => fs.lstat('a\0')).toThrow(FilesystemError)
    for (const name of ['/dangling', '/loop']) expect((await fs.lstat(name)).isSymbolicLink(), name).toBe(true)
  })
})

describe('readlink', () => {
  test('gives the text of a link', async () => {
    const { fs } = await withFiles()
    expect(fs.readlink('/to-file')).toBe('file.txt')
    expect(fs.readlink('/dangling')).toBe('nowhere')
    expect(fs.readlink('/loop')).toBe('loop')
  })

  test('refuses what is no link', async () => {
    const { fs } = await withFiles()
    for (const name of ['/file.txt', '/dir', '/', '/to-dir/other.txt']) {
      expect(() => fs.readlink(name), name).toThrow(failure('EINVAL'))
    }
    expect(() => fs.readlink('/missing')).toThrow(failure('ENOENT'))
    expect(() => fs.readlink('/to-file\0')).toThrow(FilesystemError)
  })
})

test.each([
  ['/file.txt', { isfile: true, isdir: false, islink: false, lexists: true }],
  ['/dir', { isfile: false, isdir: true, islink: false, lexists: true }],
  ['/', { isfile: false, isdir: true, islink: false, lexists: true }],
  ['/to-file', { isfile: true, isdir: false, islink: true, lexists: true }],
  ['/to-dir', { isfile: false, isdir: true, islink: true, lexists: true }],
  ['/to-dir/other.txt', { isfile: true, isdir: false, islink: false, lexists: true }],
  ['/dangling', { isfile: false, isdir: false, islink: true, lexists: true }],
  ['/loop', { isfile: false, isdir: false, islink: true, lexists: true }],
  ['/missing', { isfile: false, isdir: false, islink: false, lexists: false }],
  ['/file.txt/below', { isfile: false, isdir: false, islink: false, lexists: false }],
  ['/loop/below', { isfile: false, isdir: false, islink: false, lexists: false }],
  ['/file.txt\0', { isfile: false, isdir: false, islink: false, lexists: false }],
  [`/${'x'.repeat(300)}`, { isfile: false, isdir: false, islink: false, lexists: false }],
])('isfile, isdir, islink and lexists of %j', async (name, expected) => {
  const { fs } = await withFiles()
  expect({
    isfile: await fs.isfile(name),
    isdir: await fs.isdir(name),
    islink: await fs.islink(name),
    lexists: await fs.lexists(name),
  }).toEqual(expected)
})

describe('getsize and getmtime', () => {
  test('are those of what a link points to', async () => {
    const { fs, at } = await withFiles()
    utimesSync(at('file.txt'), 1, 86_400)
    for (const name of ['/file.txt', '/to-file']) {
      expect(await fs.getsize(name)).toBe(5)
      expect(await fs.getmtime(name)).toBe(86_400_000)
    }
  })

  test('refuse what is missing', async () => {
    const { fs } = await withFiles()
    for (const name of ['/missing', '/dangling']) {
      await expect(fs.getsize(name)).rejects.toMatchObject({ code: 'ENOENT' })
      await expect(fs.getmtime(name)).rejects.toMatchObject({ code: 'ENOENT' })
    }
    await expect(fs.getsize('a\0')).rejects.toThrow(FilesystemError)
    await expect(fs.getmtime('a\0')).rejects.toThrow(FilesystemError)
  })
})

describe('realpath', () => {
  test.each([
    ['/', ''],
    ['/file.txt', 'file.txt'],
    ['/to-file', 'file.txt'],
    ['/to-dir/other.txt', 'dir/other.txt'],
    ['/to-dir/missing/below', 'dir/missing/below'],
    ['/dangling', 'nowhere'],
    ['to-dir/../to-file', 'file.txt'],
  ])('of %s is the host path of %j', async (name, real) => {
    const { fs, at } = await withFiles()
    expect(fs.realpath(name)).toBe(at(real))
  })

  test('refuses a loop and a NUL', async () => {
    const { fs } = await withFiles()
    expect(() => fs.realpath('/loop')).toThrow(failure('ELOOP'))
    expect(() => fs.realpath('/a\0')).toThrow(FilesystemError)
  })
})

test('the errors of the mode of a directory come through', async () => {
  const { fs, at } = await withFiles()
  chmodSync(at('dir'), 0)
  try {
    if (process.getuid?.() === 0) return
    for (const operation of [
      () => fs.stat('/dir/other.txt'),
      () => fs.open('/dir/other.txt', 'r'),
      () => fs.open('/dir/new.txt', 'w'),
      () => fs.remove('/dir/other.txt'),
      () => fs.mkdir('/dir/new'),
      () => fs.rename('/file.txt', '/dir/new'),
    ]) {
      expect(operation, String(operation)).toThrow(failure('EACCES'))
    }
  } finally {
    chmodSync(at('dir'), 0o700)
  }
})
