import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { setPriority } from 'node:os'
import path from 'node:path'
import { makeCertificate } from './certificate.ts'
import { choose, type Flags, HELP, readFlags, UsageError } from './flags.ts'
import { install } from './install.ts'
import { isIsolated, makeAccount, runIsolated, whyNotIsolated } from './isolation.ts'
import { compileClient } from './load-client.ts'
import { addedServer, bareNode, oursAll } from './ours.ts'
import { findPeers } from './peers.ts'
import type { Places } from './places.ts'
import { report } from './report.ts'
import { type Plan, runRounds } from './rounds.ts'
import { isWorthWarming, type Row } from './row.ts'
import { allRows } from './rows.ts'
import type { ServerSpec } from './server-spec.ts'
import { Storage } from './storage.ts'
import { failures } from './table.ts'

const NICE = -10

/** The benchmark, from its command line to its exit status. */
export async function main(args: readonly string[], places: Places): Promise<number> {
  try {
    const flags = readFlags(args)
    if (flags.help) {
      process.stdout.write(HELP)
      return 0
    }
    if (flags.install) return installed(flags)
    if (process.platform !== 'linux') throw new UsageError('the benchmark reads /proc: it runs on Linux only')
    if (!isIsolated()) {
      const reason = whyNotIsolated()
      if (reason === undefined) return await runIsolated(args, places)
      say(`no namespaces of its own (${reason}): ports and settings are the machine's, and figures drift`)
    }
    return await measureAll(flags, places)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`bench: ${error.message}\n`)
    return 2
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

function installed({ peers }: Flags): number {
  const failed = install(peers, say)
  for (const [name, reason] of failed) say(`${name}: ${reason}`)
  say(`the peers are in ${peers}`)
  return failed.size > 0 ? 1 : 0
}

async function measureAll(flags: Flags, places: Places): Promise<number> {
  const servers = chooseServers(flags, places)
  const chosen = choose('row', allRows(flags), flags.rows)
  const brief = choose('row', allRows({ ...flags, secs: flags.warm }), flags.rows)
  goAhead()
  const client = compileClient(places.sources, flags.peers)
  const storage = new Storage()
  const scratch = mkdtempSync(path.join(path.dirname(storage.root), 'ftp-bench-run-'))
  process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
  chmodSync(scratch, 0o755)
  if (!storage.isInMemory) say(`no /dev/shm: the files are in ${storage.root}, and the disk is measured too`)
  storage.fill(flags, isIsolated() ? makeAccount(storage.root, scratch) : undefined)
  const certificate = client.hasTls ? makeCertificate(scratch) : undefined
  if (certificate === undefined) say('no rows with TLS: they want openssl, and its headers for the load client')
  const canRun = ({ run }: Row) => run.variant !== 'tls' || certificate !== undefined
  const rows = chosen.filter(canRun)
  const warmingRows = brief.filter((row) => canRun(row) && isWorthWarming(row))
  const { rounds, profile } = flags
  const ground = { root: storage.root, scratch, certificate }
  const bench = { client, storage, foreign: flags.foreign, sessions: flags.sessions }
  const plan: Plan = { rows, warmingRows, servers, rounds, ground, bench, profile, say, signal: interrupted() }
  const outcome = { rows, servers, results: await runRounds(plan) }
  report(flags, outcome)
  return failures(outcome).length > 0 ? 1 : 0
}

/** Goes before others on this machine, where that is allowed. */
function goAhead(): void {
  try {
    setPriority(NICE)
  } catch {
    // Figures drift more.
  }
}

/** Aborted by Ctrl-C, after which there is still a table of what was measured; a second one ends it all. */
function interrupted(): AbortSignal {
  const interruption = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (interruption.signal.aborted) process.exit(130)
      interruption.abort()
    })
  }
  return interruption.signal
}

/** Those that take part; a peer that is not there is an error only where it was asked for by name. */
function chooseServers(flags: Flags, places: Places): readonly ServerSpec[] {
  const [ours, ...forms] = oursAll(places)
  const found = findPeers({ peers: flags.peers, places, hasAccount: isIsolated() })
  const all = [ours, ...flags.added.map(addedServer), ...forms, ...found, bareNode(places)]
  const twice = all.find(({ name }, index) => all.findIndex((other) => other.name === name) !== index)
  if (twice !== undefined) throw new UsageError(`--add: there are two servers named "${twice.name}"`)
  return choose('server', all, flags.servers).flatMap((server) => {
    if (!('missing' in server)) return server
    if (flags.servers.length > 0) throw new UsageError(`${server.name}: ${server.missing}`)
    say(`${server.name} does not take part: ${server.missing}`)
    return []
  })
}
