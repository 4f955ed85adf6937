import type { Koffi } from './koffi.ts'
import { systemError } from './system-error.ts'

/** The next names in an open directory, some hundreds at a time; none when all have been read. Throws when it cannot be read. */
export type NextNames = (directoryFd: number) => string[]

/** Linux's own numbers of the call, for which not every C library has a function. */
const GETDENTS64: Partial<Record<NodeJS.Architecture, number>> = { x64: 217, arm64: 61 }
const BYTES_PER_CALL = 32 * 1024
/** Where an entry has its own length, and its name, which a NUL ends. */
const LENGTH = 16
const NAME = 19

/** Linux's getdents64(2): names without the objects that node:fs makes of each. */
export function bindNextNames(koffi: Koffi): NextNames {
  const getdents = koffi.load(null).func('long syscall(long, long, size_t, size_t)')
  const call = GETDENTS64[process.arch]
  const entries = Buffer.allocUnsafeSlow(BYTES_PER_CALL)
  const address = Number(koffi.address(entries))
  return (directoryFd) => {
    for (;;) {
      const end = Number(getdents(call, directoryFd, address, BYTES_PER_CALL))
      if (end < 0) throw systemError('getdents64', -koffi.errno())
      const names = namesOf(entries, end)
      // What is left of a directory may be its `.` and `..` alone.
      if (names.length > 0 || end === 0) return names
    }
  }
}

function namesOf(entries: Buffer, end: number): string[] {
  const names: string[] = []
  for (let at = 0; at < end; at += entries.readUInt16LE(at + LENGTH)) {
    const name = entries.toString('utf8', at + NAME, entries.indexOf(0, at + NAME))
    if (name !== '.' && name !== '..') names.push(name)
  }
  return names
}
