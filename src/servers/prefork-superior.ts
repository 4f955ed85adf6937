import type { Awaitable } from '../authorizers/authorizer.ts'
import type { FtpEvent } from '../handlers/events.ts'
import type { IOLoop } from '../ioloop/ioloop.ts'
import { LostSessions } from './lost-sessions.ts'
import type { Limit } from './places.ts'
import type { Upward } from './prefork-messages.ts'
import { type Answer, Superior } from './superior.ts'

/** How long a change of what is used of a lease may stay unknown to the first process. */
const NEWS_MS = 20

/** The first process, as the server of a worker process sees it: told what somebody hears, asked when no lease is left. */
export class PreforkSuperior extends Superior {
  readonly #post: (message: Upward) => void
  readonly #ioloop: IOLoop
  readonly #open = new LostSessions()
  /** The types of event to tell. */
  #heard: ReadonlySet<FtpEvent['type']>
  /** Leased places that are free. */
  #spare = 0
  /** The sessions that have a leased place, and their addresses. */
  readonly #onLease = new Map<number, string>()
  /** Those that have a place which the first process counts. */
  readonly #counted = new Set<number>()
  /** Data connections that have one. */
  #data = 0
  #latest = 0
  #hasNews = false

  constructor(post: (message: Upward) => void, ioloop: IOLoop, heard: readonly FtpEvent['type'][]) {
    super(post)
    this.#post = post
    this.#ioloop = ioloop
    this.#heard = new Set(heard)
  }

  /** Tells events of these types from here on. */
  hear(types: readonly FtpEvent['type'][]): void {
    const wasHeard = this.#heard.has('disconnect')
    this.#heard = new Set(types)
    if (!wasHeard && this.#heard.has('disconnect')) this.#post({ type: 'sessions', open: this.#open.open })
  }

  /** Who comes and goes is followed here as long as nobody hears it there. */
  override hears(type: FtpEvent['type']): boolean {
    return this.#heard.has(type) || type === 'connect' || type === 'disconnect'
  }

  override tell(event: FtpEvent): void {
    this.#open.note(event)
    // Who hears that a client has left may count on its place.
    if (event.type === 'disconnect') this.freeControl(event.session)
    if (this.#heard.has(event.type)) super.tell(event)
  }

  override takeControl(session: number, address: string): Awaitable<Limit | undefined> {
    this.#latest = session
    if (this.#spare === 0) return this.#askControl(session, address)
    this.#spare--
    this.#onLease.set(session, address)
    this.#note()
    return undefined
  }

  override freeControl(session: number): void {
    if (this.#onLease.delete(session)) this.#spare++
    else if (this.#counted.delete(session)) super.freeControl(session)
  }

  override takeData(): Awaitable<boolean> {
    if (this.#spare === 0) return super.takeData()
    this.#spare--
    this.#data++
    this.#note()
    return true
  }

  override freeData(): void {
    if (this.#data === 0) return super.freeData()
    this.#data--
    this.#spare++
    this.#note()
  }

  override answer(answer: Answer): void {
    this.#spare += answer.leased ?? 0
    super.answer(answer)
  }

  /** Gives the lease back: the first process counts what is used of it. */
  recall(): void {
    this.#post({ type: 'returned', sessions: [...this.#onLease], data: this.#data })
    for (const session of this.#onLease.keys()) this.#counted.add(session)
    this.#onLease.clear()
    this.#spare = 0
    this.#data = 0
  }

  async #askControl(session: number, address: string): Promise<Limit | undefined> {
    const limit = await super.takeControl(session, address)
    if (limit === undefined) this.#counted.add(session)
    return limit
  }

  /** Has the first process know before long how much is used, but not of each change. */
  #note(): void {
    if (this.#hasNews) return
    this.#hasNews = true
    this.#ioloop.callLater(NEWS_MS, () => {
      this.#hasNews = false
      this.#post({ type: 'used', data: this.#data, latest: this.#latest })
    })
  }
}
