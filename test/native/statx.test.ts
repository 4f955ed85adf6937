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
  return import('../../src/native/statx.ts')
}

/** What is said of names in a directory of the host. */
async function statNamesIn(directory: string, names: readonly string[]) {
  const { loadStatNames } = await freshModule()
  const statNames = await loadStatNames()
  if (statNames === undefined) throw new Error('koffi is not installed')
  const fd = openSync(directory, 'r')
  try {
    return statNames(fd, names)
  } finally {
    closeSync(fd)
  }
}

function answers(stat: Pick<Stats, (typeof FIELDS)[number] | (typeof QUESTIONS)[number]> | undefined) {
  return stat && [...FIELDS.map((field) => stat[field]), ...QUESTIONS.map((question) => stat[question]())]
}

describe.runIf(process.platform === 'linux')('statx', () => {
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

  test('is loaded once it would have been of use for ten thousand names', async () => {
    const { loadStatNames, statNamesIfLoaded } = await freshModule()
    const koffi = await import('../../src/native/koffi.ts')
    const load = vi.spyOn(koffi, 'loadKoffi').mockResolvedValue(undefined)
    for (let asked = 0; asked < 9900; asked += 100) expect(statNamesIfLoaded(100)).toBeUndefined()
    expect(load).not.toHaveBeenCalled()
    expect(statNamesIfLoaded(100)).toBeUndefined()
    expect(load).toHaveBeenCalled()
    load.mockRestore()
    await loadStatNames()
  })

  test('is there at once when it is loaded', async () => {
    const { loadStatNames, statNamesIfLoaded } = await freshModule()
    const statNames = await loadStatNames()
    expect(statNames).toBeTypeOf('function')
    expect(statNamesIfLoaded(1)).toBe(statNames)
  })

  test('is not there without koffi', async () => {
    vi.doMock('koffi', () => {
      throw new Error('not installed')
    })
    const { loadStatNames, statNamesIfLoaded } = await freshModule()
    expect(await loadStatNames()).toBeUndefined()
    expect(statNamesIfLoaded(20_000)).toBeUndefined()
  })

  test('is not there where the C library lacks it', async () => {
    const load = () => {
      throw new Error('no such function')
    }
    vi.doMock('koffi', () => ({ default: { load } }))
    const { loadStatNames } = await freshModule()
    expect(await loadStatNames()).toBeUndefined()
  })
})

test.each(['darwin', 'riscv64'])('koffi is left alone on %s', async (other) => {
  const load = vi.fn()
  vi.doMock('koffi', () => ({ default: { load } }))
  if (other === 'darwin') vi.spyOn(process, 'platform', 'get').mockReturnValue(other)
  else vi.spyOn(process, 'arch', 'get').mockReturnValue(other as NodeJS.Architecture)
  const { loadStatNames } = await freshModule()
  expect(await loadStatNames()).toBeUndefined()
  expect(load).not.toHaveBeenCalled()
})
