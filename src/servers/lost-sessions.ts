import type { FtpEvent } from '../handlers/events.ts'

/** Follows the sessions of a worker on the time line, so that those lost with it get their end there. */
export class LostSessions {
  readonly #sinceMs = new Map<number, number>()

  /** Notes who comes and who goes. */
  note({ type, session, at }: FtpEvent): void {
    if (type === 'connect') this.#sinceMs.set(session, at)
    if (type === 'disconnect') this.#sinceMs.delete(session)
  }

  /** Those who are there, and since when. */
  get open(): readonly (readonly [session: number, sinceMs: number])[] {
    return [...this.#sinceMs]
  }

  /** Takes over from who has followed them up to now. */
  follow(open: LostSessions['open']): void {
    this.#sinceMs.clear()
    for (const [session, sinceMs] of open) this.#sinceMs.set(session, sinceMs)
  }

  /** The events that the worker did not live to tell. */
  end(at: number, error: string): FtpEvent[] {
    const ends = [...this.#sinceMs].map(
      ([session, sinceMs]): FtpEvent => ({ type: 'disconnect', durationMs: at - sinceMs, error, at, session }),
    )
    this.#sinceMs.clear()
    return ends
  }
}
