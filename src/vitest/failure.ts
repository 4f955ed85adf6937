import type { RunnerTestCase } from 'vitest'
import type { FtpEvent } from '../handlers/events.ts'
import { withDialogue } from '../harness/failure.ts'

/** Adds to the errors of a failed test what its server and client said to each other, for every reporter to show. */
export function explainFailure(task: Readonly<RunnerTestCase>, events: readonly FtpEvent[]): void {
  // One is enough: of several, the others are mostly what followed from it.
  const error = task.result?.errors?.at(-1)
  if (error === undefined) return
  error.message = withDialogue(error.message, events)
  if (error.stack !== undefined) error.stack = withDialogue(error.stack, events)
}
