import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import path from 'node:path'
import type { Flags } from './flags.ts'
import { header } from './header.ts'
import type { Results } from './rounds.ts'
import { cpuTable, failures, hasSaturated, mainTable, type Outcome, render, seamsTable, verdict } from './table.ts'

/** Prints all there is to say of what was measured, and writes it to a file where that was asked for. */
export function report(flags: Flags, outcome: Outcome): void {
  const print = (text: string) => process.stdout.write(`${text}\n`)
  print(header(outcome.servers).join(flags.markdown ? '  \n' : '\n'))
  print(`\n${render(mainTable(outcome), flags.markdown)}`)
  print('\nMedians; in brackets the ratio to the best peer, above 1 is better.')
  if (hasSaturated(outcome))
    print('* The load client took all of the CPU that it can use: a faster server would show little more.')
  const tables = [
    ['The server’s CPU', cpuTable(outcome)],
    [
      'The same server as a fixture, and with a scenario that never applies; ratios to the server alone',
      seamsTable(outcome),
    ],
  ] as const
  for (const [title, grid] of tables) if (grid.length > 1) print(`\n${title}:\n\n${render(grid, flags.markdown)}`)
  const failed = failures(outcome)
  if (failed.length > 0) print(`\nFailed:\n${failed.map((line) => `- ${line}`).join('\n')}`)
  print(`\n${verdict(outcome)}`)
  if (flags.json !== undefined) writeJson(flags.json, outcome.results)
}

function writeJson(file: string, results: Results): void {
  const plain = Object.fromEntries([...results].map(([id, byServer]) => [id, Object.fromEntries(byServer)]))
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify({ load: loadavg(), results: plain }, undefined, 1)}\n`)
}
