import { Transcript } from '../../fixture/transcript.ts'
import type { EventOf, FtpEvent } from '../../handlers/events.ts'
import { invalidOption } from '../../options/check.ts'
import type { ControlClient, ControlRequest } from './control-client.ts'
import type { NumberedEvent } from './live-events.ts'
import { nextOf } from './remote-wait.ts'

/** What the control API tells of a transcript. */
interface Told {
  readonly events: readonly FtpEvent[]
  /** The number of the event that will come next. */
  readonly next: number
  readonly forgotten: number
}

const PATH = '/transcript'

/** The transcript of a server elsewhere: each look fetches what is new, so that it is never behind. */
export class RemoteTranscript extends Transcript {
  readonly #client: ControlClient
  /** What is known of it; always numbered from `#forgotten` on. */
  readonly #known: FtpEvent[] = []
  #forgotten = 0
  #failure: EventOf<'error'> | undefined
  #isOver = false

  constructor(client: ControlClient) {
    super()
    this.#client = client
  }

  override get events(): readonly FtpEvent[] {
    this.#look()
    return this.#known
  }

  override get forgotten(): number {
    this.#look()
    return this.#forgotten
  }

  override get failure(): EventOf<'error'> | undefined {
    this.#look()
    return this.#failure
  }

  override commands(options: { readonly verb?: string; readonly secrets?: boolean } = {}): EventOf<'command'>[] {
    const masked = super.commands(options)
    if (options.secrets !== true || this.#isOver) return masked
    const query = { after: this.#forgotten, secrets: true }
    const { events } = this.#client.callNow<Told>({ method: 'GET', path: PATH, query })
    const verbs = new Set(masked.map(({ verb }) => verb))
    return events.filter((event): event is EventOf<'command'> => event.type === 'command' && verbs.has(event.verb))
  }

  override clear(): void {
    this.#client.callNow({ method: 'DELETE', path: PATH })
    this.#look()
  }

  /** Tells of every event from now on, until the server ends, or this hold. */
  override listen(listener: (event: FtpEvent) => void): () => void {
    this.#look()
    const over = new AbortController()
    const tell = (event: FtpEvent) => {
      if (!over.signal.aborted) listener(event)
      return false
    }
    nextOf(this.#client, this, tell, over.signal).catch(() => {})
    return () => over.abort()
  }

  /** What is known without asking, from a number on. */
  knownFrom(number: number): readonly FtpEvent[] {
    return this.#known.slice(Math.max(number - this.#forgotten, 0))
  }

  /** The number of the event that will be known next. */
  get next(): number {
    return this.#forgotten + this.#known.length
  }

  /** The number of an event; throws for one that is not known to be on record. */
  numberOf(event: FtpEvent, option: string): number {
    const place = this.#known.indexOf(event)
    if (place === -1) throw invalidOption(option, event, 'an event out of transcript.events')
    return this.#forgotten + place
  }

  /** Fetches what is new without holding up this thread. */
  async fill(signal?: AbortSignal): Promise<void> {
    if (!this.#isOver) this.#take(await this.#client.call<Told>(this.#request(), signal))
  }

  /** Takes an event that was told of by itself; the answer is the one object that stands for it. */
  adopt({ number, event }: NumberedEvent): FtpEvent {
    // What the stream has left out before it, the server has forgotten.
    const forgotten = number > this.next ? number : this.#forgotten
    this.#take({ events: [event], next: number + 1, forgotten })
    return this.#known[number - this.#forgotten] ?? event
  }

  /** There will be no more: what is known stays to be looked at. */
  end(): void {
    this.#isOver = true
  }

  #request(): ControlRequest {
    return { method: 'GET', path: PATH, query: { after: this.next } }
  }

  #look(): void {
    if (!this.#isOver) this.#take(this.#client.callNow<Told>(this.#request()))
  }

  /** Works in what was told; some of it may be known already, from a look that was under way at the same time. */
  #take({ events, next, forgotten }: Told): void {
    if (forgotten > this.#forgotten) {
      this.#known.splice(0, forgotten - this.#forgotten)
      this.#forgotten = forgotten
    }
    const first = next - events.length
    for (const event of events.slice(Math.max(this.next - first, 0))) {
      if (event.type === 'error') this.#failure ??= event
      this.#known.push(event)
    }
  }
}
