import { close, closeSync, constants, lstatSync, openSync, type PathLike } from 'node:fs'
import { promisify } from 'node:util'
import type { Awaitable } from '../authorizers/authorizer.ts'
import { canHold, O_PATH } from './straight-path.ts'

/** From this size on, a thread frees what a file held: the kernel takes some 20 ms for 128 MiB of a file in memory. */
export const LARGE_BYTES: number = 4 * 1024 * 1024

const closeAsync = promisify(close)

/**
 * Takes a name away from what it stands for, by unlinking or renaming; where that was the last name of a large file, what
 * it held is freed behind it by a thread.
 */
export function freeing(place: PathLike, take: () => void): Awaitable<void> {
  const fd = canHold ? heldIfLarge(place) : undefined
  if (fd === undefined) return take()
  try {
    take()
  } catch (error) {
    closeSync(fd)
    throw error
  }
  return closeAsync(fd)
}

/** A descriptor without which a large file would be freed at once; `undefined` where there is no file of the sort. */
function heldIfLarge(place: PathLike): number | undefined {
  try {
    const stat = lstatSync(place, { throwIfNoEntry: false })
    const isLarge = stat?.isFile() === true && stat.size >= LARGE_BYTES && stat.nlink === 1
    return isLarge ? openSync(place, O_PATH | constants.O_NOFOLLOW) : undefined
  } catch {
    // It may well go without: whatever is wrong, `take` will say.
    return undefined
  }
}
