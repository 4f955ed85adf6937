import type { RunnerTestCase } from 'vitest'
import type { FtpEvent } from '../handlers/events.ts'
import { explainError } from '../harness/failure.ts'

/** Adds to the errors of a failed test what its server and client said to each other, for every reporter to show. */
export function explainFailure(task: Readonly<RunnerTestCase>, events: readonly FtpEvent[]): void {
  // One is enough: of several, the others are mostly what followed from it.
  explainError(task.result?.errors?.at(-1), events)
}
