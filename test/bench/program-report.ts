import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Sample } from './figures.ts'

/** How a program is run. */
interface Run {
  /** After so long it is killed. */
  readonly timeoutMs: number
  readonly env?: NodeJS.ProcessEnv
}

/** Runs a program to its end, and reads what it reports. */
export async function runReporting(
  command: string,
  args: readonly string[],
  { timeoutMs, env = process.env }: Run,
): Promise<Sample> {
  const child = spawn(command, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
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

/** What a program says on its last line, as figures. */
export function parseReport(output: string, errors = ''): Sample {
  const line = output.trim().split('\n').at(-1) ?? ''
  try {
    const report = JSON.parse(line) as Record<string, unknown>
    const figures = Object.entries(report).filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    const sample = { figures: Object.fromEntries(figures) }
    return report.errors === 0 ? sample : { ...sample, failed: String(report.why || 'errors') }
  } catch {
    return { figures: {}, failed: `the client said: ${line}${errors}` }
  }
}
