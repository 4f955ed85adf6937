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
  /** The types of event to tell; all until the first process has said which. */
  #heard: ReadonlySet<FtpEvent['type']> | undefined
  /** Leased places that are free. */
  #spare = 0
  /** The sessions that have a leased place, and their addresses. */
  readonly #sessions = new Map<number, string>()
  /** Data connections that have one. */
  #data = 0
  #latest = 0
  #hasNews = false

  constructor(post: (message: Upward) => void, ioloop: IOLoop) {
    super(post)
    this.#post = post
    this.#ioloop = ioloop
  }

  /** Tells events of these types from here on. */
  hear(types: readonly FtpEvent['type'][]): void {
    const isNew = this.#heard !== undefined && !this.#heard.has('disconnect')
    this.#heard = new Set(types)
    if (isNew && this.#heard.has('disconnect')) this.#post({ type: 'sessions', open: this.#open.open })
  }

  /** Who comes and goes is followed here as long as nobody hears it there. */
  override hears(type: FtpEvent['type']): boolean {
    return this.#heard === undefined || this.#heard.has(type) || type === 'connect' || type === 'disconnect'
  }

  override tell(event: FtpEvent): void {
    this.#open.note(event)
    // Who hears that a client has left may count on its place.
    if (event.type === 'disconnect') this.#freeLeased(event.session)
    if (this.#heard?.has(event.type) ?? true) super.tell(event)
  }

  override takeControl(session: number, address: string): Awaitable<Limit | undefined> {
    this.#latest = session
    if (this.#spare === 0) return super.takeControl(session, address)
    this.#spare--
    this.#sessions.set(session, address)
    this.#note()
    return undefined
  }

  override freeControl(session: number): void {
    if (!this.#freeLeased(session)) super.freeControl(session)
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
    this.#post({ type: 'returned', sessions: [...this.#sessions], data: this.#data })
    this.#sessions.clear()
    this.#spare = 0
    this.#data = 0
  }

  #freeLeased(session: number): boolean {
    const wasLeased = this.#sessions.delete(session)
    if (wasLeased) this.#spare++
    return wasLeased
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
