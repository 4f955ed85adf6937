import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { groupName, userName } from '../../src/filesystems/host-names.ts'
import { AbstractedFS } from '../../src/filesystems/index.ts'

/** Ids that no password file has: beyond those of people, below `nobody` of 32 bits. */
const UNKNOWN = [4_111_111_111, 4_222_222_222]

/** The first name of each id in a file of the host, read another way. */
function namesIn(file: string): [number, string][] {
  const lines = readFileSync(file, 'utf8').matchAll(/^([^:\n]+):[^:\n]*:(\d+):/gm)
  const firsts = new Map<number, string>()
  for (const [, name = '', id] of lines) if (!firsts.has(Number(id))) firsts.set(Number(id), name)
  return [...firsts]
}

test('users and groups of the host have their names', () => {
  const fs = new AbstractedFS('/')
  for (const [id, name] of namesIn('/etc/passwd')) expect(fs.getUserByUid(id)).toBe(name)
  for (const [id, name] of namesIn('/etc/group')) expect(fs.getGroupByGid(id)).toBe(name)
  expect(fs.getUserByUid(0)).toBe('root')
})

test('an id without a name stands for itself', () => {
  const fs = new AbstractedFS('/')
  for (const id of UNKNOWN) {
    expect(userName(id)).toBeUndefined()
    expect(groupName(id)).toBeUndefined()
    expect(fs.getUserByUid(id)).toBe(String(id))
    expect(fs.getGroupByGid(id)).toBe(String(id))
  }
})

test('ids that cannot be have no name either', () => {
  for (const id of [-1, Number.NaN, 0.5]) {
    expect(userName(id)).toBeUndefined()
    expect(groupName(id)).toBeUndefined()
  }
})

test('a subclass has names of its own', () => {
  class NamelessFS extends AbstractedFS {
    override getUserByUid(): string {
      return 'ftp'
    }
    override getGroupByGid(): string {
      return 'ftp'
    }
  }
  const fs: AbstractedFS = new NamelessFS('/')
  expect([fs.getUserByUid(0), fs.getGroupByGid(0)]).toEqual(['ftp', 'ftp'])
})
