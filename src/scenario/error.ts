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

/** One thing that is wrong with a scenario, and where. */
export interface ScenarioProblem {
  readonly place: ScenarioPlace
  readonly problem: string
}

/** A scenario that cannot be played as it is written: says where, what was found and what is allowed. */
export class ScenarioError extends FtpFixtureError {
  override readonly name = 'ScenarioError'
  readonly place: ScenarioPlace
  /** What is wrong there. */
  readonly problem: string
  /** All that is known to be wrong, in the order of place. */
  readonly problems: readonly ScenarioProblem[]

  constructor(place: ScenarioPlace, problem: string, options?: ErrorOptions, others: readonly ScenarioProblem[] = []) {
    super('ERR_SCENARIO_INVALID', problemText({ place, problem }), options)
    this.place = place
    this.problem = problem
    this.problems = [{ place, problem }, ...others].sort(byPlace)
  }
}

/** A problem as the message of an error tells it: the place, and what is wrong there. */
export function problemText({ place: { file, line, column, path }, problem }: ScenarioProblem): string {
  const where = line === undefined ? file : `${file}:${line}:${column ?? 1}`
  return `${path === '' ? where : `${where}: ${path}`}: ${problem}`
}

function byPlace({ place: a }: ScenarioProblem, { place: b }: ScenarioProblem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}
