import { closeSync, constants, type Dir, opendirSync } from 'node:fs'
import { directoryCallsIfLoaded } from '../native/directory-calls.ts'
import type { NextNames } from '../native/getdents.ts'
import { holding, openStraight } from './straight-path.ts'

/** Directory entries fetched at once. */
const ENTRIES_PER_READ = 512
const READ_DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY

/** The names in a directory of the host, which is open from now on until the last one has been taken. */
export function entryNames(hostDirectory: string): Generator<string> {
  const nextNames = directoryCallsIfLoaded()?.nextNames
  if (nextNames !== undefined) return fromKernel(openStraight(hostDirectory, READ_DIRECTORY), nextNames)
  return holding(hostDirectory, (place) => fromDir(opendirSync(place, { bufferSize: ENTRIES_PER_READ })))
}

function* fromDir(directory: Dir): Generator<string> {
  try {
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) yield entry.name
  } finally {
    directory.closeSync()
  }
}

function* fromKernel(directory: number, nextNames: NextNames): Generator<string> {
  try {
    for (let names = nextNames(directory); names.length > 0; names = nextNames(directory)) {
      // Not `yield*`, which makes two objects of each name.
      for (const name of names) yield name
    }
  } finally {
    closeSync(directory)
  }
}
