import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { dir } from 'tmp-promise'
import { expect, onTestFinished } from 'vitest'

/** What to make in a directory, by path: a file's text, `{ link }` for a symbolic link, `null` for a directory. */
export type Tree = Readonly<Record<string, string | { readonly link: string } | null>>

/**
 * The real path of a directory of the test's own, filled from `tree`. When the test has finished it is removed; the
 * test fails when a file in it is still open then.
 */
export async function tempTree(tree: Tree = {}): Promise<string> {
  const { path: made, cleanup } = await dir({ unsafeCleanup: true })
  const base = realpathSync.native(made)
  onTestFinished(async () => {
    const left = openBelow(base)
    await cleanup()
    expect(left, 'files left open').toEqual([])
  })
  for (const [name, content] of Object.entries(tree)) {
    const hostPath = path.join(base, name)
    mkdirSync(content === null ? hostPath : path.dirname(hostPath), { recursive: true })
    if (typeof content === 'string') writeFileSync(hostPath, content)
    else if (content !== null) symlinkSync(content.link, hostPath)
  }
  return base
}

/** All that is below a directory, to see that nothing in it has changed. */
export function snapshot(directory: string): Record<string, string> {
  const seen: Record<string, string> = {}
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    const hostPath = path.join(directory, name)
    const stat = lstatSync(hostPath)
    const content = stat.isFile() ? readFileSync(hostPath, 'utf8') : stat.isSymbolicLink() ? readlinkSync(hostPath) : ''
    seen[name] = `${stat.mode.toString(8)} ${stat.mtimeMs} ${content}`
  }
  return seen
}

/** What this process has open below a directory; nothing where the system does not tell. */
export function openBelow(directory: string): string[] {
  const found: string[] = []
  for (const fd of descriptors()) {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      if (target.startsWith(directory)) found.push(target)
    } catch {
      // The descriptor that read the list is gone by now.
    }
  }
  return found
}

function descriptors(): string[] {
  try {
    return readdirSync('/proc/self/fd')
  } catch {
    return []
  }
}
