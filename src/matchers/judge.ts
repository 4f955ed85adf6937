import type { FtpHandle } from '../fixture/handle.ts'

/** What a matcher found out. */
export interface Verdict {
  readonly pass: boolean
  /** What is the case, and where in the dialogue that shows: for when it is not as it should be. */
  readonly explain: () => string
  readonly actual: unknown
  readonly expected: unknown
}

/** How a matcher is asked. */
export interface Inquiry {
  /** Whether the opposite is expected. */
  readonly isNot: boolean
  /** The runner's own way to compare, which knows its asymmetric matchers. */
  equals(found: unknown, expected: unknown): boolean
}

/** What a matcher does: holds a server against its arguments. Throws for arguments that nothing can be held against. */
export type Judge<V extends Verdict | Promise<Verdict>> = (
  ftp: FtpHandle,
  args: readonly unknown[],
  inquiry: Inquiry,
) => V
