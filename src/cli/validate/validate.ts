import { statSync } from 'node:fs'
import path from 'node:path'
import { resolveFixtureOptions } from '../../fixture/options.ts'
import { visible } from '../../handlers/event-text.ts'
import { FtpFixtureError } from '../../options/error.ts'
import { problemText, ScenarioError, type ScenarioPlace } from '../../scenario/error.ts'
import { annotation } from '../annotation.ts'
import type { CommandLine } from '../command-line.ts'
import { UsageError } from '../errors.ts'
import { filesAt } from '../scenario-files.ts'

/** What is the matter with the file of a scenario. */
export interface Verdict {
  readonly file: string
  readonly valid: boolean
  /** All that is wrong, in the order of place. */
  readonly problems: readonly Problem[]
}

interface Problem {
  /** The place in words, as in other messages, and what is wrong there. */
  readonly message: string
  /** Where it is, from 1; in a file that the scenario extends, perhaps. */
  readonly place?: ScenarioPlace
}

/** Checks the files of scenarios, and tells of each what is wrong; gives the exit status. */
export async function validate({ operands, given }: CommandLine): Promise<number> {
  if (operands.length === 0) throw new UsageError('a file is missing: ftp-fixture validate file…')
  const verdicts = [...new Set(operands.flatMap(filesNamed))].map(verdictOn)
  process.stdout.write(given.has('json') ? `${JSON.stringify(verdicts, undefined, 2)}\n` : verdicts.map(text).join(''))
  if (process.env.GITHUB_ACTIONS === 'true') {
    const aside = given.has('json') ? process.stderr : process.stdout
    aside.write(verdicts.map(annotations).join(''))
  }
  return verdicts.every(({ valid }) => valid) ? 0 : 1
}

function filesNamed(word: string): string[] {
  const files = filesAt(word)
  if (files.length > 0) return files
  const isDirectory = statSync(word, { throwIfNoEntry: false })?.isDirectory()
  throw new UsageError(isDirectory ? `no scenario file is in "${word}"` : `no file matches "${word}"`)
}

function verdictOn(file: string): Verdict {
  try {
    // Its files and users are checked by who makes them.
    resolveFixtureOptions({ scenario: pathTo(file) })
    return { file, valid: true, problems: [] }
  } catch (error) {
    if (!(error instanceof FtpFixtureError)) throw error
    return { file, valid: false, problems: problemsOf(error) }
  }
}

/** A file whose name has not the ending of a scenario's is one all the same, since it was named as a file. */
function pathTo(file: string): string {
  return /[\\/]/.test(file) ? file : `./${file}`
}

function problemsOf(error: FtpFixtureError): readonly Problem[] {
  if (!(error instanceof ScenarioError)) return [{ message: error.message }]
  return error.problems.map((each) => ({ message: problemText(each), place: each.place }))
}

function text({ file, valid, problems }: Verdict): string {
  if (valid) return `${file}: ok\n`
  const lines = problems.map(({ message, place }) => {
    const isElsewhere = place === undefined || path.resolve(place.file) !== path.resolve(file)
    return `${isElsewhere ? `${file}: ` : ''}${visible(message)}\n`
  })
  return lines.join('')
}

function annotations({ file, problems }: Verdict): string {
  const lines = problems.map(({ message, place }) => {
    const { line, column } = place ?? {}
    const where = { file: place?.file ?? file, ...(line && { line }), ...(column && { col: column }) }
    return annotation({ ...where, title: 'ftp-fixture validate' }, message)
  })
  return lines.join('')
}
