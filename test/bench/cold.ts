import path from 'node:path'
import type { Sample } from './figures.ts'
import { runReporting } from './program-report.ts'
import type { ServerSpec } from './server-spec.ts'

const PATIENCE_MS = 60_000

/** Runs a program that imports, starts and stops a server in a process of its own, and reads what it prints. */
export async function coldStart(spec: ServerSpec, root: string): Promise<Sample> {
  const { cold } = spec
  if (cold === undefined) throw new Error(`${spec.name} has no program for a cold start`)
  // What a fixture makes of its own is to lie in memory as well.
  const env = { ...process.env, ROOT: root, TMPDIR: path.join(root, 'up'), ...cold.env }
  return runReporting(cold.command, cold.args, { timeoutMs: PATIENCE_MS, env })
}
