import { type LoadedScenario, loadScenario } from '../../scenario/load.ts'
import { THEMES } from '../../scenario/themes.ts'
import { wrapped } from '../terminal.ts'

/** What is listed of a scenario. */
export interface ListedScenario {
  readonly name: string
  readonly theme: string | undefined
  readonly description: string
}

/** Reads what is listed of scenarios. */
export function listedScenarios(scenarios: readonly string[]): ListedScenario[] {
  return scenarios.map((scenario) => listedFrom(scenario, loadScenario(scenario)))
}

function listedFrom(name: string, { theme, description = '' }: LoadedScenario): ListedScenario {
  return { name, theme, description: description.trim().replace(/\s+/g, ' ') }
}

/** Scenarios by theme, each with the first sentence on it, in lines of a width. */
export function listText(scenarios: readonly ListedScenario[], width: number): string {
  const known: readonly string[] = THEMES
  const themes = [...new Set([...known, ...scenarios.map(({ theme = 'others' }) => theme)])]
  const longest = Math.max(...scenarios.map(({ name }) => name.length))
  const texts = themes.flatMap((title) => {
    const own = scenarios.filter(({ theme = 'others' }) => theme === title)
    return own.length === 0 ? [] : `${title}:\n${own.map((each) => row(each, longest, width)).join('')}`
  })
  return texts.join('\n')
}

function row({ name, description }: ListedScenario, longest: number, width: number): string {
  const indent = ' '.repeat(longest + 4)
  const lines = wrapped(firstSentence(description), width - indent.length)
  return `  ${name.padEnd(longest)}  ${lines.join(`\n${indent}`)}`.trimEnd().concat('\n')
}

/** Up to a full stop that a capital letter or nothing follows. */
function firstSentence(text: string): string {
  return /^.*?[.!?](?= \p{Lu}|$)/u.exec(text)?.[0] ?? text
}
