import { describe, expect, test } from 'vitest'
import { AbstractedFS, FilesystemError } from '../../src/filesystems/index.ts'

function at(root: string, cwd = '/'): AbstractedFS {
  const fs = new AbstractedFS(root)
  fs.cwd = cwd
  return fs
}

describe('ftpnorm', () => {
  test.each([
    ['/', '', '/'],
    ['/', '/', '/'],
    ['/', '.', '/'],
    ['/', '..', '/'],
    ['/', 'a', '/a'],
    ['/', '/a', '/a'],
    ['/', '/a/', '/a'],
    ['/', 'a/..', '/'],
    ['/', 'a/b', '/a/b'],
    ['/', 'a/b/..', '/a'],
    ['/', 'a/b/../..', '/'],
    ['/', 'a/../../../b', '/b'],
    ['/sub', '', '/sub'],
    ['/sub', '.', '/sub'],
    ['/sub', 'a', '/sub/a'],
    ['/sub', '/a', '/a'],
    ['/sub', '..', '/'],
    ['/sub', '../..', '/'],
    ['/sub', '../sibling', '/sibling'],
    ['/sub', 'a/../../../..', '/'],
    ['/sub', '/', '/'],
    ['/sub', '//', '/'],
    ['/sub', '//a', '/a'],
    ['/sub', '/a//b///c', '/a/b/c'],
    ['/sub', '/../', '/'],
    ['/sub', '/..//../a', '/a'],
    ['/sub/deep', '..', '/sub'],
    ['/sub', '...', '/sub/...'],
    ['/sub', '..a', '/sub/..a'],
    ['/sub', '.hidden', '/sub/.hidden'],
    ['/sub', '~', '/sub/~'],
    ['/sub', 'a b ', '/sub/a b '],
    ['/sub', 'äöü/日本', '/sub/äöü/日本'],
    ['/sub', 'a\\..\\..\\b', '/sub/a\\..\\..\\b'],
    ['/sub', 'C:', '/sub/C:'],
  ])('in %s, %j is %s', (cwd, path, plain) => {
    expect(at('/home/user', cwd).ftpnorm(path)).toBe(plain)
  })

  test('makes nothing else of what it has made', () => {
    const fs = at('/home/user', '/sub')
    for (const path of ['', '..', 'a/../b', '//x//', '/a/./b/']) {
      expect(fs.ftpnorm(fs.ftpnorm(path))).toBe(fs.ftpnorm(path))
    }
  })
})

describe('ftp2fs', () => {
  test.each([
    ['/', '', '/home/user'],
    ['/', '/', '/home/user'],
    ['/', '..', '/home/user'],
    ['/', 'a', '/home/user/a'],
    ['/', '/a/b/', '/home/user/a/b'],
    ['/', '/../../etc/passwd', '/home/user/etc/passwd'],
    ['/sub', 'a', '/home/user/sub/a'],
    ['/sub', '', '/home/user/sub'],
    ['/sub', '../../../etc', '/home/user/etc'],
    ['/sub', '/home/user/a', '/home/user/home/user/a'],
    ['/sub', 'a\\b', '/home/user/sub/a\\b'],
    ['/sub', '..\\..\\etc', '/home/user/sub/..\\..\\etc'],
    ['/sub', 'CON', '/home/user/sub/CON'],
    ['/sub', 'name. ', '/home/user/sub/name. '],
  ])('in %s, %j is %s', (cwd, path, hostPath) => {
    expect(at('/home/user', cwd).ftp2fs(path)).toBe(hostPath)
  })

  test.each([
    ['/', '/a', '/a'],
    ['/', '/', '/'],
    ['/', '/../etc', '/etc'],
    ['/home/user/', '/a', '/home/user/a'],
    ['/home/user/', '/', '/home/user/'],
    ['files', '/a', 'files/a'],
  ])('with the root %s, %s is %s', (root, path, hostPath) => {
    expect(at(root).ftp2fs(path)).toBe(hostPath)
  })

  test.each(['\0', 'a\0', '\0a', '/a/b\0/c', 'a\0/..b', '/etc/passwd\0.txt'])('refuses NUL: %j', (path) => {
    expect(() => at('/home/user').ftp2fs(path)).toThrow(FilesystemError)
  })

  test('refuses NUL that the current directory brings', () => {
    expect(() => at('/home/user', '/a\0b').ftp2fs('c')).toThrow(FilesystemError)
  })
})

describe('fs2ftp', () => {
  test.each([
    ['/home/user', '/'],
    ['/home/user/', '/'],
    ['/home/user/a', '/a'],
    ['/home/user/a/b/', '/a/b'],
    ['/home/user/a/../b', '/b'],
    ['/home/user/..a', '/..a'],
    ['/home/user/...', '/...'],
    ['', '/'],
    ['.', '/'],
    ['a', '/a'],
    ['a/b/..', '/a'],
    ['a\\b', '/a\\b'],
  ])('%j is %s', (hostPath, path) => {
    expect(at('/home/user').fs2ftp(hostPath)).toBe(path)
  })

  test.each([
    '/',
    '/home',
    '/home/user2',
    '/home/user2/a',
    '/home/use',
    '/home/user/..',
    '/home/user/../user2/a',
    '/a',
    '/etc/passwd',
    '..',
    '../user2',
    'a/../../x',
  ])('%j, outside, is /', (hostPath) => {
    expect(at('/home/user').fs2ftp(hostPath)).toBe('/')
  })

  test.each([
    ['/', '/', '/'],
    ['/', '/etc/passwd', '/etc/passwd'],
    ['/', '/..', '/'],
    ['/home/user/', '/home/user/a', '/a'],
    ['/home/user/', '/home/user2', '/'],
  ])('with the root %s, %s is %s', (root, hostPath, path) => {
    expect(at(root).fs2ftp(hostPath)).toBe(path)
  })

  test('does not depend on the current directory', () => {
    expect(at('/home/user', '/sub').fs2ftp('/home/user/a')).toBe('/a')
    expect(at('/home/user', '/sub').fs2ftp('a')).toBe('/a')
  })

  test.each(['/', '/a', '/a/b c', '/..a', '/ä'])('gives %s back for what ftp2fs made of it', (path) => {
    for (const root of ['/home/user', '/', '/home/user/']) {
      const fs = at(root, '/sub')
      expect(fs.fs2ftp(fs.ftp2fs(path))).toBe(path)
    }
  })
})

test('root and cwd can be set', () => {
  const fs = new AbstractedFS('/home/user')
  expect(fs.root).toBe('/home/user')
  expect(fs.cwd).toBe('/')
  fs.root = '/srv'
  fs.cwd = '/sub'
  expect(fs.root).toBe('/srv')
  expect(fs.ftp2fs('a')).toBe('/srv/sub/a')
  expect(fs.fs2ftp('/srv/sub/a')).toBe('/sub/a')
  expect(fs.fs2ftp('/home/user/a')).toBe('/')
})
