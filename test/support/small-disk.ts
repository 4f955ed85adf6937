import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'

/** A disk of 64 KiB in a directory; `undefined` where this user or machine cannot have one. */
export function smallDisk(directory: string): ({ readonly disk: string } & Disposable) | undefined {
  const disk = path.join(directory, 'disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  return { disk, [Symbol.dispose]: () => execFileSync('umount', [disk]) }
}
