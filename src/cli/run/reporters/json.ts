import { hasPassed, type RunReport } from '../report.ts'

/** The report as one JSON object. */
export function json(report: RunReport): string {
  const { command, interrupted, startedAt, durationMs, results, notPlayed } = report
  const whole = { passed: hasPassed(report), interrupted, command, startedAt, durationMs: Math.round(durationMs) }
  const played = results.map((result) => ({ ...result, durationMs: Math.round(result.durationMs) }))
  return `${JSON.stringify({ ...whole, results: played, notPlayed }, undefined, 2)}\n`
}
