import { linkSync, readdirSync, readFileSync, truncateSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { AbstractedFS } from '../../src/filesystems/abstracted-fs.ts'
import { tempTree } from './temp-tree.ts'

const LARGE = 4 * 1024 * 1024

async function withFile(bytes: number) {
  const root = await tempTree({ 'small.txt': 'small', 'file.bin': '' })
  truncateSync(path.join(root, 'file.bin'), bytes)
  return { root, fs: new AbstractedFS(root) }
}

describe.runIf(process.platform === 'linux')('what a large file held is freed by a thread', () => {
  test('when it is removed', async () => {
    const { root, fs } = await withFile(LARGE)
    const freed = fs.remove('/file.bin')
    expect(freed).toBeInstanceOf(Promise)
    expect(readdirSync(root), 'the name is gone at once').toEqual(['small.txt'])
    await freed
  })

  test('when another file takes its name', async () => {
    const { root, fs } = await withFile(LARGE)
    const freed = fs.rename('/small.txt', '/file.bin')
    expect(freed).toBeInstanceOf(Promise)
    expect(readFileSync(path.join(root, 'file.bin'), 'utf8')).toBe('small')
    await freed
  })

  test('but not when it is small, or has another name yet', async () => {
    const small = await withFile(LARGE - 1)
    expect(small.fs.rename('/small.txt', '/file.bin')).toBeUndefined()
    expect(small.fs.remove('/file.bin')).toBeUndefined()
    const linked = await withFile(LARGE)
    linkSync(path.join(linked.root, 'file.bin'), path.join(linked.root, 'other.bin'))
    expect(linked.fs.remove('/file.bin')).toBeUndefined()
    expect(readdirSync(linked.root).sort()).toEqual(['other.bin', 'small.txt'])
  })

  test('and not when it stays: the error is what it would be', async () => {
    const { root, fs } = await withFile(LARGE)
    expect(() => fs.rename('/nothing', '/file.bin')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    expect(readdirSync(root).sort()).toEqual(['file.bin', 'small.txt'])
  })
})
