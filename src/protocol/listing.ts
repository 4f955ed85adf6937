import { harmless } from './reply.ts'
import { TimeWriter } from './time-writer.ts'

/** What a listing says of one file, free of any file system. */
export interface ListEntry {
  readonly name: string
  /** File type and permission bits, as stat(2) has them in st_mode. */
  readonly mode: number
  readonly linkCount: number
  readonly owner: string
  readonly group: string
  readonly size: number
  readonly modifiedMs: number
  /** Where a symbolic link points to. */
  readonly linkTarget?: string | undefined
}

const TYPE_MASK = 0o170000
// A Map: Biome's fix for octal property names reads them as base 7 (2.6.8).
const TYPE_LETTERS: ReadonlyMap<number, string> = new Map([
  [0o010000, 'p'],
  [0o020000, 'c'],
  [0o040000, 'd'],
  [0o060000, 'b'],
  [0o100000, '-'],
  [0o120000, 'l'],
  [0o140000, 's'],
])

/** Writes the lines of one listing, in the form of `/bin/ls -l`. Times are GMT unless `utc` is false. */
export class ListWriter {
  readonly #times: TimeWriter
  /** What a line begins with; most files of a directory have it in common. */
  #start = ''
  #startsFor: ListEntry | undefined

  constructor(utc: boolean) {
    this.#times = new TimeWriter(utc)
  }

  /** One line, with its line end. */
  line(entry: ListEntry, now: number): string {
    if (this.#startsFor === undefined || !isAlike(this.#startsFor, entry)) {
      const links = String(entry.linkCount).padStart(3)
      this.#start = `${formatMode(entry.mode)} ${links} ${entry.owner.padEnd(8)} ${entry.group.padEnd(8)} `
      this.#startsFor = entry
    }
    const digits = String(entry.size)
    const size = (INDENTS[digits.length] ?? '') + digits
    const date = this.#times.listTime(entry.modifiedMs, now)
    const name = entry.linkTarget === undefined ? entry.name : `${entry.name} -> ${entry.linkTarget}`
    return `${this.#start}${size} ${date} ${harmless(name)}\r\n`
  }
}

/** What stands before a size of so many digits. */
const INDENTS: readonly string[] = Array.from({ length: 8 }, (_, digits) => ' '.repeat(8 - digits))

function isAlike(one: ListEntry, other: ListEntry): boolean {
  return (
    one.mode === other.mode &&
    one.linkCount === other.linkCount &&
    one.owner === other.owner &&
    one.group === other.group
  )
}

/** One line of NLST: the name alone. */
export function formatNameLine(name: string): string {
  return `${harmless(name)}\r\n`
}

/** `drwxr-xr-x` and the like, from the mode bits. */
export function formatMode(mode: number): string {
  const letters = [...'rwxrwxrwx'].map((letter, bit) => (mode & (0o400 >> bit) ? letter : '-'))
  if (mode & 0o4000) letters[2] = letters[2] === 'x' ? 's' : 'S'
  if (mode & 0o2000) letters[5] = letters[5] === 'x' ? 's' : 'S'
  if (mode & 0o1000) letters[8] = letters[8] === 'x' ? 't' : 'T'
  return (TYPE_LETTERS.get(mode & TYPE_MASK) ?? '?') + letters.join('')
}
