import type { Stats } from 'node:fs'
import type { Awaitable } from '../authorizers/authorizer.ts'

/** What a listing wants to know of a file; `Stats` of node:fs has it all. */
export type FileStat = Pick<
  Stats,
  | 'mode'
  | 'size'
  | 'mtimeMs'
  | 'birthtimeMs'
  | 'nlink'
  | 'uid'
  | 'gid'
  | 'dev'
  | 'ino'
  | 'isFile'
  | 'isDirectory'
  | 'isSymbolicLink'
>

/** What is said of a file, or `undefined` when nothing can be said. */
export async function orNothing(ask: () => Awaitable<FileStat>): Promise<FileStat | undefined> {
  try {
    return await ask()
  } catch {
    return undefined
  }
}
