import { closeSync, constants, mkdirSync, readFileSync, statSync, symlinkSync, writeSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { tempTree } from '../filesystems/temp-tree.ts'

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_TRUNC } = constants

beforeEach(() => {
  vi.resetModules()
  vi.doUnmock('koffi')
})

async function withTree() {
  const base = await tempTree({ 'dir/file': 'text', 'to-dir': { link: 'dir' }, 'dir/to-file': { link: 'file' } })
  const { loadOpenWithoutLinks } = await import('../../src/native/openat2.ts')
  const open = await loadOpenWithoutLinks()
  if (open === undefined) throw new Error('koffi is not installed, or the kernel is older than 5.6')
  return { at: (name: string) => path.join(base, name), open }
}

describe.runIf(process.platform === 'linux')('openat2', () => {
  test('opens what has no link in its path', async () => {
    const { at, open } = await withTree()
    const fd = open(at('dir/file'), O_RDONLY, 0)
    expect(readFileSync(fd, 'utf8')).toBe('text')
    closeSync(fd)
  })

  test.each(['to-dir/file', 'dir/to-file', 'to-dir/to-file', 'to-dir'])('a link is refused: %s', async (name) => {
    const { at, open } = await withTree()
    for (const flags of [O_RDONLY, O_WRONLY | O_CREAT | O_TRUNC]) {
      expect(() => open(at(name), flags, 0o666)).toThrow(expect.objectContaining({ code: 'ELOOP', syscall: 'openat2' }))
    }
    expect(readFileSync(at('dir/file'), 'utf8')).toBe('text')
  })

  test('makes files with the mode that is asked for and left by the umask, of any name', async () => {
    const { at, open } = await withTree()
    const before = process.umask(0o027)
    try {
      const fd = open(at('dir/näme \u{1f600}'), O_WRONLY | O_CREAT | O_EXCL, 0o666)
      writeSync(fd, 'new')
      closeSync(fd)
    } finally {
      process.umask(before)
    }
    expect(readFileSync(at('dir/näme \u{1f600}'), 'utf8')).toBe('new')
    expect(statSync(at('dir/näme \u{1f600}')).mode & 0o777).toBe(0o640)
  })

  test("throws the system's errors", async () => {
    const { at, open } = await withTree()
    expect(() => open(at('missing'), O_RDONLY, 0)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    expect(() => open(at('dir/file/x'), O_RDONLY, 0)).toThrow(expect.objectContaining({ code: 'ENOTDIR' }))
    expect(() => open(at('dir/file'), O_WRONLY | O_CREAT | O_EXCL, 0)).toThrow(
      expect.objectContaining({ code: 'EEXIST' }),
    )
    mkdirSync(at('more'))
    expect(() => open(at('more'), O_WRONLY, 0)).toThrow(expect.objectContaining({ code: 'EISDIR' }))
    symlinkSync('loop', at('loop'))
    expect(() => open(at('loop'), O_RDONLY, 0)).toThrow(expect.objectContaining({ code: 'ELOOP' }))
  })

  test('is not there without koffi, nor before it has been of use for a while', async () => {
    const { openWithoutLinksWhenWorthwhile, loadOpenWithoutLinks } = await import('../../src/native/openat2.ts')
    expect(openWithoutLinksWhenWorthwhile()).toBeUndefined()
    expect(await loadOpenWithoutLinks()).toBeTypeOf('function')
    expect(openWithoutLinksWhenWorthwhile()).toBeTypeOf('function')
    vi.resetModules()
    vi.doMock('koffi', () => {
      throw new Error('not installed')
    })
    const without = await import('../../src/native/openat2.ts')
    expect(await without.loadOpenWithoutLinks()).toBeUndefined()
  })
})
