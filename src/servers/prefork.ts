import cluster, { type Worker } from 'node:cluster'
import type { FtpEvent } from '../handlers/events.ts'
import { deferred } from '../ioloop/deferred.ts'
import type { IOLoop } from '../ioloop/ioloop.ts'
import { invalidOption } from '../options/check.ts'
import { LostSessions } from './lost-sessions.ts'
import type { OptionChanges } from './options.ts'
import { type Places, Share } from './places.ts'
import { type PortableError, unpackError } from './portable-event.ts'
import { sendable } from './server-parts.ts'
import { withinGrace } from './session-set.ts'
import { type Answer, heed, type Report } from './superior.ts'

/** What the first process needs of its server to have others serve for it. */
export interface PreforkOwner {
  readonly places: Places
  readonly ioloop: IOLoop
  tell(event: FtpEvent): void
}

/** Where the workers listen. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** What a worker process tells the first one. */
export type Upward =
  | Report
  | { readonly type: 'listening'; readonly address: Address }
  | { readonly type: 'failed'; readonly error: PortableError }

/** What the first process tells a worker process. */
export type Downward =
  | Answer
  | { readonly type: 'configure'; readonly changes: OptionChanges }
  | { readonly type: 'close'; readonly all: boolean }

/** The name under which messages travel, beside those that a program sends its workers itself. */
export type Wrapped<T> = { readonly ftpFixture?: T }

/** The variable of the environment that tells a worker process how to number its sessions. */
export const SEAT = 'FTP_FIXTURE_SEAT'

/** A worker that ends sooner than this counts as one that cannot live: its successor waits. */
const INFANCY_MS = 1000
const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 10_000

/** The place of one worker process, and of those that follow when it crashes. */
interface Slot {
  worker: Worker
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
  #changes: OptionChanges = {}
  #isClosing = false
  readonly #listens = deferred()
  /** Resolves when the last of them has ended, once they are being closed. */
  readonly #ended = deferred()

  constructor(count: number, owner: PreforkOwner) {
    if (Object.keys(cluster.workers ?? {}).length > 0) {
      throw invalidOption('workerProcesses', count, '1, as this process has workers already')
    }
    // JSON would lose what is `undefined`.
    cluster.setupPrimary({ serialization: 'advanced' })
    this.#count = count
    this.#owner = owner
    this.listening = this.#listens.promise
    for (let first = 1; first <= count; first++) this.#awaited.add(this.#fork({ nextId: first, delayMs: 0 }))
  }

  /** Has all of them change options, those that will start later too. */
  configure(changes: OptionChanges): void {
    const sent = sendable(changes)
    Object.assign(this.#changes, sent)
    for (const { worker } of this.#slots) send(worker, { type: 'configure', changes: sent })
  }

  /** Ends them: with `all`, their sessions too. */
  async close(all: boolean): Promise<void> {
    this.#isClosing = true
    for (const { worker } of this.#slots) send(worker, { type: 'close', all })
    if (this.#slots.size === 0) return
    if (!all) return this.#ended.promise
    // They have their own grace for commands that do not end; one that is still there after that is blocked.
    if (!(await withinGrace(this.#ended.promise)) && !(await withinGrace(this.#ended.promise))) {
      for (const { worker } of this.#slots) worker.process.kill('SIGKILL')
      await this.#ended.promise
    }
  }

  #fork(previous: Omit<Slot, 'worker'>): Slot {
    const { places, ioloop } = this.#owner
    const share = new Share(places)
    const sessions = new LostSessions()
    const startedMs = ioloop.now()
    const worker = cluster.fork({ [SEAT]: JSON.stringify({ first: previous.nextId, step: this.#count }) })
    const slot: Slot = { ...previous, worker }
    this.#slots.add(slot)
    worker.on('message', ({ ftpFixture: message }: Wrapped<Upward>) => {
      if (message === undefined) return
      if (message.type === 'listening') this.#listened(slot, message.address)
      else if (message.type === 'failed') this.#giveUp(unpackError(message.error))
      else {
        const answer = heed(message, share, (event) => {
          sessions.note(event)
          if (event.type === 'connect') slot.nextId = event.session + this.#count
          this.#owner.tell(event)
        })
        if (answer) send(worker, answer)
      }
    })
    // It may end while something is being sent to it; that it ended is what `exit` tells.
    worker.on('error', () => {})
    worker.once('exit', (code: number | null, signal: string | null) => {
      share.giveBack()
      const how = signal ?? `exit code ${code}`
      const at = ioloop.now()
      for (const event of sessions.end(at, `its process ended (${how})`)) this.#owner.tell(event)
      this.#gone(slot, `worker process ${worker.process.pid} ended (${how})`, at - startedMs)
    })
    return slot
  }

  #giveUp(error: Error): void {
    this.#listens.reject(error)
    void this.close(true)
  }

  #listened(slot: Slot, address: Address): void {
    this.address = address
    if (this.#isClosing) return send(slot.worker, { type: 'close', all: true })
    send(slot.worker, { type: 'configure', changes: this.#changes })
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

function send(worker: Worker, ftpFixture: Downward): void {
  if (worker.isConnected()) worker.send({ ftpFixture } satisfies Wrapped<Downward>)
}
