import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, type Stats, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { tempTree } from '../filesystems/temp-tree.ts'
import { fillHostileDirectory } from '../support/hostile-directory.ts'

const FIELDS = ['mode', 'size', 'mtimeMs', 'birthtimeMs', 'nlink', 'uid', 'gid', 'dev', 'ino'] as const
const QUESTIONS = ['isFile', 'isDirectory', 'isSymbolicLink'] as const

beforeEach(() => void vi.resetModules())
afterEach(() => {
  vi.doUnmock('koffi')
  vi.restoreAllMocks()
})

function freshModule() {
  return import('../../src/native/directory-calls.ts')
}

/** All names in a directory of the host. */
async function namesIn(directory: string): Promise<string[]> {
  const { loadDirectoryCalls } = await freshModule()
  const calls = await loadDirectoryCalls()
  if (calls === undefined) throw new Error('koffi is not installed')
  const fd = openSync(directory, 'r')
  const all: string[] = []
  try {
    for (let names = calls.nextNames(fd); names.length > 0; names = calls.nextNames(fd)) all.push(...names)
  } finally {
    closeSync(fd)
  }
  return all
}

/** What is said of names in a directory of the host. */
async function statNamesIn(directory: string, names: readonly string[]) {
  const { loadDirectoryCalls } = await freshModule()
  const calls = await loadDirectoryCalls()
  if (calls === undefined) throw new Error('koffi is not installed')
  const fd = openSync(directory, 'r')
  try {
    return calls.statNames(fd, names)
  } finally {
    closeSync(fd)
  }
}

function answers(stat: Pick<Stats, (typeof FIELDS)[number] | (typeof QUESTIONS)[number]> | undefined) {
  return stat && [...FIELDS.map((field) => stat[field]), ...QUESTIONS.map((question) => stat[question]())]
}

describe.runIf(process.platform === 'linux')('the calls', () => {
  test('says the same as lstat of node:fs, of every kind of file', async () => {
    const directory = await tempTree()
    await fillHostileDirectory(directory, 200)
    const names = readdirSync(directory)
    const stats = await statNamesIn(directory, names)
    expect(stats).toHaveLength(names.length)
    for (const [index, name] of names.entries()) {
      const expected = lstatSync(path.join(directory, name), { throwIfNoEntry: false })
      expect(answers(stats[index]), JSON.stringify(name)).toEqual(answers(expected))
    }
  })

  test('says the same of files on other devices', async () => {
    const names = readdirSync('/')
    const stats = await statNamesIn('/', names)
    const unlike = names.filter((name, index) => {
      const { dev, ino } = lstatSync(`/${name}`)
      return stats[index]?.dev !== dev || stats[index]?.ino !== ino
    })
    expect(unlike).toEqual([])
  })

  test('says nothing of what is not there, nor of what is no name but a path', async () => {
    const base = await tempTree({ secret: 'x', 'dir/a': 'x', 'dir/b/c': 'x' })
    const odd = ['gone', '', '.', '..', '../secret', 'b/c', path.join(base, 'secret'), 'a\0', '\0', 'a/']
    const long = ['x'.repeat(255), 'x'.repeat(256), 'ä'.repeat(127), 'ä'.repeat(128), '文'.repeat(10_000)]
    const stats = await statNamesIn(path.join(base, 'dir'), ['a', ...odd, ...long, 'b'])
    expect(stats.map((stat) => stat?.isFile())).toEqual([true, ...[...odd, ...long].map(() => undefined), false])
  })

  test('a name that is too long is not cut to one that is there', async () => {
    const name = `x${'ä'.repeat(127)}`
    const base = await tempTree({ [name]: 'x', ['y'.repeat(255)]: 'y' })
    const stats = await statNamesIn(base, [name, `${name}ä`, 'y'.repeat(255), 'y'.repeat(256)])
    expect(stats.map((stat) => stat?.size)).toEqual([1, undefined, 1, undefined])
  })

  test('tells a link from what it leads to', async () => {
    const base = await tempTree()
    mkdirSync(path.join(base, 'dir'))
    symlinkSync('dir', path.join(base, 'link'))
    const [link, dir] = await statNamesIn(base, ['link', 'dir'])
    expect([link?.isSymbolicLink(), link?.isDirectory()]).toEqual([true, false])
    expect([dir?.isSymbolicLink(), dir?.isDirectory()]).toEqual([false, true])
  })

  test('what was said stays what it was', async () => {
    const base = await tempTree({ a: 'x', b: 'xyz' })
    const [a, b] = await statNamesIn(base, ['a', 'b'])
    writeFileSync(path.join(base, 'a'), 'more')
    expect([a?.size, b?.size]).toEqual([1, 3])
  })

  test('reads the names that node:fs reads', async () => {
    const directory = await tempTree()
    await fillHostileDirectory(directory, 100)
    const many = await tempTree(Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`file ${index}`, ''])))
    for (const each of [directory, many, await tempTree(), '/', '/proc']) {
      const names = await namesIn(each)
      if (each !== '/proc') expect(names.sort(), each).toEqual(readdirSync(each).sort())
      expect(names.filter((name) => name === '.' || name === '..')).toEqual([])
    }
  })

  test('fails to read what is no directory, or is none any more', async () => {
    const base = await tempTree({ file: 'x' })
    await expect(namesIn(path.join(base, 'file'))).rejects.toMatchObject({ code: 'ENOTDIR' })
    const { loadDirectoryCalls } = await freshModule()
    const calls = await loadDirectoryCalls()
    expect(() => calls?.nextNames(-1)).toThrow(expect.objectContaining({ code: 'EBADF' }))
  })

  test('is loaded once it would have been of use for ten thousand names', async () => {
    const { loadDirectoryCalls, directoryCallsIfLoaded } = await freshModule()
    const koffi = await import('../../src/native/koffi.ts')
    const load = vi.spyOn(koffi, 'loadKoffi').mockResolvedValue(undefined)
    for (let asked = 0; asked < 9900; asked += 100) expect(directoryCallsIfLoaded(100)).toBeUndefined()
    expect(load).not.toHaveBeenCalled()
    expect(directoryCallsIfLoaded(100)).toBeUndefined()
    expect(load).toHaveBeenCalled()
    load.mockRestore()
    await loadDirectoryCalls()
  })

  test('is there at once when it is loaded', async () => {
    const { loadDirectoryCalls, directoryCallsIfLoaded } = await freshModule()
    const calls = await loadDirectoryCalls()
    expect(calls).toBeTypeOf('object')
    expect(directoryCallsIfLoaded()).toBe(calls)
  })

  test('is not there without koffi', async () => {
    vi.doMock('koffi', () => {
      throw new Error('not installed')
    })
    const { loadDirectoryCalls, directoryCallsIfLoaded } = await freshModule()
    expect(await loadDirectoryCalls()).toBeUndefined()
    expect(directoryCallsIfLoaded(20_000)).toBeUndefined()
  })

  test('is not there where the C library lacks it', async () => {
    const load = () => {
      throw new Error('no such function')
    }
    vi.doMock('koffi', () => ({ default: { load } }))
    const { loadDirectoryCalls } = await freshModule()
    expect(await loadDirectoryCalls()).toBeUndefined()
  })
})

test.each(['darwin', 'riscv64'])('koffi is left alone on %s', async (other) => {
  const load = vi.fn()
  vi.doMock('koffi', () => ({ default: { load } }))
  if (other === 'darwin') vi.spyOn(process, 'platform', 'get').mockReturnValue(other)
  else vi.spyOn(process, 'arch', 'get').mockReturnValue(other as NodeJS.Architecture)
  const { loadDirectoryCalls } = await freshModule()
  expect(await loadDirectoryCalls()).toBeUndefined()
  expect(load).not.toHaveBeenCalled()
})
