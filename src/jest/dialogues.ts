import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import type { FtpEvent } from '../handlers/events.ts'
import { explainError, recordFromNow } from '../harness/failure.ts'

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
    for (const kept of test.errors) explainError(Array.isArray(kept) ? kept[0] : kept, recorded?.() ?? [])
  }
}
