import { best, digits, medianOf, ratio, type Sample } from './figures.ts'
import type { Results } from './rounds.ts'
import type { Row } from './row.ts'
import type { ServerSpec } from './server-spec.ts'

/** A client that took so much of what it could is what was measured, as much as the server. */
const SATURATED = 0.9

/** Lines of cells; the first is the head, and the first cell of each names it. */
export type Grid = readonly (readonly string[])[]

/** What there is to report on. */
export interface Outcome {
  readonly rows: readonly Row[]
  readonly servers: readonly ServerSpec[]
  readonly results: Results
}

function samplesOf({ results }: Outcome, row: Row, server: ServerSpec): readonly Sample[] {
  return results.get(row.run.id)?.get(server.name) ?? []
}

function figureOf(outcome: Outcome, row: Row, server: ServerSpec): number | undefined {
  return medianOf(samplesOf(outcome, row, server), row.figure)
}

/** The best figure that a peer has in a row. */
function bestPeer(outcome: Outcome, row: Row): number | undefined {
  const peers = outcome.servers.filter(({ kind }) => kind === 'peer')
  return best(
    row.unit,
    peers.flatMap((peer) => figureOf(outcome, row, peer) ?? []),
  )
}

function isSaturated(samples: readonly Sample[]): boolean {
  return (medianOf(samples, 'clientShare') ?? 0) >= SATURATED
}

function cell(outcome: Outcome, row: Row, server: ServerSpec, against: number | undefined): string {
  const samples = samplesOf(outcome, row, server)
  const value = figureOf(outcome, row, server)
  if (value === undefined) return samples.some(({ failed }) => failed !== undefined) ? 'failed' : '–'
  const compared = ratio(row.unit, value, against)
  const mark = isSaturated(samples) ? '*' : ''
  return `${digits(value)}${mark}${compared === undefined ? '' : ` (${compared.toFixed(2)})`}`
}

/** Those that have something to show in one of some rows. */
function present({ results }: Outcome, servers: readonly ServerSpec[], rows: readonly Row[]): readonly ServerSpec[] {
  return servers.filter(({ name }) => rows.some(({ run }) => results.get(run.id)?.has(name) === true))
}

/** Medians of each row, with the ratio to the best peer. */
export function mainTable(outcome: Outcome): Grid {
  const servers = present(
    outcome,
    outcome.servers.filter(({ kind }) => kind !== 'seams'),
    outcome.rows,
  )
  return [
    ['row', 'unit', ...servers.map(({ name }) => name)],
    ...outcome.rows.map((row) => {
      const peer = bestPeer(outcome, row)
      return [row.name, row.unit, ...servers.map((server) => cell(outcome, row, server, peer))]
    }),
  ]
}

/** What each operation, or each GiB, took of the server's CPU. */
export function cpuTable(outcome: Outcome): Grid {
  const rows = outcome.rows.filter(({ run }) => run.way === 'load' && run.variant !== 'throttled')
  const servers = present(outcome, outcome.servers, rows)
  return [
    ['row', 'unit', ...servers.map(({ name }) => name)],
    ...rows.map((row) => {
      const [figure, unit] = row.unit === 'MB/s' ? ['secondsPerGiB', 's/GiB'] : ['microsPerOp', 'µs/op']
      const values = servers.map((server) => medianOf(samplesOf(outcome, row, server), figure))
      return [row.name, unit, ...values.map((value) => (value === undefined ? '–' : digits(value)))]
    }),
  ]
}

/** The bulk rows for our server alone, as a fixture, and with an idle scenario, against the server alone. */
export function seamsTable(outcome: Outcome): Grid {
  const forms = outcome.servers.filter(({ kind }) => kind === 'seams' || kind === 'ours')
  const rows = outcome.rows.filter(({ isBulk }) => isBulk)
  const servers = present(outcome, forms, rows)
  if (!servers.some(({ kind }) => kind === 'seams')) return []
  const alone = servers.find(({ kind }) => kind === 'ours')
  return [
    ['row', 'unit', ...servers.map(({ name }) => name)],
    ...rows.map((row) => {
      const against = alone === undefined ? undefined : figureOf(outcome, row, alone)
      return [row.name, row.unit, ...servers.map((server) => cell(outcome, row, server, against))]
    }),
  ]
}

/** Every run that gave no figures, in words; those of one server with the same reason in one line. */
export function failures({ results }: Outcome): string[] {
  const runs = new Map<string, string[]>()
  for (const [id, byServer] of results) {
    for (const [server, samples] of byServer) {
      const failed = samples.flatMap((sample) => sample.failed ?? [])
      if (failed[0] === undefined) continue
      const title = `${server}: ${failed[0]}`
      runs.set(title, [...(runs.get(title) ?? []), `${id} (${failed.length} of ${samples.length})`])
    }
  }
  return [...runs].map(([title, ids]) => `${title}: ${ids.join(', ')}`)
}

/** Whether a figure is one for which the client, not the server, may have been the limit. */
export function hasSaturated({ results }: Outcome): boolean {
  return [...results.values()].some((byServer) => [...byServer.values()].some(isSaturated))
}

/** In one line, the rows where a peer is ahead of our server. */
export function verdict(outcome: Outcome): string {
  const ours = outcome.servers.find(({ kind }) => kind === 'ours')
  if (ours === undefined) return 'Our server did not take part.'
  const compared = outcome.rows.flatMap((row) => {
    const value = figureOf(outcome, row, ours)
    const against = value === undefined ? undefined : ratio(row.unit, value, bestPeer(outcome, row))
    return against === undefined ? [] : [{ name: row.name, against }]
  })
  if (compared.length === 0) return 'No peer to compare with took part.'
  const behind = compared.filter(({ against }) => against < 1)
  if (behind.length === 0) return `First on each of ${compared.length} rows.`
  const named = behind.map(({ name, against }) => `${name} (${against.toFixed(2)})`).join(', ')
  return `Not first on ${behind.length} of ${compared.length} rows: ${named}.`
}

/** A grid as text in columns, or as a table in Markdown. */
export function render(grid: Grid, isMarkdown: boolean): string {
  const [head = []] = grid
  const widths = head.map((_, column) => Math.max(...grid.map((line) => line[column]?.length ?? 0)))
  const padded = grid.map((line) =>
    line.map((text, column) => (column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0))),
  )
  if (!isMarkdown) return padded.map((line) => line.join('  ')).join('\n')
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  const [first = [], ...rest] = padded
  return [first, rule, ...rest].map((line) => `| ${line.join(' | ')} |`).join('\n')
}
