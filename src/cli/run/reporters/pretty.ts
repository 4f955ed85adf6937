import { stripVTControlCharacters, styleText } from 'node:util'
import { milliseconds, visible } from '../../../handlers/event-text.ts'
import { counted } from '../../../scenario/words.ts'
import { shellQuoted } from '../../terminal.ts'
import type { PlayResult } from '../play.ts'
import { endingText, expectationsText, type RunReport } from '../report.ts'

/** The scenarios of which the output of the command is shown. */
export type Shown = 'failed' | 'all' | 'none'

/** How a report for people looks. */
export interface Look {
  readonly colour: boolean
  readonly shown: Shown
}

/** The report for people. */
export function pretty(report: RunReport, look: Look): string {
  return report.results.map((result) => resultText(result, report.command, look)).join('') + closing(report, look)
}

/** What is told of one scenario. */
export function resultText(result: PlayResult, command: readonly string[], look: Look): string {
  const { passed, ending, durationMs, missed, dialogue } = result
  const scenario = visible(result.scenario)
  const time = milliseconds(durationMs)
  const output = look.shown === 'all' || (look.shown === 'failed' && !passed) ? result.output : ''
  if (passed) return `${markOf(result, look)} ${scenario}  ${time}\n${section('', output, look)}`
  const list = missed.map((sentence) => `    - ${sentence}\n`).join('')
  return `${markOf(result, look)} ${scenario}
  ${command.map(shellQuoted).join(' ')}: ${endingText(ending)}, after ${time}
${list === '' ? '' : `  What was expected, and did not come true:\n${list}`}${section(
  'The command wrote:',
  output,
  look,
)}${look.shown === 'none' ? '' : section('What happened was:', dialogue, look)}\n`
}

/** How all of it went: a table, and a line that sums it up. */
export function closing(report: RunReport, look: Look): string {
  return `\n${table(report, look)}\n${summary(report, look)}\n`
}

function table({ results, notPlayed }: RunReport, look: Look): string {
  const rows = [
    { cells: ['scenario', 'command', 'expectations', 'duration'], mark: ' ' },
    ...results.map((result) => ({ cells: cellsOf(result), mark: markOf(result, look) })),
    ...notPlayed.map((scenario) => ({ cells: [visible(scenario), 'not played', '', ''], mark: '-' })),
  ]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map(({ cells }) => cells[column]?.length ?? 0)))
  const lines = rows.map(({ cells, mark }) => {
    const padded = cells.map((cell, column) =>
      column === 3 ? cell.padStart(widths[3] ?? 0) : cell.padEnd(widths[column] ?? 0),
    )
    return `${mark} ${padded.join('  ').trimEnd()}\n`
  })
  return lines.join('')
}

function cellsOf(result: PlayResult): string[] {
  return [
    visible(result.scenario),
    endingText(result.ending),
    expectationsText(result),
    milliseconds(result.durationMs),
  ]
}

function summary({ results, notPlayed, interrupted, error, durationMs }: RunReport, { colour }: Look): string {
  const failed = results.filter(({ passed }) => !passed).length
  const parts = [
    counted(results.length + notPlayed.length, 'scenario'),
    `${results.length - failed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(notPlayed.length > 0 ? [`${notPlayed.length} not played`] : []),
  ]
  const text = `${interrupted ? 'Interrupted. ' : ''}${parts.join(', ')}; ${milliseconds(durationMs)}`
  const end = error === undefined ? '' : `\n${visible(error.message)}`
  return painted(failed > 0 || notPlayed.length > 0 ? 'red' : 'green', `${text}${end}`, colour)
}

function markOf({ passed }: PlayResult, { colour }: Look): string {
  return passed ? painted('green', '✓', colour) : painted('red', '✗', colour)
}

function painted(style: 'red' | 'green', text: string, colour: boolean): string {
  return colour ? styleText(style, text, { validateStream: false }) : text
}

/** Lines with a margin, which also keeps a line of a command's from being a command to the CI that shows it. */
function section(title: string, text: string, { colour }: Look): string {
  if (text === '') return ''
  const shown = colour ? text : stripVTControlCharacters(text)
  // To GitHub Actions, a carriage return ends a line as well.
  const lines = shown.replace(/\r?\n$/, '').split(/\r?\n|\r/)
  return `${title === '' ? '' : `  ${title}\n`}${lines.map((line) => `    | ${line}\n`).join('')}`
}
