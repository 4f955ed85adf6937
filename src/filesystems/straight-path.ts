import { closeSync, constants, existsSync, openSync } from 'node:fs'
import { constants as system } from 'node:os'
import path from 'node:path'
import { openWithoutLinksWhenWorthwhile } from '../native/openat2.ts'
import { systemError } from '../native/system-error.ts'
import { pathOf } from './host-bytes.ts'
import { readLink } from './links.ts'

/** Linux's O_PATH, which node:fs has no name for: the descriptor holds a place, and is good for nothing else. */
export const O_PATH = 0o10000000
const DESCRIPTORS = '/proc/self/fd'

/** Whether it can be told where a descriptor leads. Elsewhere, what is checked by its name is done by its name. */
export const canHold = process.platform === 'linux' && existsSync(DESCRIPTORS)

/**
 * Opens a path of the host that was found to be free of symbolic links. One that somebody has put in since is not
 * followed, and nothing is made or emptied behind it: ELOOP is thrown.
 */
export function openStraight(hostPath: string, flags: number, mode = 0o666): number {
  if (!canHold) return openSync(hostPath, flags, mode)
  const open = openWithoutLinksWhenWorthwhile()
  if (open !== undefined && typeof pathOf(hostPath) === 'string') return open(hostPath, flags, mode)
  if ((flags & constants.O_CREAT) === 0) return openChecked(hostPath, flags)
  return holding(path.dirname(hostPath), (directory) =>
    openSync(pathOf(`${directory}/${path.basename(hostPath)}`), flags | constants.O_NOFOLLOW, mode),
  )
}

/**
 * Does something at a path of the host that was found to be free of symbolic links: under another name of the same place,
 * which stays the same whatever becomes of the path.
 */
export function holding<T>(hostPath: string, action: (place: string) => T): T {
  if (!canHold) return action(hostPath)
  const fd = openStraight(hostPath, O_PATH)
  try {
    return action(placeOf(fd))
  } finally {
    closeSync(fd)
  }
}

/** A path to what a descriptor is open for; on Linux only. */
function placeOf(fd: number): string {
  return `${DESCRIPTORS}/${fd}`
}

function openChecked(hostPath: string, flags: number): number {
  const fd = openSync(pathOf(hostPath), flags | constants.O_NOFOLLOW)
  try {
    if (isSame(readLink(placeOf(fd)), hostPath)) return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
  closeSync(fd)
  throw systemError('open', -system.errno.ELOOP)
}

/** Where case does not matter, the kernel tells the name in the case that it knows. */
function isSame(one: string, other: string): boolean {
  return one === other || fold(one) === fold(other)
}

function fold(hostPath: string): string {
  return hostPath.normalize('NFC').toLowerCase()
}
