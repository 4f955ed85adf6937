import { expect, test } from 'vitest'
import type { Sample } from './figures.ts'
import { readFlags } from './flags.ts'
import { allRows } from './rows.ts'
import type { Kind, ServerSpec } from './server-spec.ts'
import { cpuTable, failures, hasSaturated, mainTable, type Outcome, render, seamsTable, verdict } from './table.ts'

const server = (name: string, kind: Kind): ServerSpec => ({ name, kind, version: '1', abilities: new Set() })
const servers = [
  server('ours', 'ours'),
  server('ours-scenario', 'seams'),
  server('fast', 'peer'),
  server('slow', 'peer'),
]
const rate = (value: number): Sample => ({ figures: { rate: value, microsPerOp: 1e6 / value } })
const mbps = (value: number, clientShare = 0.5): Sample => ({
  figures: { mbps: value, secondsPerGiB: 0.25, clientShare },
})
const broken: Sample = { figures: {}, failed: 'printed no port' }

function outcome(results: Record<string, Record<string, readonly Sample[]>>): Outcome {
  const rows = allRows(readFlags([])).filter(({ run }) => run.id in results)
  const byServer = ([id, each]: [string, Record<string, readonly Sample[]>]) =>
    [id, new Map(Object.entries(each).map(([name, samples]) => [name, [...samples]]))] as const
  return { rows, servers, results: new Map(Object.entries(results).map(byServer)) }
}

const both = outcome({
  'noop-c1': { ours: [rate(200), rate(100), rate(150)], fast: [rate(100)], slow: [rate(50)] },
  'retr-c1': { ours: [mbps(500)], 'ours-scenario': [mbps(450)], fast: [mbps(1000, 0.95)], slow: [broken] },
})

test('each row has medians, and ratios to the best peer', () => {
  expect(mainTable(both)).toEqual([
    ['row', 'unit', 'ours', 'fast', 'slow'],
    ['noop-c1', '/s', '150 (1.50)', '100 (1.00)', '50.0 (0.50)'],
    ['retr-c1', 'MB/s', '500 (0.50)', '1,000* (1.00)', 'failed'],
  ])
  expect(hasSaturated(both)).toBe(true)
})

test('CPU is told in a table of its own', () => {
  expect(cpuTable(both)).toEqual([
    ['row', 'unit', 'ours', 'ours-scenario', 'fast', 'slow'],
    ['noop-c1', 'µs/op', '6,667', '–', '10,000', '20,000'],
    ['retr-c1', 's/GiB', '0.25', '0.25', '0.25', '–'],
  ])
})

test('what an idle scenario costs is told against our server without one', () => {
  expect(seamsTable(both)).toEqual([
    ['row', 'unit', 'ours', 'ours-scenario'],
    ['retr-c1', 'MB/s', '500 (1.00)', '450 (0.90)'],
  ])
  expect(seamsTable(outcome({ 'retr-c1': { ours: [mbps(1)] } }))).toEqual([])
})

test('failures are told by their reason', () => {
  const all = outcome({
    'noop-c1': { slow: [broken, broken, rate(1)] },
    'retr-c1': { slow: [broken], ours: [mbps(1)] },
  })
  expect(failures(all)).toEqual(['slow: printed no port: noop-c1 (2 of 3), retr-c1 (1 of 1)'])
})

test('the rows where a peer is ahead are named', () => {
  expect(verdict(both)).toBe('Not first on 1 of 2 rows: retr-c1 (0.50).')
  for (const slow of [1, 2]) {
    expect(verdict(outcome({ 'noop-c1': { ours: [rate(2)], slow: [rate(slow)] } }))).toBe('First on each of 1 rows.')
  }
  expect(verdict(outcome({ 'noop-c1': { ours: [rate(2)] } }))).toBe('No peer to compare with took part.')
})

test('a table is columns, or Markdown', () => {
  const grid = [
    ['row', 'ours'],
    ['noop-c1', '1'],
  ]
  expect(render(grid, false)).toBe('row      ours\nnoop-c1     1')
  expect(render(grid, true)).toBe('| row     | ours |\n| ------- | ---: |\n| noop-c1 |    1 |')
})
