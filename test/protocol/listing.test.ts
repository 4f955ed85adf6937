import { describe, expect, test } from 'vitest'
import { formatMode, formatNameLine, type ListEntry, ListWriter } from '../../src/protocol/listing.ts'

const NOW = Date.UTC(2024, 6, 1, 12)
const FILE: ListEntry = {
  name: 'a.txt',
  mode: 0o100644,
  linkCount: 1,
  owner: 'alice',
  group: 'users',
  size: 42,
  modifiedMs: Date.UTC(2024, 5, 30, 8, 15),
}

describe('mode', () => {
  test.each([
    [0o100644, '-rw-r--r--'],
    [0o100000, '----------'],
    [0o100777, '-rwxrwxrwx'],
    [0o040755, 'drwxr-xr-x'],
    [0o120777, 'lrwxrwxrwx'],
    [0o010600, 'prw-------'],
    [0o020620, 'crw--w----'],
    [0o060660, 'brw-rw----'],
    [0o140755, 'srwxr-xr-x'],
    [0o000644, '?rw-r--r--'],
    [0o104755, '-rwsr-xr-x'],
    [0o104644, '-rwSr--r--'],
    [0o102755, '-rwxr-sr-x'],
    [0o102745, '-rwxr-Sr-x'],
    [0o041777, 'drwxrwxrwt'],
    [0o041776, 'drwxrwxrwT'],
    [0o107777, '-rwsrwsrwt'],
    [0o107000, '---S--S--T'],
  ])('%o', (mode, expected) => {
    expect(formatMode(mode)).toBe(expected)
  })

  test('each permission bit has its own place', () => {
    const letters = 'rwxrwxrwx'
    for (let bit = 0; bit < 9; bit++) {
      const expected = [...'---------']
      expected[bit] = letters[bit] ?? ''
      expect(formatMode(0o100000 | (0o400 >> bit))).toBe(`-${expected.join('')}`)
    }
  })
})

describe('a LIST line', () => {
  test.each<[string, Partial<ListEntry>, string]>([
    ['a file', {}, '-rw-r--r--   1 alice    users          42 Jun 30 08:15 a.txt\r\n'],
    [
      'a directory',
      { name: 'pub', mode: 0o040755, linkCount: 3, size: 4096 },
      'drwxr-xr-x   3 alice    users        4096 Jun 30 08:15 pub\r\n',
    ],
    [
      'a symbolic link',
      { name: 'l', mode: 0o120777, linkTarget: '../x y', size: 6 },
      'lrwxrwxrwx   1 alice    users           6 Jun 30 08:15 l -> ../x y\r\n',
    ],
    ['an old file', { modifiedMs: 0 }, '-rw-r--r--   1 alice    users          42 Jan 01  1970 a.txt\r\n'],
    [
      'ids for names',
      { owner: '1000', group: '100' },
      '-rw-r--r--   1 1000     100            42 Jun 30 08:15 a.txt\r\n',
    ],
    [
      'columns that are too narrow',
      { linkCount: 12345, owner: 'averylongname', group: 'anotherlongname', size: 123_456_789_012 },
      '-rw-r--r-- 12345 averylongname anotherlongname 123456789012 Jun 30 08:15 a.txt\r\n',
    ],
    [
      'a name with spaces at both ends',
      { name: ' a  b ' },
      '-rw-r--r--   1 alice    users          42 Jun 30 08:15  a  b \r\n',
    ],
    ['a name beyond ASCII', { name: 'ä日' }, '-rw-r--r--   1 alice    users          42 Jun 30 08:15 ä日\r\n'],
    [
      'a name that would be lines of its own',
      { name: 'a\r\n226 Done\0' },
      '-rw-r--r--   1 alice    users          42 Jun 30 08:15 a??226 Done?\r\n',
    ],
    [
      'a link target that would be',
      { name: 'l', mode: 0o120777, linkTarget: 'x\r\n226 Done' },
      'lrwxrwxrwx   1 alice    users          42 Jun 30 08:15 l -> x??226 Done\r\n',
    ],
  ])('%s', (_, changes, expected) => {
    expect(new ListWriter(true).line({ ...FILE, ...changes }, NOW)).toBe(expected)
  })

  test('has the nine fields that clients split at white space', () => {
    const fields = new ListWriter(true).line(FILE, NOW).trimEnd().split(/\s+/)
    expect(fields).toEqual(['-rw-r--r--', '1', 'alice', 'users', '42', 'Jun', '30', '08:15', 'a.txt'])
  })
})

test('a line tells nothing of the one before it', () => {
  const changes: Partial<ListEntry>[] = [
    {},
    { mode: 0o100600 },
    { linkCount: 2 },
    { owner: 'bob' },
    { group: 'wheel' },
    { size: 7 },
    { modifiedMs: Date.UTC(2024, 5, 30, 8, 16) },
    { modifiedMs: Date.UTC(2021, 5, 30, 8, 15) },
    { name: 'l', mode: 0o120777, linkTarget: 'x' },
    { size: 123_456_789 },
  ]
  const writer = new ListWriter(true)
  for (const before of changes) {
    for (const each of changes) {
      writer.line({ ...FILE, ...before }, NOW)
      expect(writer.line({ ...FILE, ...each }, NOW)).toBe(new ListWriter(true).line({ ...FILE, ...each }, NOW))
    }
  }
})

test.each([
  ['a.txt', 'a.txt\r\n'],
  [' a b ', ' a b \r\n'],
  ['a\r\nb', 'a??b\r\n'],
  ['a\nb\0', 'a?b?\r\n'],
])('the NLST line of %j', (name, expected) => {
  expect(formatNameLine(name)).toBe(expected)
})
