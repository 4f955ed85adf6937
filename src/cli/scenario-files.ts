import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { globKit } from '../scenario/kit.ts'
import { UsageError } from './errors.ts'

/** What a directory is searched for; other JSON may lie beside scenarios, so those in JSON have to be named. */
const IN_DIRECTORIES = /\.ya?ml$/i

/** Whether a word can only be a path: what has no ending of a scenario's file and no slash is a name. */
export function isPath(word: string): boolean {
  return /[\\/]|\.(ya?ml|json)$/i.test(word)
}

/** The files that a path stands for: itself, those in a directory, or those that a glob names; none for a glob may be. */
export function filesAt(word: string): string[] {
  try {
    return filesNamedBy(word)
  } catch (error) {
    throw new UsageError(`cannot look for scenarios in "${word}": ${(error as Error).message}`, { cause: error })
  }
}

function filesNamedBy(word: string): string[] {
  const stats = statSync(word, { throwIfNoEntry: false })
  if (stats?.isDirectory()) return filesIn(word).filter((file) => IN_DIRECTORIES.test(file))
  const { base, glob, isGlob } = globKit().scan(word)
  if (stats !== undefined || !isGlob) return [word]
  const matches = globKit()(glob, { dot: true })
  const start = base === '' ? '.' : base
  if (!statSync(start, { throwIfNoEntry: false })?.isDirectory()) return []
  const found = filesIn(start).filter((file) => matches(path.relative(start, file).split(path.sep).join('/')))
  return base === '' ? found.map((file) => path.relative('.', file)) : found
}

function filesIn(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.join(parentOf(entry), entry.name))
    .filter((file) => !file.split(path.sep).includes('node_modules'))
    .sort()
}

/** `parentPath` is there from Node 20.12 on, and alone from 24 on. */
function parentOf(entry: { readonly parentPath?: string; readonly path?: string }): string {
  return entry.parentPath ?? entry.path ?? ''
}
