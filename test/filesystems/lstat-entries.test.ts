import { renameSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { AbstractedFS, type FileStat } from '../../src/filesystems/index.ts'
import { calls } from '../support/directory-calls-spy.ts'
import { tempTree } from './temp-tree.ts'

vi.mock('../../src/native/directory-calls.ts', async (importOriginal) => {
  const { calls } = await import('../support/directory-calls-spy.ts')
  return calls.watch(await importOriginal())
})

beforeEach(() => calls.reset())

const NAMES = Array.from({ length: 80 }, (_, index) => `file ${index}`)

function home() {
  const files = Object.fromEntries(NAMES.map((name) => [`home/dir/${name}`, name]))
  return tempTree({ ...files, 'home/empty': null, secret: 'x', 'outside/file 0': 'secret' })
}

const sizes = (stats: readonly (FileStat | undefined)[]) => stats.map((stat) => stat?.size)

describe.each([false, true])('names of a directory (koffi absent: %s)', (isAbsent) => {
  beforeEach(() => {
    calls.isAbsent = isAbsent
  })

  test('are looked at in one turn of the user, in their order', async () => {
    const base = await home()
    let turns = 0
    const runAsCurrentUser = <T>(operation: () => T): T => {
      turns++
      renameSync(path.join(base, 'home'), path.join(base, 'here'))
      try {
        return operation()
      } finally {
        renameSync(path.join(base, 'here'), path.join(base, 'home'))
      }
    }
    const fs = new AbstractedFS(path.join(base, 'here'), { runAsCurrentUser })
    const shuffled = [...NAMES].reverse()
    expect(sizes(fs.lstatEntries('/dir', ['gone', ...shuffled]))).toEqual([
      undefined,
      ...shuffled.map((name) => name.length),
    ])
    expect(turns).toBe(1)
    expect(calls.looked > 0).toBe(!isAbsent && process.platform === 'linux')
  })

  test('are found from the current directory, and in the root', async () => {
    const base = await home()
    const fs = new AbstractedFS(path.join(base, 'home'))
    await fs.chdir('/dir')
    expect(sizes(fs.lstatEntries('.', NAMES))).toEqual(NAMES.map((name) => name.length))
    expect(sizes(fs.lstatEntries('..', [...NAMES, 'dir'])).at(-1)).toBeTypeOf('number')
  })

  test('that are paths are not looked at', async () => {
    const base = await home()
    const fs = new AbstractedFS(path.join(base, 'home'))
    const paths = [
      '../dir',
      '../../secret',
      '..',
      '.',
      '',
      path.join(base, 'secret'),
      './file 1',
      'file 1\0',
      'file 1/',
    ]
    const said = sizes(fs.lstatEntries('/dir', [...NAMES, ...paths]))
    expect(said.slice(NAMES.length)).toEqual(paths.map(() => undefined))
  })

  test('in a directory that lies outside the root, or is not there, or is no directory, are not looked at', async () => {
    const base = await home()
    symlinkSync(path.join(base, 'outside'), path.join(base, 'home/out'))
    const fs = new AbstractedFS(path.join(base, 'home'))
    for (const directory of ['/out', '/gone', '/dir/file 1', '/nul\0']) {
      expect(
        fs.lstatEntries(directory, NAMES).every((stat) => stat === undefined),
        directory,
      ).toBe(true)
    }
  })
})

const own: Record<string, (fs: AbstractedFS) => AbstractedFS> = {
  lstat: (fs) => Object.assign(fs, { lstat: fs.lstat.bind(fs) }),
  ftp2fs: (fs) => Object.assign(fs, { ftp2fs: fs.ftp2fs.bind(fs) }),
  ftpnorm: (fs) => Object.assign(fs, { ftpnorm: fs.ftpnorm.bind(fs) }),
}

test.each(Object.keys(own))('whoever has a %s of his own is asked', async (method) => {
  const base = await home()
  const fs = own[method]?.(new AbstractedFS(path.join(base, 'home')))
  expect(fs?.lstatEntries('/dir', NAMES)).toEqual([])
  const spied = vi.spyOn(AbstractedFS.prototype, method as 'ftpnorm')
  expect(new AbstractedFS(path.join(base, 'home')).lstatEntries('/dir', NAMES)).toEqual([])
  spied.mockRestore()
  expect(new AbstractedFS(path.join(base, 'home')).lstatEntries('/dir', NAMES)).toHaveLength(NAMES.length)
})

test("Windows' names are asked for one by one", async () => {
  class OnWindows extends AbstractedFS {
    protected override readonly hostPaths = path.win32
  }
  expect(new OnWindows('C:\\home').lstatEntries('/', NAMES)).toEqual([])
})
