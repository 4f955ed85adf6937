import { type Flag, type Flags, flagGroups, flags } from './flags.ts'
import { COLUMNS, wrapped } from './terminal.ts'

/** What `--help` shows: every option, by what it is about. */
export function helpText(): string {
  const width = Math.max(...Object.entries(flags).map(([name, flag]) => synopsis(name, flag).length))
  const groups = Object.entries(flagGroups).map(([title, group]) => `${title}:\n${groupText(group, width)}`)
  return `Usage: ftp-fixture [serve] [options]

Starts an FTP server to test a client against by hand, and shows what clients do as they do it. It
serves a temp directory with a ready-made world in it, which is removed at the end (Ctrl-C).

${groups.join('\n')}`
}

function groupText(group: Flags, width: number): string {
  const indent = ' '.repeat(width + 4)
  const rows = Object.entries(group).map(([name, flag]) => {
    const text = wrapped(flag.help, COLUMNS - indent.length).join(`\n${indent}`)
    return `  ${synopsis(name, flag).padEnd(width)}  ${text}\n`
  })
  return rows.join('')
}

function synopsis(name: string, { short, value }: Flag): string {
  return `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
}
