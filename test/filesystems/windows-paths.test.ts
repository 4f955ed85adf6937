import { type PlatformPath, win32 } from 'node:path'
import { describe, expect, test } from 'vitest'
import { AbstractedFS, FilesystemError } from '../../src/filesystems/index.ts'

class WindowsFS extends AbstractedFS {
  protected override readonly hostPaths: PlatformPath = win32
}

function at(root: string, cwd = '/'): WindowsFS {
  const fs = new WindowsFS(root)
  fs.cwd = cwd
  return fs
}

test.each([
  ['/', 'a\\b', '/a/b'],
  ['/', '\\', '/'],
  ['/', '\\a\\', '/a'],
  ['/', '..\\..\\a', '/a'],
  ['/', 'a\\..\\..\\..\\b', '/b'],
  ['/sub', 'a\\b/c', '/sub/a/b/c'],
  ['/sub', '..\\sibling', '/sibling'],
  ['/sub', '..\\/..\\..', '/'],
  ['/sub', '\\\\server\\share\\a', '/server/share/a'],
  ['/sub', 'a/.\\./b', '/sub/a/b'],
])('ftpnorm: in %s, %j is %s', (cwd, path, plain) => {
  expect(at('C:\\ftp', cwd).ftpnorm(path)).toBe(plain)
})

describe('ftp2fs', () => {
  test.each([
    ['C:\\ftp', '/', 'C:\\ftp'],
    ['C:\\ftp', '/a/b', 'C:\\ftp\\a\\b'],
    ['C:\\ftp', 'a\\b', 'C:\\ftp\\a\\b'],
    ['C:\\ftp', '..\\..\\Windows\\System32', 'C:\\ftp\\Windows\\System32'],
    ['C:\\ftp', '/..\\../Windows', 'C:\\ftp\\Windows'],
    ['C:\\ftp', '\\\\server\\share\\a', 'C:\\ftp\\server\\share\\a'],
    ['C:\\ftp\\', '/a', 'C:\\ftp\\a'],
    ['C:\\', '/a', 'C:\\a'],
    ['C:\\', '/', 'C:\\'],
    ['\\\\server\\share', '/a', '\\\\server\\share\\a'],
  ])('with the root %s, %j is %s', (root, path, hostPath) => {
    expect(at(root).ftp2fs(path)).toBe(hostPath)
  })

  test.each([
    ['a drive', ['C:', 'c:', '/C:', 'C:\\', 'C:\\Windows', 'C:/Windows', 'C:a', 'D:..\\a', 'a/C:/b', '/../C:']],
    ['an alternate data stream', ['a.txt:stream', 'a.txt::$DATA', ':stream', 'a:b/c', 'dir::$INDEX_ALLOCATION/a']],
    ['the device namespace', ['\\\\?\\C:\\a', '\\\\?\\GLOBALROOT\\a', '//?/a']],
    ['a device', ['CON', 'con', 'Prn', 'AUX', 'nul', 'CONIN$', 'conout$', 'COM0', 'com1', 'LPT9', 'com¹', 'LPT³']],
    ['a device in a directory', ['/a/nul', 'a\\b\\con', 'nul/a', 'aux\\a']],
    ['a device with an extension', ['nul.txt', 'CON.tar.gz', 'com1.log', 'con .txt', 'prn  .a']],
    [
      'a dot or a space at the end',
      ['a.', 'a ', 'a..', 'a. ', 'a .', '...', ' ', 'dir./a', 'dir /a', '.. ', '. .', '.. /a'],
    ],
    ['a wildcard or another sign that no name has', ['*', 'a*.txt', 'a?', 'a|b', 'a<b', 'a>b', 'a"b', '"a"']],
    ['a NUL', ['a\0', 'a\0.txt']],
  ])('refuses %s', (_what, paths) => {
    for (const path of paths) expect(() => at('C:\\ftp').ftp2fs(path), path).toThrow(FilesystemError)
  })

  test('refuses them behind a harmless current directory, and in it', () => {
    expect(() => at('C:\\ftp', '/sub').ftp2fs('C:')).toThrow(FilesystemError)
    expect(() => at('C:\\ftp', '/C:').ftp2fs('a')).toThrow(FilesystemError)
  })

  test.each([
    'console',
    'conin',
    'com',
    'com10',
    'lpt',
    'lpt12.txt',
    'nulls.txt',
    'my.con',
    'a.nul.txt',
    'aux-1',
    '.hidden',
    '..a',
    ' a',
    'a b.c d',
    "a'b;c,d=e+f@g!h#i$j%k&l(m)n{o}p~q`r^s_t[u]",
    'ä日本',
  ])('takes the name %j', (name) => {
    expect(at('C:\\ftp').ftp2fs(name)).toBe(`C:\\ftp\\${name}`)
  })

  test('names the part that is wrong', () => {
    expect(() => at('C:\\ftp').ftp2fs('a/nul/b')).toThrow('"nul" is no file name on this system.')
  })
})

describe('fs2ftp', () => {
  test.each([
    ['C:\\ftp', 'C:\\ftp', '/'],
    ['C:\\ftp', 'C:\\ftp\\a\\b', '/a/b'],
    ['C:\\ftp', 'C:\\ftp\\a\\..\\b\\', '/b'],
    ['C:\\ftp', 'c:\\FTP\\a', '/a'],
    ['C:\\ftp', 'C:/ftp/a', '/a'],
    ['C:\\ftp', 'a\\b', '/a/b'],
    ['C:\\ftp', 'C:\\ftp\\..a', '/..a'],
    ['C:\\', 'C:\\a\\b', '/a/b'],
    ['\\\\server\\share', '\\\\server\\share\\a', '/a'],
  ])('with the root %s, %s is %s', (root, hostPath, path) => {
    expect(at(root).fs2ftp(hostPath)).toBe(path)
  })

  test.each([
    ['C:\\ftp', 'C:\\'],
    ['C:\\ftp', 'C:\\ftp2\\a'],
    ['C:\\ftp', 'C:\\ftp\\..\\a'],
    ['C:\\ftp', 'D:\\ftp\\a'],
    ['C:\\ftp', '\\\\server\\share\\a'],
    ['C:\\ftp', '..\\a'],
    ['C:\\', 'D:\\'],
    ['\\\\server\\share', '\\\\server\\other\\a'],
  ])('with the root %s, %s, outside, is /', (root, hostPath) => {
    expect(at(root).fs2ftp(hostPath)).toBe('/')
  })
})
