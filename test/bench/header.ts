import { execFileSync } from 'node:child_process'
import { cpus, release, type as systemName, totalmem } from 'node:os'
import { CORES } from './proc.ts'
import type { ServerSpec } from './server-spec.ts'

const GIB = 2 ** 30

/** On what was measured, and with which versions of everything. */
export function header(servers: readonly ServerSpec[], date: Date = new Date()): string[] {
  const versions = servers.filter(({ kind }) => kind === 'ours' || kind === 'added' || kind === 'peer')
  const [processor] = cpus()
  const memory = `${Math.round(totalmem() / GIB)} GiB of memory`
  return [
    `${date.toISOString().slice(0, 10)}, ${processor?.model.trim() ?? 'unknown processor'}, ${CORES} cores, ${memory}`,
    `${systemName()} ${release()}, Node ${process.version}, ${compiler()}`,
    versions.map(({ name, version }) => `${name} ${version}`).join(', '),
  ]
}

function compiler(): string {
  return execFileSync('cc', ['--version'], { encoding: 'utf8' }).split('\n', 1)[0] ?? ''
}
