import type { FtpEvent } from '../handlers/events.ts'
import type { Limit, PlaceTaker, Share } from './places.ts'
import { type PortableEvent, packEvent, unpackEvent } from './portable-event.ts'

/** What a server in a worker tells the one that the worker belongs to. */
export type Report =
  | { readonly type: 'event'; readonly event: PortableEvent }
  | { readonly type: 'take-control'; readonly session: number; readonly address: string }
  | { readonly type: 'free-control'; readonly session: number }
  | { readonly type: 'take-data' }
  | { readonly type: 'free-data' }

/** What it is told when it has asked for a place; answers come in the order of the questions. */
export interface Answer {
  readonly type: 'answer'
  readonly limit?: Limit
}

/** The server that a worker belongs to, as the worker's server sees it: it is told the events and has the places. */
export class Superior implements PlaceTaker {
  readonly #post: (report: Report) => void
  readonly #questions: ((answer: Answer) => void)[] = []

  constructor(post: (report: Report) => void) {
    this.#post = post
  }

  tell(event: FtpEvent): void {
    this.#post({ type: 'event', event: packEvent(event) })
  }

  async takeControl(session: number, address: string): Promise<Limit | undefined> {
    return (await this.#ask({ type: 'take-control', session, address })).limit
  }

  freeControl(session: number): void {
    this.#post({ type: 'free-control', session })
  }

  async takeData(): Promise<boolean> {
    return (await this.#ask({ type: 'take-data' })).limit === undefined
  }

  freeData(): void {
    this.#post({ type: 'free-data' })
  }

  /** Takes the answer to the oldest question. */
  answer(answer: Answer): void {
    this.#questions.shift()?.(answer)
  }

  #ask(question: Report): Promise<Answer> {
    return new Promise((resolve) => {
      this.#questions.push(resolve)
      this.#post(question)
    })
  }
}

/** Does what a worker's report asks for; gives the answer where one is due. */
export function heed(report: Report, share: Share, tell: (event: FtpEvent) => void): Answer | undefined {
  switch (report.type) {
    case 'event': {
      const event = unpackEvent(report.event)
      // Who hears that a client has left may count on its place.
      if (event.type === 'disconnect') share.freeControl(event.session)
      tell(event)
      return undefined
    }
    case 'take-control': {
      const limit = share.takeControl(report.session, report.address)
      return { type: 'answer', ...(limit && { limit }) }
    }
    case 'take-data':
      return { type: 'answer', ...(!share.takeData() && { limit: 'maxCons' }) }
    case 'free-control':
      share.freeControl(report.session)
      return undefined
    case 'free-data':
      share.freeData()
      return undefined
  }
}
