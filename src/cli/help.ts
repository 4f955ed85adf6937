import type { Flag, Flags } from './flag.ts'
import type { Subcommand } from './subcommand.ts'
import { DEFAULT, subcommands } from './subcommands.ts'
import { COLUMNS, wrapped } from './terminal.ts'

/** What `--help` shows of a subcommand: every option, by what it is about. */
export function helpText(name: string, { synopsis, about, flagGroups }: Subcommand): string {
  const flags = Object.values(flagGroups).flatMap((group) => Object.entries(group))
  const width = Math.max(...flags.map(([flag, spec]) => optionText(flag, spec).length))
  const groups = Object.entries(flagGroups).map(([title, group]) => `${title}:\n${groupText(group, width)}`)
  const others = name === DEFAULT ? `\n${subcommandsText()}` : ''
  return `Usage: ftp-fixture ${synopsis}\n\n${wrapped(about, COLUMNS).join('\n')}\n${others}\n${groups.join('\n')}`
}

function subcommandsText(): string {
  const width = Math.max(...Object.keys(subcommands).map((name) => name.length))
  const rows = Object.entries(subcommands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}\n`)
  return `Subcommands, of which each has a --help of its own:\n${rows.join('')}`
}

function groupText(group: Flags, width: number): string {
  const indent = ' '.repeat(width + 4)
  const rows = Object.entries(group).map(([name, flag]) => {
    const text = wrapped(flag.help, COLUMNS - indent.length).join(`\n${indent}`)
    return `  ${optionText(name, flag).padEnd(width)}  ${text}\n`
  })
  return rows.join('')
}

function optionText(name: string, { short, value }: Flag): string {
  return `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
}
