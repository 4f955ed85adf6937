import { setTimeout as sleep } from 'node:timers/promises'
import type { Sample } from './figures.ts'
import { holdSessions, type LoadClient, runClient, type Target } from './load-client.ts'
import { busySeconds, CORES, cpuOf, memoryOf } from './proc.ts'
import { RATE, type Run } from './row.ts'
import type { Storage } from './storage.ts'

const TRIES = 3
const PATIENCE_MS = 3000
const GLANCE_MS = 100
/** Until a server has done what follows a login or a quit. */
const SETTLE_MS = 500
const GIB = 2 ** 30

/** What every measurement needs. */
export interface Bench {
  readonly client: LoadClient
  readonly storage: Storage
  /** The share of the machine that others may take. */
  readonly foreign: number
  readonly sessions: number
}

/** Waits, not for ever, until others leave the machine alone; not at all where they may have it all. */
async function quiet(foreign: number): Promise<void> {
  if (foreign >= 1) return
  const untilMs = performance.now() + PATIENCE_MS
  while (performance.now() < untilMs) {
    const [busy, startedMs] = [busySeconds(), performance.now()]
    await sleep(GLANCE_MS)
    if (busySeconds() - busy <= (foreign * CORES * (performance.now() - startedMs)) / 1000) return
  }
}

/** Runs a measurement until others took little of the machine; of three tries, the least disturbed one counts. */
export async function undisturbed(foreign: number, once: () => Promise<Sample>): Promise<Sample> {
  let chosen: Sample | undefined
  let least = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < TRIES; attempt++) {
    await quiet(foreign)
    const [busy, own, startedMs] = [busySeconds(), cpuOf(process.pid), performance.now()]
    const sample = await once()
    const others = busySeconds() - busy - (cpuOf(process.pid) - own)
    const share = Math.max(0, (1000 * others) / (CORES * (performance.now() - startedMs)))
    if (sample.failed !== undefined) return sample
    if (share < least) {
      least = share
      chosen = { figures: { ...sample.figures, foreign: share } }
    }
    if (share <= foreign) break
  }
  return chosen ?? { figures: {}, failed: 'never measured' }
}

/** The figures of a run of the load client, with the server's CPU and how busy the client was. */
export async function load(bench: Bench, pid: number, target: Target, run: Run): Promise<Sample> {
  const { client, storage } = bench
  const isUpload = run.client.at(-1) === 'stor'
  if (isUpload) storage.release()
  const [before, startedMs] = [cpuOf(pid), performance.now()]
  const sample = await runClient(client, target, run.client)
  const wall = (performance.now() - startedMs) / 1000
  const cpu = cpuOf(pid) - before
  if (isUpload) storage.keep()
  else storage.clear()
  return { ...sample, figures: derived(sample.figures, run, { wall, cpu }) }
}

/** What follows from the client's figures, and the seconds of the clock and of the server's CPU that were spent. */
export function derived(
  figures: Sample['figures'],
  run: Pick<Run, 'threads'>,
  spent: { readonly wall: number; readonly cpu: number },
): Record<string, number> {
  const { ops = 0, bytes = 0, bytesPerSecond = 0, clientCpu = 0, secs = 0 } = figures
  const room = Math.min(run.threads, CORES) * (secs > 0 ? secs : spent.wall)
  return {
    ...figures,
    clientShare: clientCpu / room,
    ...(ops > 0 ? { microsPerOp: (spent.cpu * 1e6) / ops } : {}),
    ...(bytes > 0 ? { secondsPerGiB: spent.cpu / (bytes / GIB) } : {}),
    ...(bytesPerSecond > 0 ? { off: (100 * Math.abs(bytesPerSecond - RATE)) / RATE } : {}),
  }
}

/** What each of many idle sessions takes of a server that has had a few before. */
export async function idleMemory(bench: Bench, pid: number, target: Target): Promise<Sample> {
  const { client, sessions } = bench
  const warm = await runClient(client, target, ['-t', '0.01', 'sessions'])
  if (warm.failed !== undefined) return warm
  await sleep(SETTLE_MS)
  const before = memoryOf(pid)
  return holdSessions(client, target, sessions, async () => {
    await sleep(SETTLE_MS)
    const after = memoryOf(pid)
    return {
      figures: { pss: (after.pss - before.pss) / sessions, rss: (after.rss - before.rss) / sessions, base: before.rss },
    }
  })
}
