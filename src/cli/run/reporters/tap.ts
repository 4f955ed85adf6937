import { stripVTControlCharacters } from 'node:util'
import { visible } from '../../../handlers/event-text.ts'
import { yamlKit } from '../../../scenario/kit.ts'
import type { PlayResult } from '../play.ts'
import { endingText, failureText, type RunReport } from '../report.ts'

/** The report in version 14 of the Test Anything Protocol, with YAML on each scenario. */
export function tap({ results, notPlayed, interrupted, error }: RunReport): string {
  const points = results.map((result, index) => `${point(result, index + 1)}${diagnostics(result)}`)
  const skipped = notPlayed.map(
    (scenario, index) => `ok ${results.length + index + 1} - ${description(scenario)} # SKIP not played\n`,
  )
  const reason = interrupted ? 'interrupted' : error?.message
  const end = reason === undefined ? '' : `Bail out! ${visible(reason)}\n`
  return `TAP version 14\n1..${points.length + skipped.length}\n${points.join('')}${skipped.join('')}${end}`
}

function point({ passed, scenario }: PlayResult, number: number): string {
  return `${passed ? 'ok' : 'not ok'} ${number} - ${description(scenario)}\n`
}

/** A `#` would begin a directive. */
function description(text: string): string {
  return visible(text).replace(/[\\#]/g, (sign) => `\\${sign}`)
}

function diagnostics(result: PlayResult): string {
  const { passed, ending, missed, durationMs, output, dialogue } = result
  const failure = { message: failureText(result), severity: 'fail', missed, dialogue: lines(dialogue) }
  const told = {
    ...(!passed && failure),
    command: endingText(ending),
    duration_ms: Math.round(durationMs),
    ...(output !== '' && { output: lines(output) }),
  }
  const yaml = yamlKit().stringify(told, { lineWidth: 0 })
  return `  ---\n${yaml.replace(/^(?=.)/gm, '  ')}  ...\n`
}

/** Text whose lines stay lines: a control character would have YAML spell all of it in one. */
function lines(text: string): string {
  return stripVTControlCharacters(text).replace(/\r\n?/g, '\n').split('\n').map(visible).join('\n')
}
