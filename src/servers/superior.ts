import type { Awaitable } from '../authorizers/authorizer.ts'
import type { FtpEvent } from '../handlers/events.ts'
import type { Limit, PlaceTaker, Share } from './places.ts'
import { type PortableEvent, packEvent, unpackEvent } from './portable-event.ts'

/** What a server in a worker tells the one that the worker belongs to. */
export type Report =
  | Question
  | { readonly type: 'event'; readonly event: PortableEvent }
  | { readonly type: 'free-control'; readonly session: number }
  | { readonly type: 'free-data' }

/** How it asks for a place. */
export type Question =
  | { readonly type: 'take-control'; readonly session: number; readonly address: string }
  | { readonly type: 'take-data' }

/** What it is told when it has asked for a place; answers come in the order of the questions. */
export interface Answer {
  readonly type: 'answer'
  readonly limit?: Limit
  /** Places beside the one asked for, to be used without asking. */
  readonly leased?: number
}

/** The server that a worker belongs to, as the worker's server sees it: it is told the events and has the places. */
export class Superior implements PlaceTaker {
  readonly #post: (report: Report) => void
  readonly #questions: ((answer: Answer) => void)[] = []

  constructor(post: (report: Report) => void) {
    this.#post = post
  }

  /** Whether it is to be told the events of a type. */
  hears(_type: FtpEvent['type']): boolean {
    return true
  }

  tell(event: FtpEvent): void {
    this.#post({ type: 'event', event: packEvent(event) })
  }

  takeControl(session: number, address: string): Awaitable<Limit | undefined> {
    return this.#ask({ type: 'take-control', session, address }).then(({ limit }) => limit)
  }

  freeControl(session: number): void {
    this.#post({ type: 'free-control', session })
  }

  takeData(): Awaitable<boolean> {
    return this.#ask({ type: 'take-data' }).then(({ limit }) => limit === undefined)
  }

  freeData(): void {
    this.#post({ type: 'free-data' })
  }

  /** Takes the answer to the oldest question. */
  answer(answer: Answer): void {
    this.#questions.shift()?.(answer)
  }

  #ask(question: Question): Promise<Answer> {
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
    case 'take-control':
    case 'take-data':
      return answerTo(report, share)
    case 'free-control':
      share.freeControl(report.session)
      return undefined
    case 'free-data':
      share.freeData()
      return undefined
  }
}

/** The answer to a worker that asks for a place, which is taken where there is one. */
export function answerTo(question: Question, share: Share): Answer {
  if (question.type === 'take-data') return { type: 'answer', ...(!share.takeData() && { limit: 'maxCons' }) }
  const limit = share.takeControl(question.session, question.address)
  return { type: 'answer', ...(limit && { limit }) }
}
