import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import type { FtpEvent } from '../handlers/events.ts'
import { recordFromNow, withDialogue } from '../harness/failure.ts'

/** What jest tells an environment of, as far as failures are concerned. */
export interface CircusEvent {
  readonly name: string
  readonly test?: { readonly errors: readonly unknown[] } | undefined
}

/** What each test that runs has said to the server, to be told with its failure. */
export class Dialogues {
  readonly #ftp: FtpFixture
  readonly #running = new Map<object, () => readonly FtpEvent[]>()

  constructor(ftp: FtpFixture) {
    this.#ftp = ftp
  }

  handle({ name, test }: CircusEvent): void {
    if (test === undefined) return
    if (name === 'test_start') this.#running.set(test, recordFromNow(this.#ftp))
    if (name !== 'test_done') return
    const recorded = this.#running.get(test)
    this.#running.delete(test)
    // jest keeps an error beside the place where its test was written, or text that it has made of it.
    for (const kept of test.errors) explain(Array.isArray(kept) ? kept[0] : kept, recorded?.() ?? [])
  }
}

/** Errors are the test's: of another realm, and no `Error` of ours. */
function explain(error: unknown, events: readonly FtpEvent[]): void {
  if (typeof error !== 'object' || error === null || !('message' in error)) return
  error.message = withDialogue(String(error.message), events)
  if ('stack' in error && typeof error.stack === 'string') error.stack = withDialogue(error.stack, events)
}
