import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { AbstractedFS, FilesystemError, type OpenFile, type OpenMode } from '../../src/filesystems/index.ts'
import { tempTree } from './temp-tree.ts'

test('makes a new file in the directory, open to write, its name begun by the prefix', async () => {
  const base = await tempTree({ dir: null })
  const file = await new AbstractedFS(base).mkstemp('/dir', 'ftp.')
  await file.write(Buffer.from('hello'))
  await file.close()
  expect(file.path).toMatch(/^\/dir\/ftp\.[^/]+$/)
  expect(readdirSync(path.join(base, 'dir'))).toEqual([path.basename(file.path)])
  expect(readFileSync(path.join(base, file.path), 'utf8')).toBe('hello')
})

test.each([
  ['/', '.', /^\/ftp\.[^/]+$/],
  ['/', '/', /^\/ftp\.[^/]+$/],
  ['/dir', '', /^\/dir\/ftp\.[^/]+$/],
  ['/dir', '..', /^\/ftp\.[^/]+$/],
  ['/dir', 'sub/', /^\/dir\/sub\/ftp\.[^/]+$/],
  ['/dir', '../../..', /^\/ftp\.[^/]+$/],
])('in %s, the directory %j makes it there', async (cwd, directory, expected) => {
  const base = await tempTree({ 'dir/sub': null })
  const fs = new AbstractedFS(base)
  fs.cwd = cwd
  const file = await fs.mkstemp(directory, 'ftp.')
  await file.close()
  expect(file.path).toMatch(expected)
})

test('many at a time have each a name of their own', async () => {
  const base = await tempTree()
  const fs = new AbstractedFS(base)
  const files = await Promise.all(Array.from({ length: 200 }, () => fs.mkstemp('/', 'ftp.')))
  await Promise.all(files.map((file, index) => file.write(Buffer.from(String(index)))))
  await Promise.all(files.map((file) => file.close()))
  expect(new Set(files.map((file) => file.path)).size).toBe(200)
  for (const [index, file] of files.entries()) {
    expect(readFileSync(path.join(base, file.path), 'utf8')).toBe(String(index))
  }
})

/** Finds the first names taken, as if others had been quicker. */
class CrowdedFS extends AbstractedFS {
  readonly tried: string[] = []
  taken = Number.POSITIVE_INFINITY
  asynchronous = false

  override open(name: string, mode: OpenMode): OpenFile | Promise<OpenFile> {
    this.tried.push(name)
    const error = Object.assign(new Error('EEXIST: file already exists'), { code: 'EEXIST' })
    if (this.tried.length > this.taken) return super.open(name, mode)
    if (this.asynchronous) return Promise.reject(error)
    throw error
  }
}

describe.each([false, true])('when names are taken (found out asynchronously: %s)', (asynchronous) => {
  test('tries others', async () => {
    const fs = new CrowdedFS(await tempTree())
    fs.asynchronous = asynchronous
    fs.taken = 3
    const file = await fs.mkstemp('/', 'ftp.')
    await file.close()
    expect(file.path).toBe(fs.tried[3])
    expect(new Set(fs.tried).size).toBe(4)
  })

  test('gives up in the end, and has made nothing', async () => {
    const base = await tempTree()
    const fs = new CrowdedFS(base)
    fs.asynchronous = asynchronous
    await expect(fs.mkstemp('/', 'ftp.')).rejects.toThrow(FilesystemError)
    await expect(fs.mkstemp('/', 'ftp.')).rejects.toThrow('No usable unique file name found.')
    expect(fs.tried.length).toBeGreaterThan(10)
    expect(readdirSync(base)).toEqual([])
  })
})

test('any other error ends it at once', async () => {
  class FullFS extends AbstractedFS {
    attempts = 0
    override open(): never {
      this.attempts++
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    }
  }
  const fs = new FullFS(await tempTree())
  await expect(fs.mkstemp('/', 'ftp.')).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(fs.attempts).toBe(1)
})

test('refuses a missing directory, a file in its place and a name with NUL', async () => {
  const base = await tempTree({ file: '' })
  const fs = new AbstractedFS(base)
  await expect(fs.mkstemp('/missing', 'ftp.')).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(fs.mkstemp('/file', 'ftp.')).rejects.toMatchObject({ code: 'ENOTDIR' })
  await expect(fs.mkstemp('/', 'f\0p.')).rejects.toThrow(FilesystemError)
  await expect(fs.mkstemp('/\0', 'ftp.')).rejects.toThrow(FilesystemError)
  expect(readdirSync(base)).toEqual(['file'])
})
