import { describe, expect, test } from 'vitest'
import { baseName, joinPath, normalizePath, parentPath, quotePath } from '../../src/protocol/path.ts'

describe('normalised', () => {
  test.each([
    ['/', '/', '/'],
    ['', '/', '/'],
    ['', '/a/b', '/a/b'],
    ['.', '/a', '/a'],
    ['./', '/a', '/a'],
    ['..', '/a/b', '/a'],
    ['..', '/a', '/'],
    ['..', '/', '/'],
    ['../..', '/a', '/'],
    ['../../../../etc/passwd', '/a', '/etc/passwd'],
    ['/..', '/a', '/'],
    ['/../../..', '/a', '/'],
    ['/../a', '/', '/a'],
    ['/a/../../b', '/', '/b'],
    ['/a/b/..', '/', '/a'],
    ['/a/./b/./', '/', '/a/b'],
    ['//', '/a', '/'],
    ['//a', '/b', '/a'],
    ['/a//b///c', '/', '/a/b/c'],
    ['a//b', '/c', '/c/a/b'],
    ['/a/', '/', '/a'],
    ['/a///', '/', '/a'],
    ['a/', '/b', '/b/a'],
    ['a', '/', '/a'],
    ['a', '/b', '/b/a'],
    ['/a', '/b', '/a'],
    ['.hidden', '/', '/.hidden'],
    ['/.hidden', '/', '/.hidden'],
    ['/a/.hidden/b', '/', '/a/.hidden/b'],
    ['...', '/a', '/a/...'],
    ['/...', '/', '/...'],
    ['/a/.../..', '/', '/a'],
    ['..a', '/b', '/b/..a'],
    ['/a/b..', '/', '/a/b..'],
    ['a.', '/', '/a.'],
    [' ', '/', '/ '],
    [' .. ', '/a', '/a/ .. '],
    ['~', '/a', '/a/~'],
    ['a\\..\\b', '/', '/a\\..\\b'],
    ['%2e%2e', '/a', '/a/%2e%2e'],
    ['/ä/日本', '/', '/ä/日本'],
    ['*', '/a', '/a/*'],
  ])('%j in %j is %j', (path, cwd, expected) => {
    expect(normalizePath(path, cwd)).toBe(expected)
    expect(normalizePath(expected, '/elsewhere'), 'is plain already').toBe(expected)
  })

  test('without a directory, from the root', () => {
    expect(normalizePath('a/../b')).toBe('/b')
  })

  test('whatever it is made of, it is absolute, plain and not above the root', () => {
    const parts = ['', '.', '..', 'a', '...', '.b']
    for (const one of parts) {
      for (const two of parts) {
        for (const three of parts) {
          for (const lead of ['', '/', '//']) {
            const names = normalizePath(`${lead}${one}/${two}/${three}`, '/x/y').split('/')
            expect(names.shift()).toBe('')
            if (names.length > 1) expect(names).not.toContain('')
            expect(names).not.toContain('.')
            expect(names).not.toContain('..')
          }
        }
      }
    }
  })
})

describe('taken apart and put together', () => {
  test.each([
    ['/', '/', ''],
    ['/a', '/', 'a'],
    ['/a/b', '/a', 'b'],
    ['/a/b/c d', '/a/b', 'c d'],
    ['/.hidden', '/', '.hidden'],
  ])('%j is in %j as %j', (path, parent, name) => {
    expect(parentPath(path)).toBe(parent)
    expect(baseName(path)).toBe(name)
    expect(joinPath(parent, name)).toBe(path)
  })
})

describe('quoted', () => {
  test.each([
    ['/', '"/"'],
    ['/a b', '"/a b"'],
    ['/a"b', '"/a""b"'],
    ['/"', '"/"""'],
    ['/""', '"/"""""'],
    ["/a'b", '"/a\'b"'],
    ['/a\\b', '"/a\\b"'],
  ])('%j is %s', (path, quoted) => {
    expect(quotePath(path)).toBe(quoted)
    expect(/^"((?:[^"]|"")*)"/.exec(`${quoted} is current.`)?.[1]?.replaceAll('""', '"'), 'as a client reads it').toBe(
      path,
    )
  })
})
