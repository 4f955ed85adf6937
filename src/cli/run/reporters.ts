import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { oneOf } from '../../options/check.ts'
import { UsageError } from '../errors.ts'
import type { Reporter, RunReport } from './report.ts'
import { github } from './reporters/github.ts'
import { json } from './reporters/json.ts'
import { junit } from './reporters/junit.ts'
import { pretty, type Shown } from './reporters/pretty.ts'
import { tap } from './reporters/tap.ts'

const reporters = { json, junit, tap, github } satisfies Readonly<Record<string, Reporter>>

const isReporter = oneOf('pretty', 'json', 'junit', 'tap', 'github')

/** A reporter, and the file that it writes; without one, it is standard output. */
interface Chosen {
  readonly name: 'pretty' | keyof typeof reporters
  readonly file: string | undefined
}

/** The reports that a command line asks for. */
export class Reports {
  readonly #chosen: readonly Chosen[]

  /** Throws for reporters that there are not, that get into each other's way, or whose files cannot be written. */
  constructor(written: readonly string[], env: NodeJS.ProcessEnv) {
    const isInActions = written.length === 0 && env.GITHUB_ACTIONS === 'true'
    // Both are for the log there, where they do not disturb each other.
    this.#chosen = isInActions ? [{ name: 'github', file: undefined }] : chosenFrom(written)
    this.ownsOutput = !isInActions && this.#chosen.some(({ name, file }) => name !== 'pretty' && file === undefined)
    for (const { name, file } of this.#chosen) if (file !== undefined) this.#write(name, file, '')
  }

  /** Whether standard output is a report's, so that what is for people has to go another way. */
  readonly ownsOutput: boolean

  write(report: RunReport, shown: Shown): void {
    for (const { name, file } of this.#chosen) {
      if (name === 'pretty' && file === undefined) continue // Told as it happens.
      const text = name === 'pretty' ? pretty(report, { colour: false, shown }) : reporters[name](report)
      if (file === undefined) process.stdout.write(text)
      else this.#write(name, file, text)
    }
  }

  #write(name: string, file: string, text: string): void {
    try {
      writeFileSync(file, text)
    } catch (error) {
      const { message } = error as Error
      throw new UsageError(`--reporter ${name}: cannot write "${file}": ${message}`, { cause: error })
    }
  }
}

/** The same file can be written in several ways. */
function placeOf({ file }: Pick<Chosen, 'file'>): string | undefined {
  return file === undefined ? undefined : path.resolve(file)
}

function chosenFrom(written: readonly string[]): Chosen[] {
  const chosen: Chosen[] = written.map((text) => {
    const [name = '', ...rest] = text.split('=')
    if (rest.length > 0 && rest.join('') === '') throw new UsageError(`--reporter ${name}= needs the name of a file`)
    return { name: isReporter(name, '--reporter'), file: rest.length === 0 ? undefined : rest.join('=') }
  })
  for (const [index, { name, file }] of chosen.entries()) {
    const other = chosen.slice(0, index).find((each) => placeOf(each) === placeOf({ file }))
    if (other === undefined) continue
    const where = file === undefined ? 'standard output' : `"${file}"`
    throw new UsageError(
      `--reporter ${other.name} and --reporter ${name} both write to ${where}; name a file: ${name}=FILE`,
    )
  }
  return chosen
}
