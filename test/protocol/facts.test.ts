import { describe, expect, test } from 'vitest'
import {
  DEFAULT_FACTS,
  FACTS,
  type FactEntry,
  formatFactFeature,
  formatFacts,
  formatPerm,
  selectFacts,
} from '../../src/protocol/facts.ts'
import { TimeWriter } from '../../src/protocol/time-writer.ts'

const GMT = new TimeWriter(true)

const FILE: FactEntry = {
  type: 'file',
  perm: 'adfrw',
  size: 42,
  modifiedMs: Date.UTC(2024, 1, 29, 1, 2, 3),
  createdMs: Date.UTC(2023, 0, 1),
  unique: '801g2a',
  mode: 0o100644,
  uid: 1000,
  gid: 100,
}

describe('the line of one file', () => {
  test('with the facts sent by default', () => {
    expect(formatFacts(FILE, 'a.txt', DEFAULT_FACTS, GMT)).toBe(
      'type=file;perm=adfrw;size=42;modify=20240229010203;unique=801g2a; a.txt',
    )
  })

  test('with all', () => {
    expect(formatFacts(FILE, 'a.txt', FACTS, GMT)).toBe(
      'type=file;perm=adfrw;size=42;modify=20240229010203;create=20230101000000;unique=801g2a;' +
        'unix.mode=0644;unix.uid=1000;unix.gid=100; a.txt',
    )
  })

  test('with none: RFC 3659 §7.9 still has the space before the name', () => {
    expect(formatFacts(FILE, 'a.txt', [], GMT)).toBe(' a.txt')
  })

  test('leaves out what is not known', () => {
    const entry = { ...FILE, type: 'dir', size: undefined, createdMs: undefined, unique: undefined } as const
    expect(formatFacts(entry, 'pub', FACTS, GMT)).toBe(
      'type=dir;perm=adfrw;modify=20240229010203;unix.mode=0644;unix.uid=1000;unix.gid=100; pub',
    )
  })

  test('does not leave out what is zero or empty', () => {
    const entry = { ...FILE, perm: '', size: 0, modifiedMs: 0, createdMs: 0, uid: 0, gid: 0 }
    expect(formatFacts(entry, 'a', FACTS, GMT)).toBe(
      'type=file;perm=;size=0;modify=19700101000000;create=19700101000000;unique=801g2a;' +
        'unix.mode=0644;unix.uid=0;unix.gid=0; a',
    )
  })

  test.each([
    [0o100644, '0644'],
    [0o040755, '0755'],
    [0o104755, '04755'],
    [0o041777, '01777'],
    [0o100007, '07'],
  ])('the mode %o is %s, without the file type', (mode, expected) => {
    expect(formatFacts({ ...FILE, mode }, 'a', ['unix.mode'], GMT)).toBe(`unix.mode=${expected}; a`)
  })

  test.each([
    [' a b ', '  a b '],
    ['a;b=c', ' a;b=c'],
    ['a\r\n226 Done\0', ' a??226 Done?'],
    ['/pub/ä', ' /pub/ä'],
  ])('the name %j stays what it is, and on its line', (name, expected) => {
    expect(formatFacts(FILE, name, [], GMT)).toBe(expected)
  })

  test.each(['cdir', 'pdir', 'OS.unix=slink', 'OS.unix=special'] as const)('the type %s', (type) => {
    expect(formatFacts({ ...FILE, type }, 'a', ['type'], GMT)).toBe(`type=${type}; a`)
  })
})

describe('selection', () => {
  test.each([
    ['type;size;', ['type', 'size']],
    ['type;size', ['type', 'size']],
    ['TYPE;Size;UNIX.Mode;', ['type', 'size', 'unix.mode']],
    ['unix.gid;type;', ['type', 'unix.gid']],
    ['size;size;', ['size']],
    ['size;colour;media-type;', ['size']],
    ['colour;', []],
    ['', []],
    [';', []],
    [' size ; type ', ['type', 'size']],
    ['sizes;siz;constructor;', []],
  ])('OPTS MLST %j selects %j, in the order they are sent', (argument, expected) => {
    expect(selectFacts(argument)).toEqual(expected)
  })

  test('FEAT tells every fact and stars those in use', () => {
    expect(formatFactFeature(DEFAULT_FACTS)).toBe(
      'MLST type*;perm*;size*;modify*;create;unique*;unix.mode;unix.uid;unix.gid;',
    )
    expect(formatFactFeature([])).toBe('MLST type;perm;size;modify;create;unique;unix.mode;unix.uid;unix.gid;')
  })

  test('what FEAT stars is what was selected', () => {
    for (const selected of [[], ['type'], ['modify', 'unix.gid'], DEFAULT_FACTS, FACTS]) {
      const facts = selectFacts(selected.join(';'))
      const starred =
        formatFactFeature(facts)
          .slice('MLST '.length)
          .match(/[^;]+(?=\*;)/g) ?? []
      expect(starred).toEqual(selected)
    }
  })
})

// RFC 3659 §7.5.5. What a user may do is spelt in pyftpdlib's letters: e CWD, l LIST, r RETR, a APPE, d DELE and RMD,
// f RNFR, m MKD, w STOR.
describe('perm', () => {
  test.each([
    ['elradfmw', 'adfrw', 'cdeflmp'],
    ['elr', 'r', 'el'],
    ['', '', ''],
    ['a', 'a', ''],
    ['d', 'd', 'dp'],
    ['f', 'f', 'f'],
    ['m', '', 'm'],
    ['w', 'w', 'c'],
    ['MT', '', ''],
  ])('of a user with "%s": file "%s", directory "%s"', (letters, file, directory) => {
    const granted = (letter: string) => letters.includes(letter)
    expect(formatPerm('file', granted)).toBe(file)
    expect(formatPerm('directory', granted)).toBe(directory)
  })
})
