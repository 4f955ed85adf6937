import type { Ending } from './command.ts'
import type { PlayResult } from './play.ts'

/** What became of a command under all the scenarios it was to be run under: what reporters report. */
export interface RunReport {
  readonly command: readonly string[]
  readonly results: readonly PlayResult[]
  /** Scenarios that were not played to their end, because of a failure before or an interruption. */
  readonly notPlayed: readonly string[]
  readonly interrupted: boolean
  /** What kept the rest from being played: a server that does not start, a command that is not there. */
  readonly error?: Error
  readonly startedAt: Date
  readonly durationMs: number
}

/** Makes a text of a report. */
export type Reporter = (report: RunReport) => string

/** Whether every scenario was played and passed. */
export function hasPassed({ results, notPlayed }: RunReport): boolean {
  return notPlayed.length === 0 && results.every(({ passed }) => passed)
}

/** How a command ended, in words. */
export function endingText(ending: Ending): string {
  if (ending.is === 'exited') return `exit status ${ending.status}`
  return ending.is === 'killed' ? `killed by ${ending.signal}` : ending.is
}

/** What became of expectations, in words. */
export function expectationsText({ missed }: PlayResult): string {
  return missed.length === 0 ? 'met' : `${missed.length} missed`
}

/** Why a scenario failed, in a line. */
export function failureText(result: PlayResult): string {
  const { ending, missed } = result
  const isFine = ending.is === 'exited' && ending.status === 0
  return [...(isFine ? [] : [endingText(ending)]), ...missed].join('; ')
}

/** Seconds, as reports have them. */
export function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(3)
}
