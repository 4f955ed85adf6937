import { stripVTControlCharacters } from 'node:util'
import { visible } from '../../handlers/event-text.ts'
import { failures, type ScenarioScore, type Scorecard, type Tally } from './scorecard.ts'

/** The scorecard for people at a terminal; with what happened, where that is wanted. */
export function asText(card: Scorecard, verbose: boolean): string {
  const rows = [...card.themes, { theme: 'all', ...card }].map((row) => [row.theme, passedOf(row), notMet(row)])
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const [nameWidth = 0, scoreWidth = 0] = widths
  const table = rows.map(([theme = '', passed = '', unmet = '']) =>
    `  ${theme.padEnd(nameWidth)}  ${passed.padStart(scoreWidth)}  ${unmet}`.trimEnd(),
  )
  const failed = failures(card)
  const list = failed.length === 0 ? [] : ['', ...failed.map((score) => failureText(score, verbose))]
  return `${[`${card.client}: ${card.score} %`, '', ...table, ...list].join('\n')}\n`
}

/** How many of how many, as it stands in tables. */
export function passedOf({ passed, of }: Tally): string {
  return of === 0 ? '-' : `${passed}/${of}`
}

function notMet({ notMet }: Tally): string {
  return notMet === 0 ? '' : `${notMet} not met`
}

function failureText({ scenario, verdict, why, played }: ScenarioScore, verbose: boolean): string {
  const line = `${verdict.padEnd('gave up'.length)}  ${scenario}: ${why}`
  if (!verbose || played === undefined) return line
  return `${line}\n${section('what the client wrote', played.output)}${section('what happened', played.dialogue)}`
}

/** What somebody wrote, in lines with a margin, by which a CI takes none of them for a command to itself. */
export function section(title: string, text: string): string {
  const lines = stripVTControlCharacters(text).trimEnd().split(/\r?\n/).map(visible)
  return `  ${title}:\n${lines.map((line) => `    ${line}\n`).join('')}`
}
