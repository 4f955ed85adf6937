import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { nearest } from '../options/check.ts'
import { FtpFixtureError } from '../options/error.ts'
import { scenarioFile, scenarioNames } from './catalogue.ts'
import { type EntryPart, ScenarioError, type ScenarioPlace } from './error.ts'
import { readText } from './file.ts'
import { mismatch, type Path } from './issue.ts'
import type { Form } from './schema.ts'
import { parseYaml } from './yaml.ts'

/** A scenario as it was written, before anything is known of it. */
export interface Source {
  /** What it is called unless it says so itself. */
  readonly name: string
  /** Where it was read from; missing for a value. */
  readonly file?: string
  readonly form: Form
  readonly value: unknown
  /** What the files that it names are relative to. */
  readonly directory: string
  /** Where in it something is. */
  readonly place: (path: Path, part?: EntryPart) => ScenarioPlace
}

/** The file that a name or a path stands for; throws `ERR_SCENARIO_UNKNOWN` for a name that no built-in scenario has. */
export function locate(given: string | URL, directory: string): string {
  return fileNamed(given, directory) ?? builtIn(String(given))
}

/** The file that a path or a URL names; `undefined` for a name. */
export function fileNamed(given: string | URL, directory: string): string | undefined {
  if (given instanceof URL || /^(file:|\w[\w+.-]+:\/\/)/i.test(given)) return fromUrl(given)
  return /[\\/]|\.(ya?ml|json)$/i.test(given) ? path.resolve(directory, given) : undefined
}

function builtIn(given: string): string {
  const names = scenarioNames()
  if (names.includes(given)) return scenarioFile(given)
  const near = names.find((name) => given !== '' && name.startsWith(given)) ?? nearest(given, new Set(names))
  const hint = near === undefined ? '"ftp-fixture scenarios" lists them' : `did you mean "${near}"?`
  const file = 'a file is named by a path with a / in it, or by its ending .yaml, .yml or .json'
  throw new FtpFixtureError('ERR_SCENARIO_UNKNOWN', `no built-in scenario is named "${given}"; ${hint} (${file})`)
}

function fromUrl(url: string | URL): string {
  try {
    return fileURLToPath(url)
  } catch (error) {
    throw new ScenarioError({ file: String(url), path: '' }, 'expected the URL of a file', { cause: error })
  }
}

/** Reads the file of a scenario. */
export function sourceFrom(file: string): Source {
  const shown = shownFile(file)
  const { value, place } = parseYaml(readText(file, shown), shown)
  const { name, dir: directory } = path.parse(file)
  return { name, file, form: 'data', value, directory, place }
}

/** Takes a scenario, or a part of one, that is given as a value. */
export function sourceOf(value: unknown, kind: 'scenario' | 'rule' | 'expectation'): Source {
  const isObject = Object.prototype.toString.call(value) === '[object Object]'
  const name = isObject ? (value as { readonly name?: unknown }).name : undefined
  const file = typeof name === 'string' ? `${kind} '${name}'` : kind
  const place = (at: Path) => ({ file, path: pathText(at) })
  // A promise has no rules either, and one that somebody forgot to await must not pass for a scenario that has none.
  if (!isObject) throw new ScenarioError(place([]), mismatch('an object', value))
  return { name: kind, form: 'code', value, directory: process.cwd(), place }
}

/** `rules[0].then.cut`, `files["/a b"].size`. */
export function pathText(at: Path): string {
  const parts = at.map((key) => {
    if (typeof key === 'number') return `[${key}]`
    const text = String(key)
    return /^[\w$]+$/.test(text) ? `.${text}` : `[${JSON.stringify(text)}]`
  })
  return parts.join('').replace(/^\./, '')
}

/** The keys that such a text stands for. */
export function pathFrom(text: string): Path {
  return [...text.matchAll(/\[("(?:[^"\\]|\\.)*")\]|\[(\d+)\]|([\w$]+)/g)].map(([, quoted, index, key = '']) => {
    if (quoted !== undefined) return JSON.parse(quoted) as string
    return index === undefined ? key : Number(index)
  })
}

/** A path as short as it is clear: from the current directory, if the file is in it. */
function shownFile(file: string): string {
  const relative = path.relative(process.cwd(), file)
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative
}
