import { setMaxListeners } from 'node:events'
import { type PlayRequest, type PlayResult, playScenario } from './play.ts'

/** Scenarios to be played with one command. */
export interface PlayAllRequest extends Omit<PlayRequest, 'scenario' | 'interrupted'> {
  readonly scenarios: readonly string[]
  /** How many are played at a time. */
  readonly jobs: number
  /** Whether the first that fails is the last one. */
  readonly bail: boolean
  /** Stops when it aborts. */
  readonly interrupted: AbortSignal
  /** Told when a scenario begins. */
  readonly onBegin?: (scenario: string) => void
  /** Told when a scenario is over. */
  readonly onResult?: (result: PlayResult) => void
}

/** Plays scenarios; gives the results of those that were played to their end, in the order of the scenarios. */
export async function playAll(request: PlayAllRequest): Promise<PlayResult[]> {
  const { scenarios, jobs, bail, interrupted, onBegin, onResult, ...rest } = request
  const results = new Map<string, PlayResult>()
  const stop = new AbortController()
  // Each command that runs listens for the end, and all for that of the process.
  setMaxListeners(jobs + 10, stop.signal)
  process.setMaxListeners(process.getMaxListeners() + jobs)
  const stopAll = () => stop.abort()
  interrupted.addEventListener('abort', stopAll)
  if (interrupted.aborted) stopAll()
  const left = scenarios.values()
  const work = async () => {
    for (const scenario of left) {
      if (stop.signal.aborted) return
      onBegin?.(scenario)
      const result = await playScenario({ ...rest, scenario, interrupted: stop.signal })
      if (result.ending.is === 'interrupted') return
      results.set(scenario, result)
      onResult?.(result)
      if (bail && !result.passed) stopAll()
    }
  }
  try {
    await allEnded(Array.from({ length: Math.min(jobs, scenarios.length) }, work), stopAll)
  } finally {
    interrupted.removeEventListener('abort', stopAll)
    process.setMaxListeners(process.getMaxListeners() - jobs)
  }
  return scenarios.flatMap((scenario) => results.get(scenario) ?? [])
}

/** Waits for all; the first that fails has the others stopped, and is thrown when they are. */
async function allEnded(working: readonly Promise<void>[], stop: () => void): Promise<void> {
  const outcomes = await Promise.allSettled(
    working.map(async (each) => {
      try {
        await each
      } catch (error) {
        stop()
        throw error
      }
    }),
  )
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
