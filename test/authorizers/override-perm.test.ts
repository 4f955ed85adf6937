import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { AuthorizerError, DummyAuthorizer } from '../../src/authorizers/index.ts'
import { tempTree } from '../filesystems/temp-tree.ts'

/** Alice may read (`elr`); `may` tells whether she may write at a path below her home. */
async function withHome() {
  const base = await tempTree({
    'home/file.txt': '',
    'home/pub/file.txt': '',
    'home/pub/sub/file.txt': '',
    'home/pub/sub/deep/file.txt': '',
    'home/public/file.txt': '',
    'elsewhere/file.txt': '',
    'home-too/file.txt': '',
  })
  const home = path.join(base, 'home')
  const authorizer = new DummyAuthorizer()
  authorizer.addUser('alice', 'secret', home)
  const override = (name: string, perm: string, recursive?: boolean) =>
    authorizer.overridePerm('alice', path.join(home, name), perm, recursive)
  const may = (name: string, letter: 'w' | 'r' | 'd' = 'w') =>
    authorizer.hasPerm('alice', letter, path.join(home, name)) as boolean
  return { base, home, authorizer, override, may }
}

describe('not recursive', () => {
  test('holds on the directory itself and on the files in it, there or yet to come', async () => {
    const { override, may } = await withHome()
    override('pub', 'elrw')
    expect(may('pub')).toBe(true)
    expect(may('pub/file.txt')).toBe(true)
    expect(may('pub/new.txt')).toBe(true)
  })

  test('does not hold on subdirectories or what is in them', async () => {
    const { override, may } = await withHome()
    override('pub', 'elrw')
    expect(may('pub/sub')).toBe(false)
    expect(may('pub/sub/file.txt')).toBe(false)
    expect(may('pub/sub/deep')).toBe(false)
    expect(may('pub/sub/new.txt')).toBe(false)
  })

  test('is the default', async () => {
    const { override, may } = await withHome()
    override('pub', 'elrw', false)
    const given = [may('pub'), may('pub/file.txt'), may('pub/sub'), may('pub/sub/file.txt')]
    override('pub', 'elrw')
    expect([may('pub'), may('pub/file.txt'), may('pub/sub'), may('pub/sub/file.txt')]).toEqual(given)
  })

  test('counts a loop of links among the files', async () => {
    const base = await tempTree({ 'home/pub/loop': { link: 'loop' }, 'home/pub/dangling': { link: 'nowhere' } })
    const authorizer = new DummyAuthorizer()
    authorizer.addUser('alice', 'secret', path.join(base, 'home'))
    authorizer.overridePerm('alice', path.join(base, 'home/pub'), 'w')
    expect(authorizer.hasPerm('alice', 'w', path.join(base, 'home/pub/loop'))).toBe(true)
    expect(authorizer.hasPerm('alice', 'w', path.join(base, 'home/pub/dangling'))).toBe(true)
  })
})

test('recursive: holds on all below', async () => {
  const { override, may } = await withHome()
  override('pub', 'elrw', true)
  for (const name of ['pub', 'pub/file.txt', 'pub/sub', 'pub/sub/file.txt', 'pub/sub/deep', 'pub/a/b/c']) {
    expect(may(name), name).toBe(true)
  }
})

describe.each([true, false])('recursive: %s', (recursive) => {
  test('leaves the home, its other files and a sibling whose name begins alike', async () => {
    const { override, may, authorizer, base } = await withHome()
    override('pub', 'elrw', recursive)
    for (const name of ['.', 'file.txt', 'public', 'public/file.txt', 'pub.txt']) expect(may(name), name).toBe(false)
    expect(authorizer.hasPerm('alice', 'w', base)).toBe(false)
    expect(authorizer.hasPerm('alice', 'w', path.join(base, 'elsewhere/pub/x'))).toBe(false)
  })

  test('replaces the permissions rather than adds to them', async () => {
    const { override, may } = await withHome()
    override('pub', 'w', recursive)
    expect(may('pub/file.txt', 'w')).toBe(true)
    expect(may('pub/file.txt', 'r')).toBe(false)
    expect(may('file.txt', 'r')).toBe(true)
  })

  test('can take all permissions away', async () => {
    const { override, may } = await withHome()
    override('pub', '', recursive)
    expect(may('pub', 'r')).toBe(false)
    expect(may('pub/file.txt', 'r')).toBe(false)
  })

  test('does not show where no path is given', async () => {
    const { override, authorizer } = await withHome()
    override('pub', 'elrw', recursive)
    expect(authorizer.hasPerm('alice', 'w')).toBe(false)
    expect(authorizer.getPerms('alice')).toBe('elr')
  })

  test('is replaced when the directory is overridden again, however it is written', async () => {
    const { override, may, home, authorizer } = await withHome()
    override('pub', 'elrw', recursive)
    override('pub', 'elrd', recursive)
    expect([may('pub/file.txt', 'w'), may('pub/file.txt', 'd')]).toEqual([false, true])
    authorizer.overridePerm('alice', `${home}/public/../pub/`, 'elr', recursive)
    expect([may('pub/file.txt', 'w'), may('pub/file.txt', 'd')]).toEqual([false, false])
  })

  test('does not reach other users with the same home', async () => {
    const { override, authorizer, home } = await withHome()
    authorizer.addUser('bob', 'secret', home)
    override('pub', 'elrw', recursive)
    expect(authorizer.hasPerm('bob', 'w', path.join(home, 'pub'))).toBe(false)
  })
})

test('overriding again may make a recursive override plain, and back', async () => {
  const { override, may } = await withHome()
  override('pub', 'elrw', true)
  override('pub', 'elrw', false)
  expect(may('pub/sub')).toBe(false)
  override('pub', 'elrw', true)
  expect(may('pub/sub')).toBe(true)
})

describe('several overrides', () => {
  const overrides = [
    ['pub', 'elrw'],
    ['pub/sub', 'elr'],
    ['pub/sub/deep', 'elrw'],
  ] as const

  test.each([[[0, 1, 2]], [[0, 2, 1]], [[1, 0, 2]], [[1, 2, 0]], [[2, 0, 1]], [[2, 1, 0]]])(
    'the most specific wins, added in the order %j',
    async (order) => {
      const { override, may } = await withHome()
      for (const index of order) {
        const [name, perm] = overrides[index] ?? ['', '']
        override(name, perm, true)
      }
      expect(may('pub/file.txt')).toBe(true)
      expect(may('pub/sub')).toBe(false)
      expect(may('pub/sub/file.txt')).toBe(false)
      expect(may('pub/sub/deep')).toBe(true)
      expect(may('pub/sub/deep/file.txt')).toBe(true)
    },
  )

  test('where a plain one ends, the recursive one above it holds again', async () => {
    const { override, may } = await withHome()
    override('pub', 'elrw', true)
    override('pub/sub', 'elr')
    expect(may('pub/sub')).toBe(false)
    expect(may('pub/sub/file.txt')).toBe(false)
    expect(may('pub/sub/deep')).toBe(true)
    expect(may('pub/sub/deep/file.txt')).toBe(true)
  })

  test('siblings do not mix', async () => {
    const { override, may } = await withHome()
    override('pub', 'elrw', true)
    override('public', 'elrd', true)
    expect([may('pub/file.txt', 'w'), may('pub/file.txt', 'd')]).toEqual([true, false])
    expect([may('public/file.txt', 'w'), may('public/file.txt', 'd')]).toEqual([false, true])
  })
})

test('names that only look like a way up are within', async () => {
  const base = await tempTree({ 'home/..pub/file.txt': '', 'home/..pub/..sub/file.txt': '' })
  const home = path.join(base, 'home')
  const authorizer = new DummyAuthorizer()
  authorizer.addUser('alice', 'secret', home)
  authorizer.overridePerm('alice', path.join(home, '..pub'), 'w', true)
  expect(authorizer.hasPerm('alice', 'w', path.join(home, '..pub/..sub/file.txt'))).toBe(true)
})

test('the root of the host can be a home with overrides', async () => {
  const base = await tempTree({ 'pub/file.txt': '' })
  const authorizer = new DummyAuthorizer()
  authorizer.addUser('alice', 'secret', '/')
  authorizer.overridePerm('alice', path.join(base, 'pub'), 'w', true)
  expect(authorizer.hasPerm('alice', 'w', path.join(base, 'pub/file.txt'))).toBe(true)
  expect(authorizer.hasPerm('alice', 'w', base)).toBe(false)
  expect(() => authorizer.overridePerm('alice', '/', 'w')).toThrow(AuthorizerError)
})

describe('a home reached by a link', () => {
  async function withLinkedHome() {
    const base = await tempTree({ 'real/pub/file.txt': '', home: { link: 'real' }, 'real/to-pub': { link: 'pub' } })
    const authorizer = new DummyAuthorizer()
    authorizer.addUser('alice', 'secret', path.join(base, 'home'))
    return { base, authorizer, home: String(authorizer.getHomeDir('alice')) }
  }

  test.each(['home/pub', 'real/pub', 'home/to-pub'])('takes the directory written as %s', async (name) => {
    const { base, authorizer, home } = await withLinkedHome()
    authorizer.overridePerm('alice', path.join(base, name), 'w')
    expect(authorizer.hasPerm('alice', 'w', path.join(home, 'pub/file.txt'))).toBe(true)
  })

  test.each(['home', 'real', 'home/pub/..'])('knows itself written as %s', async (name) => {
    const { base, authorizer } = await withLinkedHome()
    const override = () => authorizer.overridePerm('alice', `${base}/${name}`, 'w')
    expect(override).toThrow('cannot override the permissions of a home directory')
  })
})

describe('refuses', () => {
  test('an unknown user', async () => {
    const { authorizer, home } = await withHome()
    const override = () => authorizer.overridePerm('bob', path.join(home, 'pub'), 'w')
    expect(override).toThrow(AuthorizerError)
    expect(override).toThrow("no such user: 'bob'")
  })

  test('an unknown letter, and keeps what held', async () => {
    const { override, may } = await withHome()
    override('pub', 'elrw')
    expect(() => override('pub', 'elrX')).toThrow(AuthorizerError)
    expect(() => override('pub', 'elrX')).toThrow("no such permission 'X'")
    expect(may('pub')).toBe(true)
  })

  test('the home itself, however it is written', async () => {
    const { authorizer, home } = await withHome()
    for (const directory of [home, `${home}/`, `${home}/.`, `${home}/pub/..`]) {
      expect(() => authorizer.overridePerm('alice', directory, 'w', true), directory).toThrow(AuthorizerError)
    }
  })

  test.each(['elsewhere', '.', 'home-too', 'home/../elsewhere', 'home/out'])(
    'a directory outside the home: %s',
    async (name) => {
      const base = await tempTree({
        home: null,
        elsewhere: null,
        'home-too': null,
        'home/out': { link: '../elsewhere' },
      })
      const authorizer = new DummyAuthorizer()
      authorizer.addUser('alice', 'secret', path.join(base, 'home'))
      const override = () => authorizer.overridePerm('alice', `${base}/${name}`, 'w')
      expect(override).toThrow(AuthorizerError)
      expect(override).toThrow("is outside the home of 'alice'")
    },
  )

  test.each(['missing', 'file.txt', 'file.txt/below', ''])('what is no directory: %j', async (name) => {
    const { authorizer, home } = await withHome()
    const directory = name === '' ? '' : path.join(home, name)
    const override = () => authorizer.overridePerm('alice', directory, 'w')
    expect(override).toThrow(AuthorizerError)
    expect(override).toThrow(`no such directory: '${directory}'`)
  })
})

test('holds on for a directory that is removed and made anew', async () => {
  const { override, may, home } = await withHome()
  override('pub', 'elrw')
  rmSync(path.join(home, 'pub'), { recursive: true })
  expect(may('pub')).toBe(true)
  mkdirSync(path.join(home, 'pub'))
  expect(may('pub')).toBe(true)
})
