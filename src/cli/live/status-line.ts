import { fitted } from './bottom-line.ts'

/** What there is to see at a glance. */
export interface Status {
  /** The name of the one in use. */
  readonly scenario: string | undefined
  readonly sessions: number
  readonly transfers: number
  /** How many lines wait for the end of a pause; `undefined` without one. */
  readonly held: number | undefined
}

/** The status in one line of so many columns; what matters less is left out first. */
export function statusText({ scenario, sessions, transfers, held }: Status, columns: number): string {
  const facts = [
    scenario ?? 'no scenario',
    counted(sessions, 'session'),
    ...(transfers === 0 ? [] : [counted(transfers, 'transfer')]),
    ...(held === undefined ? [] : [held === 0 ? 'paused' : `paused, ${counted(held, 'line')} held`]),
  ].join(' · ')
  const keys = [`s scenario  p ${held === undefined ? 'pause' : 'go on'}  w write  ? keys  q quit`, '? keys']
  const lines = keys.map((hint) => `${facts} · ${hint}`)
  return lines.find((line) => [...line].length <= columns) ?? fitted(facts, columns)
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
