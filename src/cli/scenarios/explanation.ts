import { yamlKit } from '../../scenario/kit.ts'
import { type LoadedScenario, loadScenario } from '../../scenario/load.ts'
import type { Outcome, Scenario } from '../../scenario/schema.ts'
import { locate, sourceFrom } from '../../scenario/source.ts'
import { COLUMNS, shellQuoted, wrapped } from '../terminal.ts'
import { ruleText } from './rule-text.ts'

/** A scenario as it was written, and where. */
export interface WrittenScenario {
  readonly file: string
  readonly written: Scenario
  readonly loaded: LoadedScenario
}

/** Reads a scenario, by the name of a built-in one or the path of a file; throws for one that is wrong. */
export function writtenScenario(scenario: string): WrittenScenario {
  const loaded = loadScenario(scenario)
  const file = locate(scenario, process.cwd())
  return { file, written: sourceFrom(file).value as Scenario, loaded }
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  success: 'can list, download and upload nevertheless',
  failure: 'says that it failed',
  either: 'copes, or says that it failed',
}

/** What people may want to know of a scenario before they try it. */
export function explanation(scenario: string): string {
  const { file, written, loaded } = writtenScenario(scenario)
  const { name, description, theme, outcome } = loaded
  const { source = [], extends: bases = [], options, users, files, rules = [], expect } = written
  const sections: [string, string][] = [
    ['', description === undefined ? '' : wrapped(description.trim().replace(/\s+/g, ' '), COLUMNS).join('\n')],
    ['A good client', OUTCOMES[outcome]],
    ['Extends', [bases].flat().join('\n')],
    ['Rules', rules.map((rule, index) => numbered(index + 1, ruleText(rule))).join('\n')],
    ['Options of the server', block(options)],
    ['Users', block(users)],
    ['Files', block(files)],
    ['Expected of the client', block(expect)],
    ['Seen in', [source].flat().join('\n')],
    ['File', file],
    ['Try', `ftp-fixture --scenario ${shellQuoted(scenario)}\nftp-fixture run ${shellQuoted(scenario)} -- your-test`],
  ]
  const texts = sections.map(([title, text]) => section(title, text)).filter((text) => text !== '')
  return `${name}${theme === undefined ? '' : ` (${theme})`}\n\n${texts.join('\n')}`
}

function section(title: string, text: string): string {
  if (text === '') return ''
  if (title === '') return `${text}\n`
  const lines = text.split('\n').map((line) => (line === '' ? '\n' : `  ${line}\n`))
  return `${title}:\n${lines.join('')}`
}

function numbered(number: number, text: string): string {
  const [first = '', ...rest] = text.trimEnd().split('\n')
  const indent = ' '.repeat(`${number}. `.length)
  const lines = rest.flatMap((line) => wrapped(line.trim(), COLUMNS - 10).map((part) => `${indent}  ${part}`))
  return [`${number}. ${first}`, ...lines].join('\n')
}

function block(value: unknown): string {
  return value === undefined ? '' : yamlKit().stringify(value, { lineWidth: 0 }).trim()
}
