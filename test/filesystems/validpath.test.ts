import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { AbstractedFS } from '../../src/filesystems/index.ts'
import { type Tree, tempTree } from './temp-tree.ts'

/** `valid('name')` judges a path below the root; the tree is made beside it, in `base`. */
async function jail(tree: Tree) {
  const base = await tempTree({ 'root/file': '', 'root/dir/file': '', 'outside/file': '', 'root2/file': '', ...tree })
  const fs = new AbstractedFS(path.join(base, 'root'))
  return { base, fs, valid: (name: string) => fs.validpath(`${base}/root/${name}`) }
}

/** A loop may be refused either way, by `false` or by the system's error. */
function refuses(judge: () => boolean): boolean {
  try {
    return !judge()
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ELOOP')
    return true
  }
}

describe('without links', () => {
  test.each([
    '',
    '.',
    'file',
    'dir',
    'dir/',
    'dir/file',
    'dir/../file',
    'missing',
    'missing/below',
    'file/below',
    '..x',
  ])('within: %j', async (name) => {
    const { valid } = await jail({})
    expect(valid(name)).toBe(true)
  })

  test.each([
    '..',
    '../outside',
    '../outside/file',
    '../root2',
    '../root2/file',
    'dir/../..',
    '../missing',
    'x/../../y',
  ])('outside: %j', async (name) => {
    const { valid } = await jail({})
    expect(valid(name)).toBe(false)
  })

  test('the host is outside', async () => {
    const { fs } = await jail({})
    for (const hostPath of ['/', '/etc', '/etc/passwd', '/nowhere'])
      expect(fs.validpath(hostPath), hostPath).toBe(false)
  })
})

describe('links', () => {
  const inside: [string, Tree][] = [
    ['to a file', { 'root/link': { link: 'file' } }],
    ['to a directory', { 'root/link': { link: 'dir' } }],
    ['to the root', { 'root/link': { link: '.' } }],
    ['that goes out and comes back', { 'root/link': { link: '../root/file' } }],
    ['in a chain', { 'root/link': { link: 'b' }, 'root/b': { link: 'dir/c' }, 'root/dir/c': { link: '../file' } }],
    ['to nothing', { 'root/link': { link: 'missing' } }],
    ['to nothing, in a chain', { 'root/link': { link: 'b' }, 'root/b': { link: 'missing/below' } }],
    [
      'to nothing, by way of a link outside that leads back',
      {
        'root/link': { link: 'b/new' },
        'root/b': { link: '../outside/back' },
        'outside/back': { link: '../root/dir' },
      },
    ],
  ]
  test.each(inside)('within: a link %s', async (_what, tree) => {
    const { valid } = await jail(tree)
    expect(valid('link')).toBe(true)
    expect(valid('link/new')).toBe(true)
  })

  const outside: [string, Tree][] = [
    ['to a file', { 'root/link': { link: '../outside/file' } }],
    ['to a directory', { 'root/link': { link: '../outside' } }],
    ['to the directory above', { 'root/link': { link: '..' } }],
    ['to a sibling whose name begins alike', { 'root/link': { link: '../root2' } }],
    ['to the root of the host', { 'root/link': { link: '/' } }],
    [
      'in a chain',
      { 'root/link': { link: 'b' }, 'root/b': { link: 'dir/c' }, 'root/dir/c': { link: '../../outside' } },
    ],
    ['to nothing', { 'root/link': { link: '../outside/missing' } }],
    ['to nothing, absolute', { 'root/link': { link: '/nowhere/at/all' } }],
    ['to nothing, in a chain', { 'root/link': { link: 'b' }, 'root/b': { link: '../outside/missing' } }],
    ['to nothing, behind a linked directory', { 'root/link': { link: 'b/new' }, 'root/b': { link: '../outside' } }],
    [
      'to nothing, whose ".." leads up from a linked directory',
      {
        'root/link': { link: 'b/../new' },
        'root/b': { link: '../outside/deep' },
        'outside/deep/file': '',
      },
    ],
    [
      'the same with more of them',
      {
        'root/link': { link: 'dir/../b/./../new' },
        'root/b': { link: '../outside/deep' },
        'outside/deep/file': '',
      },
    ],
    [
      'to a link to nothing, written with a slash at its end',
      {
        'root/link': { link: 'b/' },
        'root/b': { link: '../outside/missing' },
      },
    ],
    ['that is only outside halfway', { 'root/link': { link: '../outside/on' }, 'outside/on': { link: '../root2' } }],
  ]
  test.each(outside)('outside: a link %s', async (_what, tree) => {
    const { valid } = await jail(tree)
    expect(valid('link')).toBe(false)
  })

  test('a link to outside spoils all below it, there or not', async () => {
    const { valid } = await jail({ 'root/dir/link': { link: '../../outside' } })
    for (const name of ['dir/link/file', 'dir/link/missing', 'dir/link/missing/below', 'dir/link/', 'dir/link/.']) {
      expect(valid(name), name).toBe(false)
    }
    expect(valid('dir/file')).toBe(true)
  })

  test('".." behind a link to outside leads up from there, not back', async () => {
    const { valid } = await jail({ 'root/link': { link: '../outside/deep' }, 'outside/deep/file': '' })
    expect(valid('link/..')).toBe(false)
    expect(valid('link/../file')).toBe(false)
    expect(valid('link/../new')).toBe(false)
  })

  test('a loop never counts as within', async () => {
    const { valid } = await jail({
      'root/self': { link: 'self' },
      'root/a': { link: 'b' },
      'root/b': { link: 'a' },
      'root/out': { link: '../outside/back' },
      'outside/back': { link: '../root/out' },
    })
    for (const name of ['self', 'a', 'b', 'out', 'self/x', 'a/b/c']) {
      expect(
        refuses(() => valid(name)),
        name,
      ).toBe(true)
    }
  })

  test.each([2, 39, 40, 41, 100])('a chain of %i links to nothing outside is refused', async (length) => {
    const tree: Record<string, { link: string }> = {}
    for (let i = 1; i < length; i++) tree[`root/link${i}`] = { link: `link${i + 1}` }
    tree[`root/link${length}`] = { link: '../outside/missing' }
    const { valid } = await jail(tree)
    expect(refuses(() => valid('link1'))).toBe(true)
  })
})

describe('a root', () => {
  test('that is a link has its files within, whichever way they are written', async () => {
    const base = await tempTree({
      'real/file': '',
      'real/out': { link: '../outside' },
      'outside/file': '',
      root: { link: 'real' },
    })
    const fs = new AbstractedFS(path.join(base, 'root'))
    for (const name of ['root', 'root/', 'root/file', 'root/new', 'real', 'real/file', 'real/new']) {
      expect(fs.validpath(`${base}/${name}`), name).toBe(true)
    }
    for (const name of ['', 'outside', 'outside/file', 'root/out', 'root/out/file', 'real/out']) {
      expect(fs.validpath(`${base}/${name}`), name).toBe(false)
    }
  })

  test('reached through a link in a directory above it', async () => {
    const base = await tempTree({ 'real/root/file': '', 'real/file': '', link: { link: 'real' } })
    const fs = new AbstractedFS(path.join(base, 'link/root'))
    expect(fs.validpath(`${base}/link/root/file`)).toBe(true)
    expect(fs.validpath(`${base}/real/root/file`)).toBe(true)
    expect(fs.validpath(`${base}/link/file`)).toBe(false)
  })

  test('written with a slash at its end, or with dots', async () => {
    const base = await tempTree({ 'root/file': '', 'root2/file': '' })
    for (const root of [`${base}/root/`, `${base}/./root`, `${base}/root2/../root`]) {
      const fs = new AbstractedFS(root)
      expect(fs.validpath(fs.ftp2fs('/file')), root).toBe(true)
      expect(fs.validpath(`${base}/root2/file`), root).toBe(false)
    }
  })

  test('that is the root of the host has everything within', async () => {
    const base = await tempTree({ file: '', link: { link: '/' }, dangling: { link: '/nowhere' } })
    const fs = new AbstractedFS('/')
    for (const hostPath of ['/', '/etc', '/nowhere', `${base}/file`, `${base}/link/etc`, `${base}/dangling`]) {
      expect(fs.validpath(hostPath), hostPath).toBe(true)
    }
  })

  test('that is missing lets nothing else in, and is right once it is made', async () => {
    const base = await tempTree({ 'outside/file': '' })
    const fs = new AbstractedFS(path.join(base, 'root'))
    expect(fs.validpath(path.join(base, 'outside'))).toBe(false)
    expect(fs.validpath(path.join(base, 'root/file'))).toBe(true)
    mkdirSync(path.join(base, 'root'))
    expect(fs.validpath(path.join(base, 'root/file'))).toBe(true)
    expect(fs.validpath(path.join(base, 'outside'))).toBe(false)
  })

  test('set anew is the one that counts', async () => {
    const { base, fs } = await jail({})
    expect(fs.validpath(path.join(base, 'root/file'))).toBe(true)
    fs.root = path.join(base, 'outside')
    expect(fs.validpath(path.join(base, 'root/file'))).toBe(false)
    expect(fs.validpath(path.join(base, 'outside/file'))).toBe(true)
  })
})

test('a link is judged each time anew', async () => {
  const { base, valid } = await jail({ 'root/link': { link: 'dir' } })
  expect(valid('link/file')).toBe(true)
  rmSync(path.join(base, 'root/link'))
  symlinkSync('../outside', path.join(base, 'root/link'))
  expect(valid('link/file')).toBe(false)
})

describe('inOneGo', () => {
  test('finds out once where a path leads, and anew behind it, after a failure too', async () => {
    const { base, fs } = await jail({ 'root/link': { link: 'dir' } })
    const turn = (target: string) => {
      rmSync(`${base}/root/link`)
      symlinkSync(target, `${base}/root/link`)
    }
    const seen = fs.inOneGo(() => {
      const before = fs.realpath('/link')
      turn('../outside')
      return [before, fs.realpath('/link')]
    })
    expect(seen).toEqual([`${base}/root/dir`, `${base}/root/dir`])
    expect(() => fs.realpath('/link')).toThrow('outside')
    const failing = () => {
      turn('dir')
      fs.realpath('/link')
      throw new Error('broken')
    }
    expect(() => fs.inOneGo(failing)).toThrow('broken')
    turn('../outside')
    expect(() => fs.realpath('/link')).toThrow('outside')
  })

  test('what has been renamed is found out anew', async () => {
    const { fs } = await jail({ 'root/way-out': { link: '../outside' } })
    const stepOut = () => {
      fs.realpath('/new')
      fs.rename('/way-out', '/new')
      return fs.realpath('/new')
    }
    expect(() => fs.inOneGo(stepOut)).toThrow('outside')
  })

  test('what is asked for behind an await is found out anew', async () => {
    const { base, fs } = await jail({ 'root/link': { link: 'dir' } })
    const later = fs.inOneGo(async () => {
      fs.realpath('/link')
      await undefined
      return fs.realpath('/link')
    })
    rmSync(`${base}/root/link`)
    symlinkSync('../outside', `${base}/root/link`)
    await expect(later).rejects.toThrow('outside')
  })
})
