import type { FtpEvent } from '../../handlers/events.ts'
import { FtpFixtureError } from '../../options/error.ts'

/** Where in the dialogue something is to be seen: at an event, or at its end. */
export interface Mark {
  readonly text: string
  /** Default: the end of the dialogue. */
  readonly event?: FtpEvent | undefined
  /** Whether the mark stands before the event or behind it. */
  readonly side: 'before' | 'behind'
}

/** One thing that was expected and did not come true. */
export interface Failure {
  /** Which part of the expectation: 'commands.inOrder[2]'. */
  readonly place: string
  /** What is the case instead, in a sentence. */
  readonly problem: string
  readonly marks?: readonly Mark[]
}

/** A client that did not do what was expected of it: says what was missed, and where the dialogue parted. */
export class ExpectationError extends FtpFixtureError {
  override readonly name = 'ExpectationError'
  /** A sentence on each thing that was missed. */
  readonly failures: readonly string[]
  /** What happened, marked where it parted from what was expected. */
  readonly dialogue: string

  constructor(message: string, failures: readonly string[], dialogue: string = '') {
    super('ERR_EXPECTATION_FAILED', message)
    this.failures = failures
    this.dialogue = dialogue
  }
}
