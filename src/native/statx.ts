import type { FileStat } from '../filesystems/file-stat.ts'
import type { Koffi } from './koffi.ts'

/**
 * What lstat(2) says of names in an open directory, one after the other; `undefined` for each that the kernel says
 * nothing about, for whatever reason, and for what is no name but a path.
 */
export type StatNames = (directoryFd: number, names: readonly string[]) => (FileStat | undefined)[]

const AT_SYMLINK_NOFOLLOW = 0x100
/** STATX_BASIC_STATS and STATX_BTIME. */
const WANTED = 0xfff
const LONGEST_NAME = 255
const SLASH = 0x2f

/** Linux's statx(2), at little more than half the price of `fs.lstatSync`. */
export function bindStatNames(koffi: Koffi): StatNames {
  // Addresses as numbers: made of a buffer at each call, they would cost half as much as the call itself.
  const statx = koffi.load(null).func('int statx(int, size_t, int, unsigned int, size_t)')
  const result = new Uint32Array(RESULT_WORDS)
  const name = Buffer.allocUnsafeSlow(LONGEST_NAME + 1)
  const resultAddress = Number(koffi.address(result))
  const nameAddress = Number(koffi.address(name))
  const statName = (directoryFd: number, text: string): FileStat | undefined => {
    if (!putName(name, text)) return undefined
    const status = statx(directoryFd, nameAddress, AT_SYMLINK_NOFOLLOW, WANTED, resultAddress)
    return status === 0 ? new KernelStat(result) : undefined
  }
  return (directoryFd, names) => names.map((text) => statName(directoryFd, text))
}

/** Puts a name where the kernel looks for it; `false` for one that is too long, or that is a path and may lead away. */
function putName(into: Buffer, name: string): boolean {
  const { length } = name
  if (length > LONGEST_NAME || name === '' || name === '.' || name === '..') return false
  let wide = false
  for (let at = 0; at < length; at++) {
    const code = name.charCodeAt(at)
    if (code === SLASH || code === 0) return false
    if (code >= 0x80) wide = true
    into[at] = code
  }
  into[length] = 0
  return !wide || putWide(into, name)
}

function putWide(into: Buffer, name: string): boolean {
  if (Buffer.byteLength(name) > LONGEST_NAME) return false
  into[into.write(name)] = 0
  return true
}

/** Where the kernel puts what it knows, in words of 32 bits: the same on each architecture. */
const RESULT_WORDS = 64
const NLINK = 4
const UID = 5
const GID = 6
const MODE = 7
const INO = 8
const SIZE = 10
const BTIME = 20
const MTIME = 28
const DEV_MAJOR = 34
const DEV_MINOR = 35

/** A `Stats` as node:fs would make of the same answer. */
class KernelStat implements FileStat {
  readonly mode: number
  readonly nlink: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly ino: number
  readonly dev: number
  readonly mtimeMs: number
  readonly birthtimeMs: number

  constructor(result: Uint32Array) {
    const word = (at: number) => result[at] as number
    this.mode = word(MODE) & 0xffff
    this.nlink = word(NLINK)
    this.uid = word(UID)
    this.gid = word(GID)
    this.size = word(SIZE + 1) * WORD + word(SIZE)
    this.ino = word(INO + 1) * WORD + word(INO)
    this.dev = deviceNumber(word(DEV_MAJOR), word(DEV_MINOR))
    this.mtimeMs = milliseconds(word(MTIME), word(MTIME + 1), word(MTIME + 2))
    this.birthtimeMs = milliseconds(word(BTIME), word(BTIME + 1), word(BTIME + 2))
  }

  isFile(): boolean {
    return (this.mode & TYPE_MASK) === 0o100000
  }

  isDirectory(): boolean {
    return (this.mode & TYPE_MASK) === 0o040000
  }

  isSymbolicLink(): boolean {
    return (this.mode & TYPE_MASK) === 0o120000
  }
}

const TYPE_MASK = 0o170000
const WORD = 2 ** 32

/** Seconds are signed, nanoseconds always count forwards. */
function milliseconds(lowSeconds: number, highSeconds: number, nanoseconds: number): number {
  return ((highSeconds | 0) * WORD + lowSeconds) * 1000 + nanoseconds / 1_000_000
}

/** As the C library's makedev(3) joins them. */
function deviceNumber(major: number, minor: number): number {
  const low = (minor & 0xff) + (major & 0xfff) * 0x100 + Math.floor(minor / 0x100) * 0x100000
  return low + Math.floor(major / 0x1000) * 0x1000 * WORD
}
