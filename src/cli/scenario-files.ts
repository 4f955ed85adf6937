import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { globKit } from '../scenario/kit.ts'
import { UsageError } from './errors.ts'

/** Keys of which a scenario in JSON has one at least, where it is to be found in a directory. */
const TELLING = ['rules', 'extends', 'expect']

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
  if (stats?.isDirectory()) return filesIn(word).filter(isScenario)
  const { base, glob, isGlob } = globKit().scan(word)
  if (stats !== undefined || !isGlob) return [word]
  const matches = globKit()(glob, { dot: true })
  const start = base === '' ? '.' : base
  if (!statSync(start, { throwIfNoEntry: false })?.isDirectory()) return []
  const found = filesIn(start).filter((file) => matches(path.relative(start, file).split(path.sep).join('/')))
  return base === '' ? found.map((file) => path.relative('.', file)) : found
}

/** Whether a file in a directory is to be a scenario; what else is written in JSON may lie beside those. */
function isScenario(file: string): boolean {
  return /\.ya?ml$/i.test(file) || (/\.json$/i.test(file) && isScenarioText(readFileSync(file, 'utf8')))
}

function isScenarioText(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value !== 'object' || value === null) return false
    return TELLING.some((key) => Object.hasOwn(value, key))
  } catch {
    // What is no JSON may be meant as a scenario, and has to be told of then.
    return TELLING.some((key) => json.includes(`"${key}"`))
  }
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
