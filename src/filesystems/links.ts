import { readlinkSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { pathOf, textOf } from './host-bytes.ts'

/** As many links in a row as Linux follows. */
const MAX_LINKS = 40

/**
 * A path of the host without symbolic links. Unlike `realpath` it takes a path to nothing too, and a link to nothing:
 * opening either to write makes a file where the link points. So with a link into a directory that is closed to the
 * user, which he may well remove.
 */
export function resolveLinks(hostPath: string, links = 0): string {
  try {
    return textOf(realpathSync.native(pathOf(hostPath)), () => realpathSync.native(pathOf(hostPath), 'buffer'))
  } catch (error) {
    if (!endsOnTheWay(error)) throw error
  }
  const parent = path.dirname(hostPath)
  if (parent === hostPath) return hostPath
  const real = path.join(resolveLinks(parent, links), path.basename(hostPath))
  const target = linkTarget(real)
  if (target === undefined) return real
  if (links >= MAX_LINKS)
    throw Object.assign(new Error('too many symbolic links'), { code: 'ELOOP', syscall: 'realpath' })
  // Not `path.resolve`: what `..` behind another link in the target means depends on where that one leads.
  return resolveLinks(path.isAbsolute(target) ? target : `${path.dirname(real)}${path.sep}${target}`, links + 1)
}

/**
 * Where a path leads, once the kernel follows it there too: it lets anybody read where links lead, and follows none on
 * mounts that forbid it, nor another user's in a directory like /tmp (`fs.protected_symlinks`).
 */
export function followed(hostPath: string, real: string): string {
  try {
    if (real !== hostPath) statSync(pathOf(hostPath))
  } catch (error) {
    // What is to be made there is not there yet.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return real
}

/** Where a symbolic link of the host leads, as it says. */
export function readLink(hostPath: string): string {
  return textOf(readlinkSync(pathOf(hostPath)), () => readlinkSync(pathOf(hostPath), 'buffer'))
}

/** At nothing, or at a directory that may not be entered: what is done with the path will not come further either. */
function endsOnTheWay(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')
}

function linkTarget(hostPath: string): string | undefined {
  try {
    return readLink(hostPath)
  } catch {
    return undefined
  }
}
