import type { FtpEvent } from '../handlers/events.ts'

/** The sessions that are open, counted from events: those in threads and other processes are not to be seen otherwise. */
export class OpenSessions {
  /** By session, the command whose transfer is running; '' without one. */
  readonly #transfers = new Map<number, string>()

  /** How many there are. */
  get count(): number {
    return this.#transfers.size
  }

  /** How many of them are in a transfer. */
  get inTransfer(): number {
    return [...this.#transfers.values()].filter((verb) => verb !== '').length
  }

  note(event: FtpEvent): void {
    const { type, session } = event
    if (type === 'connect') this.#transfers.set(session, '')
    if (type === 'disconnect') this.#transfers.delete(session)
    if (type !== 'reply') return
    if (event.code < 200) this.#transfers.set(session, event.verb)
    else if (this.#transfers.get(session) === event.verb) this.#transfers.set(session, '')
  }
}
