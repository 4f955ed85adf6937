import path from 'node:path'
import { coldStart } from './cold.ts'
import type { Sample } from './figures.ts'
import { type Bench, idleMemory, load, undisturbed } from './measure.ts'
import type { Row, Run, Variant } from './row.ts'
import { type Ground, RunningServer } from './server-process.ts'
import { type ServerSpec, takesPart } from './server-spec.ts'

/** All samples: by the run's id, then by the server's name. */
export type Results = Map<string, Map<string, Sample[]>>

/** What is measured, and how. */
export interface Plan {
  readonly rows: readonly Row[]
  /** What is run once beforehand, and not counted. */
  readonly warmingRows: readonly Row[]
  readonly servers: readonly ServerSpec[]
  readonly rounds: number
  readonly ground: Ground
  readonly bench: Bench
  /** Where our server leaves CPU profiles. */
  readonly profile: string | undefined
  readonly say: (line: string) => void
  /** Ends the rounds early; what there is by then counts. */
  readonly signal: AbortSignal
}

/** Runs every row on every server that takes part, one after the other, over and over, so that all have the same luck. */
export async function runRounds(plan: Plan): Promise<Results> {
  const results: Results = new Map()
  const fleet = new Fleet(plan)
  try {
    await warm(plan, fleet)
    for (let round = 0; round < plan.rounds; round++) {
      for (const { run, takers } of runsOf(plan.rows, plan.servers)) {
        for (const server of turned(takers, round)) {
          const sample = await measured(plan, fleet, run, server)
          // The interruption reached the load client too.
          if (plan.signal.aborted) return results
          note(results, run, server, sample)
          plan.say(`round ${round + 1} ${run.id} ${server.name} ${sample.failed ?? told(sample)}`)
        }
      }
    }
    return results
  } finally {
    await fleet.stop()
  }
}

/** Servers in JavaScript or Python are compiled, and get their caches, while they run. */
async function warm(plan: Plan, fleet: Fleet): Promise<void> {
  for (const { run, takers } of runsOf(plan.warmingRows, plan.servers)) {
    for (const server of takers) {
      if (plan.signal.aborted) return
      const sample = await measured(plan, fleet, run, server)
      plan.say(`warm-up ${run.id} ${server.name} ${sample.failed ?? told(sample)}`)
    }
  }
}

interface Part {
  readonly run: Run
  readonly takers: readonly ServerSpec[]
}

/** Each run once, though several rows may want its figures. */
function runsOf(rows: readonly Row[], servers: readonly ServerSpec[]): Part[] {
  const first = new Map(rows.toReversed().map((row) => [row.run.id, row]))
  return [...new Set(rows.map((row) => row.run.id))].flatMap((id) => {
    const row = first.get(id)
    if (row === undefined) return []
    return [{ run: row.run, takers: servers.filter((server) => takesPart(server, row)) }]
  })
}

/** A list that begins with another element each time. */
function turned<T>(list: readonly T[], by: number): T[] {
  const start = list.length === 0 ? 0 : by % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}

function note(results: Results, run: Run, server: ServerSpec, sample: Sample): void {
  const byServer = results.get(run.id) ?? new Map<string, Sample[]>()
  results.set(run.id, byServer)
  byServer.set(server.name, [...(byServer.get(server.name) ?? []), sample])
}

function told({ figures }: Sample): string {
  const shown = ['rate', 'mbps', 'medianMs', 'off', 'gapMs', 'pss', 'import', 'use', 'foreign']
  return shown.flatMap((name) => (figures[name] === undefined ? [] : [`${name} ${figures[name].toFixed(2)}`])).join(' ')
}

async function measured(plan: Plan, fleet: Fleet, run: Run, server: ServerSpec): Promise<Sample> {
  const { bench, ground } = plan
  const target = ({ port }: RunningServer) => ({ port, isEarly: server.isEarly === true && run.variant === 'tls' })
  try {
    if (run.way === 'cold') return await undisturbed(bench.foreign, () => coldStart(server, ground.root))
    if (run.way === 'load') {
      const one = await fleet.get(server, run)
      return await undisturbed(bench.foreign, () => load(bench, one.pid, target(one), run))
    }
    // One that nobody has used: what sessions leave behind would be counted as nothing.
    const fresh = await RunningServer.start(server, run.variant, ground)
    try {
      return await idleMemory(bench, fresh.pid, target(fresh))
    } finally {
      await fresh.stop()
    }
  } catch (error) {
    return { figures: {}, failed: (error as Error).message }
  }
}

/** The servers that are running: each once for each variant, from the first run that needs it on. */
class Fleet {
  readonly #plan: Plan
  readonly #running = new Map<string, Promise<RunningServer>>()
  #profiled = ''

  constructor(plan: Plan) {
    this.#plan = plan
  }

  async get(server: ServerSpec, run: Run): Promise<RunningServer> {
    const profiles = this.#profilesOf(server, run)
    if (profiles !== undefined && this.#profiled !== run.id) await this.#stopOurs(run)
    const key = this.#key(server, run.variant)
    const known = this.#running.get(key)
    if (known !== undefined) return known
    const started = RunningServer.start(server, run.variant, this.#plan.ground, profiles)
    this.#running.set(key, started)
    return started
  }

  #key({ name }: ServerSpec, variant: Variant): string {
    return `${name} ${variant}`
  }

  #profilesOf(server: ServerSpec, run: Run): string | undefined {
    const { profile } = this.#plan
    return profile === undefined || server.kind !== 'ours' ? undefined : path.join(profile, run.id)
  }

  /** A profile ends with its process: each row has a process of its own then. */
  async #stopOurs(run: Run): Promise<void> {
    this.#profiled = run.id
    for (const [key, started] of this.#running) {
      if (!key.startsWith('ours ')) continue
      this.#running.delete(key)
      await (await started).stop()
    }
  }

  async stop(): Promise<void> {
    await Promise.all(
      [...this.#running.values()].map(async (started) => (await started.catch(() => undefined))?.stop()),
    )
  }
}
