import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, setPriority, tmpdir } from 'node:os'
import path from 'node:path'
import { choose, type Flags, HELP, readFlags, UsageError } from './flags.ts'
import { header } from './header.ts'
import { install } from './install.ts'
import { isIsolated, makeAccount, runIsolated, whyNotIsolated } from './isolation.ts'
import { compileClient } from './load-client.ts'
import { addedServer, bareNode, oursAll } from './ours.ts'
import { findPeers } from './peers.ts'
import type { Places } from './places.ts'
import { type Plan, type Results, runRounds } from './rounds.ts'
import { allRows } from './rows.ts'
import type { Certificate, ServerSpec } from './server-spec.ts'
import { Storage } from './storage.ts'
import { cpuTable, failures, hasSaturated, mainTable, type Outcome, render, seamsTable, verdict } from './table.ts'

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
    checkNames(flags, places)
    if (!isIsolated()) {
      const reason = whyNotIsolated()
      if (reason === undefined) return await runIsolated(args)
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

/** Everybody who may take part, present or not: a mistake in a name is told before anything is done. */
function checkNames(flags: Flags, places: Places): void {
  choose('row', allRows(flags), flags.rows)
  const found = findPeers({ peers: flags.peers, places, hasAccount: true })
  const own = [...oursAll(places), ...flags.added, bareNode(places)]
  const all = [...own, ...found]
  const twice = all.find(({ name }, index) => all.findIndex((other) => other.name === name) !== index)
  if (twice !== undefined) throw new UsageError(`--add: there are two servers named "${twice.name}"`)
  for (const { name, missing } of choose('server', all, flags.servers).map((one) => ({ missing: undefined, ...one }))) {
    if (missing !== undefined && flags.servers.length > 0) throw new UsageError(`${name}: ${missing}`)
  }
}

async function measureAll(flags: Flags, places: Places): Promise<number> {
  if (process.getuid?.() === 0) setPriority(NICE)
  const client = compileClient(places.sources, flags.peers)
  const storage = new Storage()
  const scratch = mkdtempSync(path.join(tmpdir(), 'ftp-bench-run-'))
  process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
  chmodSync(scratch, 0o755)
  try {
    if (!storage.isInMemory) say(`no /dev/shm: the files are in ${storage.root}, and the disk is measured too`)
    const owner = isIsolated() ? makeAccount(storage.root, scratch) : undefined
    storage.fill(flags, owner)
    const certificate = client.hasTls ? makeCertificate(scratch) : undefined
    if (certificate === undefined) say('no rows with TLS: they want openssl, and its headers for the load client')
    const servers = chooseServers(flags, places, owner !== undefined)
    const rows = choose('row', allRows(flags), flags.rows).filter(
      ({ run }) => run.variant !== 'tls' || certificate !== undefined,
    )
    const { rounds, profile } = flags
    const ground = { root: storage.root, scratch, certificate }
    const bench = { client, storage, foreign: flags.foreign, sessions: flags.sessions }
    const plan: Plan = { rows, servers, rounds, ground, bench, profile, say, signal: interrupted() }
    const results = await runRounds(plan)
    report(flags, { rows, servers, results })
    return failures({ rows, servers, results }).length > 0 ? 1 : 0
  } finally {
    storage.remove()
    rmSync(scratch, { recursive: true, force: true })
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

function chooseServers(flags: Flags, places: Places, hasAccount: boolean): readonly ServerSpec[] {
  const peers: ServerSpec[] = []
  for (const found of findPeers({ peers: flags.peers, places, hasAccount })) {
    if (!('missing' in found)) peers.push(found)
    else say(`${found.name} does not take part: ${found.missing}`)
  }
  const [ours, ...forms] = oursAll(places)
  const all = [...(ours === undefined ? [] : [ours]), ...flags.added.map(addedServer), ...forms, ...peers]
  return choose('server', [...all, bareNode(places)], flags.servers)
}

/** RSA with 2048 bits, as most servers have; `undefined` where openssl is missing. */
function makeCertificate(scratch: string): Certificate | undefined {
  const [cert, key, both] = ['cert.pem', 'key.pem', 'both.pem'].map((file) => path.join(scratch, file)) as [
    string,
    string,
    string,
  ]
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=localhost']
  const { status } = spawnSync('openssl', [...request, '-keyout', key, '-out', cert])
  if (status !== 0) return undefined
  writeFileSync(both, `${readFileSync(key, 'utf8')}${readFileSync(cert, 'utf8')}`, { mode: 0o600 })
  return { cert, key, both }
}

function report(flags: Flags, outcome: Outcome): void {
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
