import { nearest } from '../options/check.ts'
import { scenarioNames } from '../scenario/catalogue.ts'
import { globKit } from '../scenario/kit.ts'
import { UsageError } from './errors.ts'
import { filesAt, isPath } from './scenario-files.ts'

/** The scenarios that words name: built-in ones by name or glob, files by path or glob; no word, all built-in ones. */
export function chosenScenarios(words: readonly string[]): string[] {
  if (words.length === 0) return scenarioNames()
  return [...new Set(words.flatMap((word) => (isPath(word) ? files(word) : builtIn(word))))]
}

/** The built-in scenarios that a name or a glob stands for; throws when there are none. */
function builtIn(word: string): string[] {
  const names = scenarioNames()
  if (names.includes(word)) return [word]
  if (!globKit().scan(word).isGlob) throw unknown(word, names)
  const matches = globKit()(word)
  const found = names.filter((name) => matches(name))
  if (found.length === 0) throw new UsageError(`no built-in scenario matches "${word}"`)
  return found
}

function files(word: string): string[] {
  const found = filesAt(word)
  if (found.length === 0) throw new UsageError(`no scenario file matches "${word}"`)
  return found.map((file) => (isPath(file) ? file : `./${file}`))
}

function unknown(word: string, names: readonly string[]): UsageError {
  const near = names.find((name) => word !== '' && name.startsWith(word)) ?? nearest(word, new Set(names))
  const hint = near === undefined ? '"ftp-fixture scenarios" lists them' : `did you mean "${near}"?`
  return new UsageError(`no built-in scenario is named "${word}"; ${hint}`)
}
