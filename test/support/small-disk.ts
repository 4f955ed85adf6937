import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'

/**
 * A disk in a directory, of 64 KiB unless mount(8) is told otherwise; `undefined` where this user or machine cannot have
 * one. In CI it has to be had.
 */
export function smallDisk(
  directory: string,
  options = 'size=64k',
): ({ readonly disk: string } & Disposable) | undefined {
  const disk = path.join(directory, 'disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk], { stdio: 'ignore' })
  } catch (error) {
    if (process.env.CI === 'true') throw error
    return undefined
  }
  return { disk, [Symbol.dispose]: () => execFileSync('umount', [disk]) }
}
