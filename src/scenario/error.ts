import { FtpFixtureError } from '../options/error.ts'

/** Where in a scenario something is. */
export interface ScenarioPlace {
  /** The file, or what stands for a scenario that was given as a value. */
  readonly file: string
  /** From 1; missing for a value. */
  readonly line?: number
  readonly column?: number
  /** `rules[0].then.cut.after`; '' for the whole. */
  readonly path: string
}

/** What of an entry a message is about. */
export type EntryPart = 'key' | 'value'

/** A scenario that cannot be played as it is written: says where, what was found and what is allowed. */
export class ScenarioError extends FtpFixtureError {
  override readonly name = 'ScenarioError'
  readonly place: ScenarioPlace
  /** What is wrong there. */
  readonly problem: string

  constructor(place: ScenarioPlace, problem: string, options?: ErrorOptions) {
    super('ERR_SCENARIO_INVALID', `${shownPlace(place)}: ${problem}`, options)
    this.place = place
    this.problem = problem
  }
}

function shownPlace({ file, line, column, path }: ScenarioPlace): string {
  const where = line === undefined ? file : `${file}:${line}:${column ?? 1}`
  return path === '' ? where : `${where}: ${path}`
}
