import type { PlayResult } from '../play.ts'
import { hasPassed, type RunReport } from '../report.ts'

/** The report as one JSON object. */
export function json(report: RunReport): string {
  const { command, interrupted, startedAt, durationMs, results, notPlayed } = report
  const error = report.error?.message
  const whole = {
    passed: hasPassed(report),
    interrupted,
    error,
    command,
    startedAt,
    durationMs: Math.round(durationMs),
  }
  return `${JSON.stringify({ ...whole, results: results.map(asValue), notPlayed }, undefined, 2)}\n`
}

function asValue({ scenario, passed, ending, missed, durationMs, output, dialogue }: PlayResult): object {
  return { scenario, passed, ending, missed, durationMs: Math.round(durationMs), output, dialogue }
}
