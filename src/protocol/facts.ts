import { harmless } from './reply.ts'
import type { TimeWriter } from './time-writer.ts'

/** The facts the server knows (RFC 3659 §7.5; unix.* are OS facts of §7.5.9), in the order it writes them. */
export const FACTS = [
  'type',
  'perm',
  'size',
  'modify',
  'create',
  'unique',
  'unix.mode',
  'unix.uid',
  'unix.gid',
] as const

export type Fact = (typeof FACTS)[number]

/** The facts sent until a client selects others with OPTS MLST. */
export const DEFAULT_FACTS: readonly Fact[] = ['type', 'perm', 'size', 'modify', 'unique']

/** RFC 3659 §7.5.1. */
export type FactType = 'file' | 'dir' | 'cdir' | 'pdir' | 'OS.unix=slink' | 'OS.unix=special'

/** What MLSD and MLST say of one file; a fact that is not known is left out of the line. */
export interface FactEntry {
  readonly type: FactType
  /** The letters of RFC 3659 §7.5.5. */
  readonly perm: string
  readonly size?: number | undefined
  readonly modifiedMs: number
  readonly createdMs?: number | undefined
  readonly unique?: string | undefined
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** The facts named in the argument of OPTS MLST (RFC 3659 §7.9); those the server does not know are passed over. */
export function selectFacts(argument: string): readonly Fact[] {
  const wanted = new Set(
    argument
      .toLowerCase()
      .split(';')
      .map((fact) => fact.trim()),
  )
  return FACTS.filter((fact) => wanted.has(fact))
}

/** The MLST line of FEAT: every fact, a star behind those in use (RFC 3659 §7.8). */
export function formatFactFeature(selected: readonly Fact[]): string {
  return `MLST ${FACTS.map((fact) => `${fact}${selected.includes(fact) ? '*' : ''};`).join('')}`
}

/** The facts of one file, then a space and its name; no line end. */
export function formatFacts(entry: FactEntry, name: string, facts: readonly Fact[], times: TimeWriter): string {
  let line = ''
  for (const fact of facts) {
    const value = factValue(fact, entry, times)
    if (value !== undefined) line += `${fact}=${value};`
  }
  return `${line} ${harmless(name)}`
}

/**
 * RFC 3659 §7.5.5 from a user's permission letters (`elradfmw`): on a directory c (create), d (delete), e (enter),
 * f (rename), l (list), m (make a directory) and p (purge its files), on a file a, d, f, r and w.
 */
export function formatPerm(type: 'file' | 'directory', granted: (letter: string) => boolean): string {
  const letters = type === 'file' ? FILE_PERM : DIRECTORY_PERM
  let perm = ''
  for (const [fact, letter] of letters) if (granted(letter)) perm += fact
  return perm
}

const FILE_PERM = pairs({ a: 'a', d: 'd', f: 'f', r: 'r', w: 'w' })
const DIRECTORY_PERM = pairs({ c: 'w', d: 'd', e: 'e', f: 'f', l: 'l', m: 'm', p: 'd' })

function pairs(letters: Record<string, string>): readonly (readonly [string, string])[] {
  return Object.entries(letters)
}

function factValue(fact: Fact, entry: FactEntry, times: TimeWriter): string | number | undefined {
  switch (fact) {
    case 'type':
      return entry.type
    case 'perm':
      return entry.perm
    case 'size':
      return entry.size
    case 'modify':
      return times.timeValue(entry.modifiedMs)
    case 'create':
      return entry.createdMs === undefined ? undefined : times.timeValue(entry.createdMs)
    case 'unique':
      return entry.unique
    case 'unix.mode':
      return `0${(entry.mode & 0o7777).toString(8)}`
    case 'unix.uid':
      return entry.uid
    case 'unix.gid':
      return entry.gid
  }
}
