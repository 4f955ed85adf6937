import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
} from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { AbstractedFS, FilesystemError, HostFile, type OpenFile, type OpenMode } from '../../src/filesystems/index.ts'
import { openBelow, tempTree } from './temp-tree.ts'

const MODES: readonly OpenMode[] = ['r', 'w', 'r+', 'a', 'wx']

async function withFiles() {
  const base = await tempTree({ 'file.txt': 'hello', 'dir/other.txt': 'other', link: { link: 'file.txt' } })
  return { base, fs: new AbstractedFS(base) }
}

/** What a file holds after `action` was done to it. */
async function after(file: OpenFile | Promise<OpenFile>, action: (file: OpenFile) => unknown): Promise<OpenFile> {
  const opened = await file
  try {
    await action(opened)
  } finally {
    await opened.close()
  }
  return opened
}

const text = (base: string, name = 'file.txt') => readFileSync(path.join(base, name), 'utf8')
const write = (content: string) => (file: OpenFile) => file.write(Buffer.from(content))

async function readText(file: OpenFile): Promise<string> {
  const into = Buffer.alloc(100)
  return into.toString('utf8', 0, await file.read(into))
}

describe('mode r', () => {
  test('reads, and does not write', async () => {
    const { base, fs } = await withFiles()
    const file = await after(fs.open('/file.txt', 'r'), async (opened) => {
      expect(await readText(opened)).toBe('hello')
      await expect(opened.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'EBADF' })
    })
    expect(file).toMatchObject({ path: '/file.txt', size: 5, appends: false })
    expect(text(base)).toBe('hello')
  })

  test('refuses a missing file, and makes none', async () => {
    const { base, fs } = await withFiles()
    expect(() => fs.open('/missing', 'r')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    expect(existsSync(path.join(base, 'missing'))).toBe(false)
  })
})

describe('mode w', () => {
  test('makes a file', async () => {
    const { base, fs } = await withFiles()
    const file = await after(fs.open('/new.txt', 'w'), write('new'))
    expect(file).toMatchObject({ path: '/new.txt', size: 0, appends: false })
    expect(text(base, 'new.txt')).toBe('new')
  })

  test('replaces one, and does not read', async () => {
    const { base, fs } = await withFiles()
    await after(fs.open('/file.txt', 'w'), async (file) => {
      expect(text(base)).toBe('')
      await expect(readText(file)).rejects.toMatchObject({ code: 'EBADF' })
      await file.write(Buffer.from('bye'))
    })
    expect(text(base)).toBe('bye')
  })

  test('leaves the rights on a new file to the umask', async () => {
    const { base, fs } = await withFiles()
    await after(fs.open('/new.txt', 'w'), () => undefined)
    expect(statSync(path.join(base, 'new.txt')).mode & 0o777).toBe(0o666 & ~process.umask())
  })
})

describe('mode r+', () => {
  test('changes a file in place', async () => {
    const { base, fs } = await withFiles()
    const file = await after(fs.open('/file.txt', 'r+'), write('J'))
    expect(file.size).toBe(5)
    expect(text(base)).toBe('Jello')
  })

  test('refuses a missing file, and makes none', async () => {
    const { base, fs } = await withFiles()
    expect(() => fs.open('/missing', 'r+')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    expect(existsSync(path.join(base, 'missing'))).toBe(false)
  })
})

describe('mode a', () => {
  test('adds to a file', async () => {
    const { base, fs } = await withFiles()
    const file = await after(fs.open('/file.txt', 'a'), write(' world'))
    expect(file).toMatchObject({ size: 5, appends: true })
    expect(text(base)).toBe('hello world')
  })

  test('makes a missing one', async () => {
    const { base, fs } = await withFiles()
    await after(fs.open('/new.txt', 'a'), write('new'))
    expect(text(base, 'new.txt')).toBe('new')
  })
})

describe('mode wx', () => {
  test('makes a file', async () => {
    const { base, fs } = await withFiles()
    await after(fs.open('/new.txt', 'wx'), write('new'))
    expect(text(base, 'new.txt')).toBe('new')
  })

  test.each(['file.txt', 'dir', 'link', 'dangling'])('refuses what is there: %s', async (name) => {
    const base = await tempTree({
      'file.txt': 'hello',
      dir: null,
      link: { link: 'file.txt' },
      dangling: { link: 'missing' },
    })
    const open = () => new AbstractedFS(base).open(name, 'wx')
    expect(open).toThrow(expect.objectContaining({ code: 'EEXIST' }))
    expect(text(base)).toBe('hello')
    expect(existsSync(path.join(base, 'missing'))).toBe(false)
  })
})

describe('a path', () => {
  test('may be relative, and is given back plain and absolute', async () => {
    const { fs } = await withFiles()
    fs.cwd = '/dir'
    const file = await after(fs.open('./../dir//other.txt', 'r'), () => undefined)
    expect(file.path).toBe('/dir/other.txt')
  })

  test('cannot lead above the root', async () => {
    const { fs } = await withFiles()
    const file = await after(fs.open('/../../file.txt', 'r'), () => undefined)
    expect(file.path).toBe('/file.txt')
  })

  test('keeps the name of a link that stays inside', async () => {
    const { base, fs } = await withFiles()
    const file = await after(fs.open('/link', 'r+'), write('J'))
    expect(file).toMatchObject({ path: '/link', size: 5 })
    expect(text(base)).toBe('Jello')
  })

  test('to nothing through a link makes a file where the link points', async () => {
    const base = await tempTree({ dir: null, link: { link: 'dir/new.txt' } })
    await after(new AbstractedFS(base).open('/link', 'w'), write('new'))
    expect(text(base, 'dir/new.txt')).toBe('new')
  })
})

describe.each(MODES)('mode %s refuses', (mode) => {
  test('a directory, the root among them', async () => {
    const { base, fs } = await withFiles()
    for (const name of ['/dir', '/', '/dir/']) expect(() => fs.open(name, mode), name).toThrow(/EISDIR|EEXIST|regular/)
    expect(openBelow(base)).toEqual([])
  })

  test('a link to a directory', async () => {
    const base = await tempTree({ dir: null, link: { link: 'dir' } })
    expect(() => new AbstractedFS(base).open('/link', mode)).toThrow(/EISDIR|EEXIST|regular/)
  })

  test('a FIFO, at once', async () => {
    const base = await tempTree()
    execFileSync('mkfifo', [path.join(base, 'fifo')])
    expect(() => new AbstractedFS(base).open('/fifo', mode)).toThrow(/ENXIO|EEXIST|regular/)
    expect(openBelow(base)).toEqual([])
  })

  test('a FIFO with somebody at its other end', async () => {
    const base = await tempTree()
    const fifo = path.join(base, 'fifo')
    execFileSync('mkfifo', [fifo])
    const otherEnd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK)
    try {
      const refusal = mode === 'wx' ? expect.objectContaining({ code: 'EEXIST' }) : FilesystemError
      expect(() => new AbstractedFS(base).open('/fifo', mode)).toThrow(refusal)
      expect(openBelow(base)).toHaveLength(1)
    } finally {
      closeSync(otherEnd)
    }
  })

  test('a device', () => {
    const refusal = mode === 'wx' ? expect.objectContaining({ code: 'EEXIST' }) : FilesystemError
    expect(() => new AbstractedFS('/dev').open('/null', mode)).toThrow(refusal)
  })

  test('a name with NUL', async () => {
    const { base, fs } = await withFiles()
    expect(() => fs.open('/file.txt\0', mode)).toThrow(FilesystemError)
    expect(() => fs.open('/new\0.txt', mode)).toThrow(FilesystemError)
    expect(existsSync(path.join(base, 'new'))).toBe(false)
  })

  test('a missing directory, and a file in its place', async () => {
    const { fs } = await withFiles()
    expect(() => fs.open('/missing/new.txt', mode)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    expect(() => fs.open('/file.txt/new.txt', mode)).toThrow(expect.objectContaining({ code: 'ENOTDIR' }))
  })

  test('a name that is too long', async () => {
    const { fs } = await withFiles()
    expect(() => fs.open(`/${'x'.repeat(300)}`, mode)).toThrow(expect.objectContaining({ code: 'ENAMETOOLONG' }))
  })

  test('a loop of links', async () => {
    const base = await tempTree({ loop: { link: 'loop' } })
    expect(() => new AbstractedFS(base).open('/loop', mode)).toThrow(expect.objectContaining({ code: 'ELOOP' }))
  })
})

describe('a large file that is replaced', () => {
  const LARGE = 4 * 1024 * 1024

  async function withLarge(size: number, rights = 0o644) {
    const base = await tempTree({ 'file.txt': 'hello' })
    const hostPath = path.join(base, 'file.txt')
    truncateSync(hostPath, size)
    chmodSync(hostPath, rights)
    utimesSync(hostPath, 1, 1)
    return { base, hostPath, fs: new AbstractedFS(base) }
  }

  test('is emptied by a thread, before anybody has it', async () => {
    const { base, hostPath, fs } = await withLarge(LARGE)
    const opening = fs.open('/file.txt', 'w')
    expect(opening).toBeInstanceOf(Promise)
    const file = await after(opening, async (opened) => {
      expect(statSync(hostPath).size).toBe(0)
      await opened.write(Buffer.from('bye'))
    })
    expect(file.size).toBe(0)
    expect(text(base)).toBe('bye')
  })

  test.each([
    ['a smaller one', LARGE - 1, 0o644],
    ['one that runs as its owner, since only a write of the user takes that right away', LARGE, 0o4755],
    ['an empty one', 0, 0o644],
  ])('%s is emptied at once', async (_name, size, rights) => {
    const { hostPath, fs } = await withLarge(size, rights)
    const file = fs.open('/file.txt', 'w')
    expect(file).not.toBeInstanceOf(Promise)
    expect(statSync(hostPath)).toMatchObject({ size: 0 })
    expect(statSync(hostPath).mtimeMs).toBeGreaterThan(1000)
    await after(file as OpenFile, () => undefined)
  })

  test('who opens it without asking for that finds it empty', async () => {
    const { hostPath } = await withLarge(LARGE)
    const file = new HostFile('/file.txt', hostPath, 'w')
    expect(statSync(hostPath).size).toBe(0)
    file.close()
  })

  test('is closed when it cannot be emptied', async () => {
    const { base, hostPath } = await withLarge(LARGE)
    const file = new HostFile('/file.txt', hostPath, 'w', { leavesLarge: true })
    const { fd } = file
    closeSync(fd)
    const readable = openSync(hostPath, 'r')
    expect(readable).toBe(fd)
    await expect(file.emptied()).rejects.toThrow(/EINVAL|EBADF|EPERM/)
    expect(openBelow(base)).toEqual([])
  })
})
