import fc from 'fast-check'
import { test } from 'vitest'

/**
 * `npm test` tries a few inputs; `npm run fuzz` tries each property for `FUZZ_SECONDS`, or with `FUZZ_RUNS` inputs however
 * long they take. `FUZZ_SEED` and `FUZZ_PATH` repeat what a failure has printed.
 */
const { MODE, FUZZ_PATH } = process.env

/** Whether this is `npm run fuzz`, to look further than there is time for in `npm test`. */
export const isLong = MODE === 'fuzz'

const RUNS = numberIn('FUZZ_RUNS')
const SEED = numberIn('FUZZ_SEED')
const SECONDS = numberIn('FUZZ_SECONDS') ?? 5
const DEFAULT_RUNS = 100
/** What a property may take beyond its time: its last input, and to make a failing one small. */
const GRACE_MS = 120_000
const UNLIMITED = 2 ** 31 - 1

/** How a property is tried, beside how often. */
export interface Trial<Inputs> {
  /** Inputs tried first: those that a fault was found with once. */
  readonly examples?: readonly Inputs[]
  /** How many inputs `npm test` tries. Default: 100. */
  readonly runs?: number
}

/** A test that a property holds for whatever is put in. */
export function holds<Inputs>(
  name: string,
  property: fc.IRawProperty<Inputs>,
  { examples = [], runs = DEFAULT_RUNS }: Trial<Inputs> = {},
): void {
  const parameters: fc.Parameters<Inputs> = {
    ...limits(runs),
    ...(SEED === undefined ? {} : { seed: SEED }),
    ...(FUZZ_PATH === undefined ? {} : { path: FUZZ_PATH }),
    examples: [...examples],
  }
  test(name, async () => tryOut(property, parameters), timeoutMs())
}

async function tryOut<Inputs>(property: fc.IRawProperty<Inputs>, parameters: fc.Parameters<Inputs>): Promise<void> {
  const details = await fc.check(property, parameters)
  // Its message has the seed, the path and the smallest input that fails.
  if (details.failed) {
    throw new Error(await fc.asyncDefaultReportMessage(details), { cause: details.errorInstance })
  }
  if (isLong) console.info(`${details.numRuns} inputs`)
}

function limits(runs: number): { numRuns: number; interruptAfterTimeLimit?: number } {
  if (!isLong) return { numRuns: runs }
  if (RUNS !== undefined) return { numRuns: RUNS }
  return { numRuns: UNLIMITED, interruptAfterTimeLimit: SECONDS * 1000 }
}

/** No limit where the number of inputs is the limit; that of all tests in `npm test`. */
function timeoutMs(): number | undefined {
  if (!isLong) return undefined
  return RUNS === undefined ? SECONDS * 1000 + GRACE_MS : 0
}

function numberIn(name: string): number | undefined {
  const text = process.env[name]
  if (text === undefined) return undefined
  if (!/^-?\d+$/.test(text)) throw new Error(`${name}: expected a whole number, found "${text}"`)
  return Number(text)
}
