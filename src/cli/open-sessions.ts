import type { EventOf, FtpEvent } from '../handlers/events.ts'
import { formatHostPort } from '../protocol/address.ts'

interface OpenSession {
  readonly connected: EventOf<'connect'>
  /** '' before a login. */
  readonly username: string
  /** The command whose transfer is running; '' without one. */
  readonly transfer: string
}

/** The sessions that are open, known from events: those in threads and other processes are not to be seen otherwise. */
export class OpenSessions {
  readonly #sessions = new Map<number, OpenSession>()

  /** How many there are. */
  get count(): number {
    return this.#sessions.size
  }

  /** How many of them are in a transfer. */
  get inTransfer(): number {
    return [...this.#sessions.values()].filter(({ transfer }) => transfer !== '').length
  }

  note(event: FtpEvent): void {
    const { type, session } = event
    if (type === 'connect') this.#sessions.set(session, { connected: event, username: '', transfer: '' })
    if (type === 'disconnect') this.#sessions.delete(session)
    if (type === 'login') this.#change(session, { username: event.username })
    if (type === 'logout') this.#change(session, { username: '' })
    if (type !== 'reply') return
    if (event.code >= 100 && event.code < 200) this.#change(session, { transfer: event.verb })
    else if (this.#sessions.get(session)?.transfer === event.verb) this.#change(session, { transfer: '' })
  }

  /** A line on each, for people. */
  toString(): string {
    if (this.count === 0) return 'No session is open\n'
    return [...this.#sessions].map(([session, open]) => `#${session}  ${describe(open)}\n`).join('')
  }

  #change(session: number, change: Partial<OpenSession>): void {
    const known = this.#sessions.get(session)
    if (known !== undefined) this.#sessions.set(session, { ...known, ...change })
  }
}

function describe({ connected, username, transfer }: OpenSession): string {
  const { at, remoteAddress, remotePort } = connected
  const who = username === '' ? 'not logged in' : username
  const from = formatHostPort(remoteAddress, remotePort)
  const since = new Date(at).toLocaleTimeString('en-GB')
  return `${who}, from ${from} since ${since}${transfer === '' ? '' : `, in ${transfer}`}`
}
