import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Sample } from './figures.ts'
import { parseReport } from './load-client.ts'
import type { ServerSpec } from './server-spec.ts'

const PATIENCE_MS = 60_000

/** Runs a program that imports, starts and stops a server in a process of its own, and reads what it prints. */
export async function coldStart(spec: ServerSpec, root: string): Promise<Sample> {
  const { cold } = spec
  if (cold === undefined) throw new Error(`${spec.name} has no program for a cold start`)
  const child = spawn(cold.command, cold.args, {
    // What a fixture makes of its own is to lie in memory as well.
    env: { ...process.env, ROOT: root, TMPDIR: path.join(root, 'up'), ...cold.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  })
  let [output, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  await once(child, 'close')
  return parseReport(output, errors)
}
