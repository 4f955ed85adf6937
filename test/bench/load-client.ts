import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Sample } from './figures.ts'
import { parseReport, runReporting } from './program-report.ts'
import { PASSWORD, USER } from './server-spec.ts'

const PATIENCE_MS = 120_000

/** The program in C that puts load on a server, compiled. */
export interface LoadClient {
  readonly file: string
  readonly hasTls: boolean
}

/** Compiles the load client unless that has been done; without OpenSSL's headers, it knows no TLS. */
export function compileClient(sources: string, directory: string): LoadClient {
  const source = path.join(sources, 'client.c')
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16)
  const ways = [
    { file: path.join(directory, `client-${hash}-tls`), hasTls: true, flags: ['-DTLS'], after: ['-lssl', '-lcrypto'] },
    { file: path.join(directory, `client-${hash}`), hasTls: false, flags: [], after: [] },
  ]
  const made = ways.find(({ file }) => existsSync(file))
  if (made !== undefined) return made
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  let errors = ''
  for (const way of ways) {
    const partial = `${way.file}.${process.pid}`
    const args = ['-O2', '-pthread', ...way.flags, '-o', partial, source, ...way.after]
    const { status, stderr, error } = spawnSync('cc', args, { encoding: 'utf8' })
    if (status === 0) {
      renameSync(partial, way.file)
      return way
    }
    errors = error?.message ?? stderr
  }
  throw new Error(`the load client does not compile: ${errors}`)
}

/** What the client is told of a server. */
export interface Target {
  readonly port: number
  readonly isEarly: boolean
}

function argumentsFor({ port, isEarly }: Target, args: readonly string[]): string[] {
  return ['-P', String(port), '-u', USER, '-w', PASSWORD, ...(isEarly ? ['-e'] : []), ...args]
}

/** Runs the client to its end. */
export function runClient(client: LoadClient, target: Target, args: readonly string[]): Promise<Sample> {
  return runReporting(client.file, argumentsFor(target, args), { timeoutMs: PATIENCE_MS })
}

/** Sessions that are logged in and idle, as long as they are held. */
export async function holdSessions<T>(
  client: LoadClient,
  target: Target,
  count: number,
  meanwhile: () => Promise<T>,
): Promise<T | Sample> {
  const child = spawn(client.file, argumentsFor(target, ['-n', String(count), 'idle']), {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const closed = new Promise((resolve) => child.on('close', resolve))
  const [line] = await Promise.race([
    new Promise<string[]>((resolve) =>
      createInterface({ input: child.stdout }).once('line', (text) => resolve([text])),
    ),
    closed.then(() => ['']),
  ])
  const report = parseReport(line ?? '')
  const result = report.failed === undefined ? await meanwhile() : report
  child.stdin.end()
  await closed
  return result
}
