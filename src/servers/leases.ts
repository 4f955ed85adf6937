import type { Places, Share } from './places.ts'
import { type Answer, answerTo, type Question } from './superior.ts'

/** Places leased at a time: enough for a worker not to ask often, few enough to leave the others some. */
const BATCH = 16

/** A worker process as one that has places. */
export interface Lessee {
  readonly share: Share
  /** Whether its lease was called in, and it has not answered yet. */
  isRecalled: boolean
  answer(answer: Answer): void
  /** Calls its lease in. */
  recall(): void
}

/**
 * Answers worker processes that ask for places. While there are many, each gets a lease on some more that it need not ask
 * for. Nobody is turned away while a place is on lease: leases are called in first, and who asks waits for that.
 */
export class Leases {
  readonly #places: Places
  readonly #lessees = new Set<Lessee>()
  /** Questions that have no answer yet, the oldest first. */
  #waiting: { readonly lessee: Lessee; readonly question: Question }[] = []

  constructor(places: Places) {
    this.#places = places
  }

  add(lessee: Lessee): void {
    this.#lessees.add(lessee)
  }

  /** The worker has ended: all its places are free again. */
  remove(lessee: Lessee): void {
    this.#lessees.delete(lessee)
    this.#waiting = this.#waiting.filter((waiting) => waiting.lessee !== lessee)
    lessee.share.giveBack()
    this.settle()
  }

  ask(lessee: Lessee, question: Question): void {
    this.#waiting.push({ lessee, question })
    this.settle()
  }

  /** Calls all leases in. */
  recall(): void {
    for (const lessee of this.#lessees) {
      if (lessee.isRecalled || !lessee.share.hasLease) continue
      lessee.isRecalled = true
      lessee.recall()
    }
  }

  /** Answers those whom nothing makes wait any longer; to be called when places have come back. */
  settle(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      // Whose connections the leased places have is not known here, so addresses cannot be counted either.
      const isUnclear = this.#places.leased > 0 && (this.#places.countsAddresses || !this.#places.hasRoom)
      if (isUnclear) return this.recall()
      this.#waiting.shift()
      next.lessee.answer(this.#answerTo(next.question, next.lessee))
    }
  }

  #answerTo(question: Question, { share, isRecalled }: Lessee): Answer {
    const answer = answerTo(question, share)
    if (answer.limit !== undefined || isRecalled || !this.#places.canSpare(BATCH)) return answer
    share.lease(BATCH)
    return { ...answer, leased: BATCH }
  }
}
