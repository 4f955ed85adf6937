import { closeSync, constants, lstatSync } from 'node:fs'
import { sep } from 'node:path'
import { directoryCallsIfLoaded } from '../native/directory-calls.ts'
import type { FileStat } from './file-stat.ts'
import { holding, openStraight } from './straight-path.ts'

/** With fewer it does not pay to open the directory first. */
const FEWEST_NAMES_FOR_NATIVE = 64

/**
 * What lstat says of names in a directory of the host, `undefined` where it says nothing. Nothing is said either of what
 * is no name but a path, and might lead elsewhere.
 */
export function statEntries(hostDirectory: string, names: readonly string[]): readonly (FileStat | undefined)[] {
  const statNames = names.length < FEWEST_NAMES_FOR_NATIVE ? undefined : directoryCallsIfLoaded(names.length)?.statNames
  if (statNames === undefined) {
    return holding(hostDirectory, (directory) => names.map((name) => statEntry(directory, name)))
  }
  const directory = openStraight(hostDirectory, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    return statNames(directory, names)
  } finally {
    closeSync(directory)
  }
}

function statEntry(hostDirectory: string, name: string): FileStat | undefined {
  if (!isEntryName(name)) return undefined
  try {
    return lstatSync(`${hostDirectory}${sep}${name}`, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function isEntryName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\0')
}
