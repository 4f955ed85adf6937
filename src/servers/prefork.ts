import cluster, { type Worker } from 'node:cluster'
import type { FtpEvent } from '../handlers/events.ts'
import { deferred } from '../ioloop/deferred.ts'
import type { IOLoop } from '../ioloop/ioloop.ts'
import { invalidOption } from '../options/check.ts'
import type { EventHub } from './event-hub.ts'
import { Leases, type Lessee } from './leases.ts'
import { LostSessions } from './lost-sessions.ts'
import type { OptionChanges } from './options.ts'
import { type Places, Share } from './places.ts'
import { unpackError } from './portable-event.ts'
import { type Address, type Downward, SEAT, type SeatStart, type Upward, type Wrapped } from './prefork-messages.ts'
import { sendable } from './server-parts.ts'
import { withinGrace } from './session-set.ts'
import { heed } from './superior.ts'

/** What the first process needs of its server to have others serve for it. */
export interface PreforkOwner {
  readonly places: Places
  readonly ioloop: IOLoop
  readonly events: EventHub
  tell(event: FtpEvent): void
}

/** A worker that ends sooner than this counts as one that cannot live: its successor waits. */
const INFANCY_MS = 1000
const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 10_000

/** The place of one worker process, and of those that follow when it crashes. */
interface Slot extends Lessee {
  readonly worker: Worker
  /** The sessions that would be lost with the worker. */
  readonly sessions: LostSessions
  /** The number of its next session; every slot has numbers of its own. */
  nextId: number
  delayMs: number
}

/** The worker processes of a server, seen from the first process, which accepts nothing itself. */
export class Prefork {
  /** Resolves when all of them listen; rejects when one cannot. */
  readonly listening: Promise<void>
  /** The address that they listen on. */
  address: Address | undefined
  readonly #count: number
  readonly #owner: PreforkOwner
  readonly #slots = new Set<Slot>()
  readonly #awaited = new Set<Slot>()
  readonly #leases: Leases
  #changes: OptionChanges = {}
  #isClosing = false
  readonly #listens = deferred()
  /** Resolves when the last of them has ended, once they are being closed. */
  readonly #ended = deferred()

  constructor(count: number, owner: PreforkOwner) {
    if (Object.keys(cluster.workers ?? {}).length > 0) {
      throw invalidOption('workerProcesses', count, '1, as this process has workers already')
    }
    if (!isSchedulingChosen()) cluster.schedulingPolicy = cluster.SCHED_NONE
    // JSON would lose what is `undefined`.
    cluster.setupPrimary({ serialization: 'advanced' })
    this.#count = count
    this.#owner = owner
    this.#leases = new Leases(owner.places)
    owner.events.onChange = () => this.#toAll({ type: 'hear', types: this.#heard })
    this.listening = this.#listens.promise
    for (let first = 1; first <= count; first++) this.#awaited.add(this.#fork({ nextId: first, delayMs: 0 }))
  }

  /** Has all of them change options, those that will start later too. */
  configure(changes: OptionChanges): void {
    const sent = sendable(changes)
    Object.assign(this.#changes, sent)
    this.#toAll({ type: 'configure', changes: sent })
    if ('maxCons' in changes || 'maxConsPerIp' in changes) this.#leases.recall()
  }

  /** Ends them: with `all`, their sessions too. */
  async close(all: boolean): Promise<void> {
    this.#isClosing = true
    this.#toAll({ type: 'close', all })
    if (this.#slots.size === 0) return
    if (!all) return this.#ended.promise
    // They have their own grace for commands that do not end; one that is still there after that is blocked.
    if (!(await withinGrace(this.#ended.promise)) && !(await withinGrace(this.#ended.promise))) {
      for (const { worker } of this.#slots) worker.process.kill('SIGKILL')
      await this.#ended.promise
    }
  }

  /** What is told by the workers; who comes and who goes belong together, as sessions that are lost get their end. */
  get #heard(): readonly FtpEvent['type'][] {
    const { heard } = this.#owner.events
    const isFollowed = heard.includes('connect') || heard.includes('disconnect')
    return isFollowed ? [...heard, 'connect', 'disconnect'] : heard
  }

  #toAll(message: Downward): void {
    for (const { worker } of this.#slots) send(worker, message)
  }

  #fork({ nextId, delayMs }: Pick<Slot, 'nextId' | 'delayMs'>): Slot {
    const { places, ioloop } = this.#owner
    const startedMs = ioloop.now()
    const start: SeatStart = { first: nextId, step: this.#count, heard: this.#heard }
    const worker = cluster.fork({ [SEAT]: JSON.stringify(start) })
    const slot: Slot = {
      worker,
      nextId,
      delayMs,
      sessions: new LostSessions(),
      share: new Share(places),
      isRecalled: false,
      answer: (answer) => send(worker, answer),
      recall: () => send(worker, { type: 'recall' }),
    }
    this.#slots.add(slot)
    this.#leases.add(slot)
    worker.on('message', ({ ftpFixture: message }: Wrapped<Upward>) => message && this.#receive(slot, message))
    // It may end while something is being sent to it; that it ended is what `exit` tells.
    worker.on('error', () => {})
    worker.once('exit', (code: number | null, signal: string | null) => {
      this.#leases.remove(slot)
      const how = signal ?? `exit code ${code}`
      const at = ioloop.now()
      for (const event of slot.sessions.end(at, `its process ended (${how})`)) this.#owner.tell(event)
      this.#gone(slot, `worker process ${worker.process.pid} ended (${how})`, at - startedMs)
    })
    return slot
  }

  #receive(slot: Slot, message: Upward): void {
    // Of one that has ended, events may still be on their way; places it has no more.
    if (!this.#slots.has(slot) && message.type !== 'event') return
    switch (message.type) {
      case 'listening':
        return this.#listened(slot, message.address)
      case 'failed':
        return this.#giveUp(unpackError(message.error))
      case 'take-control':
        this.#passed(slot, message.session)
        return this.#leases.ask(slot, message)
      case 'take-data':
        return this.#leases.ask(slot, message)
      case 'sessions':
        return slot.sessions.follow(message.open)
      case 'used':
        this.#passed(slot, message.latest)
        return slot.share.noteLeasedData(message.data)
      case 'returned':
        slot.share.endLease(message.sessions, message.data)
        slot.isRecalled = false
        break
      default:
        heed(message, slot.share, (event) => {
          slot.sessions.note(event)
          this.#passed(slot, event.session)
          this.#owner.tell(event)
        })
    }
    this.#leases.settle()
  }

  /** Notes that a session has had a number: no other gets it. */
  #passed(slot: Slot, session: number): void {
    if (session > 0) slot.nextId = Math.max(slot.nextId, session + this.#count)
  }

  #giveUp(error: Error): void {
    this.#listens.reject(error)
    void this.close(true)
  }

  #listened(slot: Slot, address: Address): void {
    this.address = address
    if (this.#isClosing) return send(slot.worker, { type: 'close', all: true })
    send(slot.worker, { type: 'configure', changes: this.#changes })
    send(slot.worker, { type: 'hear', types: this.#heard })
    this.#awaited.delete(slot)
    if (this.#awaited.size === 0) this.#listens.resolve()
  }

  #gone(slot: Slot, what: string, livedMs: number): void {
    const { ioloop } = this.#owner
    this.#slots.delete(slot)
    if (this.#isClosing) {
      if (this.#slots.size === 0) this.#ended.resolve()
      return
    }
    if (this.#awaited.has(slot)) {
      return this.#giveUp(new Error(`${what} before it listened`))
    }
    this.#owner.tell({ type: 'error', error: new Error(what), at: ioloop.now(), session: 0 })
    const longer = Math.min(Math.max(slot.delayMs * 2, FIRST_DELAY_MS), LONGEST_DELAY_MS)
    const delayMs = livedMs < INFANCY_MS ? longer : 0
    ioloop.callLater(delayMs, () => this.#isClosing || this.#fork({ nextId: slot.nextId, delayMs }))
  }
}

/**
 * Whether somebody has a say already in how workers get their connections; cluster is set up once in a process. By turns, as
 * is its way, the first process would accept every connection and hand it over, at the cost of a whole session.
 */
function isSchedulingChosen(): boolean {
  return process.env.NODE_CLUSTER_SCHED_POLICY !== undefined || Object.keys(cluster.settings).length > 0
}

function send(worker: Worker, ftpFixture: Downward): void {
  if (worker.isConnected()) worker.send({ ftpFixture } satisfies Wrapped<Downward>)
}
