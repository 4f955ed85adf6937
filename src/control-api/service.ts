import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import type { FtpHandle } from '../fixture/handle.ts'
import type { Lane } from '../fixture/lane.ts'
import { IOLoop } from '../ioloop/ioloop.ts'
import { FtpFixtureError } from '../options/error.ts'
import { type CatalogueEntry, catalogue } from './catalogue.ts'
import { Refusal } from './refusal.ts'

/** A request that is being served, for as long as somebody waits for the answer. */
interface OpenCall {
  readonly handle: FtpHandle
  readonly controller: AbortController
}

/** What all requests have in common: the fixture, and what is under way. */
export class Service {
  readonly ftp: FtpFixture
  /** How large a file may be. */
  readonly maxBody: number
  /** The machine's time, whatever that of the server. */
  readonly ioloop = new IOLoop()
  /** Where the API itself is reached. */
  api = ''
  readonly #open = new Set<OpenCall>()
  readonly #followed = new WeakSet<Lane>()
  #catalogue: Promise<readonly CatalogueEntry[]> | undefined

  constructor(ftp: FtpFixture, maxBody: number) {
    this.ftp = ftp
    this.maxBody = maxBody
  }

  /** What a request is about: the server, or one of its lanes. */
  handleOf(lane: string | undefined): FtpHandle {
    if (lane === undefined) return this.ftp
    const found = this.ftp.lanes.get(lane)
    if (found === undefined) throw new Refusal(404, `there is no lane "${lane}"; POST /lanes makes one`)
    this.#follow(found)
    return found
  }

  /** The lane of this name, or a new one; and whether it was made for this call. */
  async lane(name?: string): Promise<{ readonly lane: Lane; readonly isNew: boolean }> {
    const isThere = name !== undefined && this.ftp.lanes.has(name)
    const lane = await this.ftp.lane(name)
    // Who asks while it is being made gets it too.
    return { lane, isNew: this.#follow(lane) && !isThere }
  }

  /** The built-in scenarios, which stay what they are: their files are read for the first who asks. */
  catalogue(): Promise<readonly CatalogueEntry[]> {
    this.#catalogue ??= catalogue(this.ioloop)
    return this.#catalogue
  }

  /** A signal for a request, which aborts when it is ended: for its requester is gone, or what it is about. */
  open(handle: FtpHandle): { readonly signal: AbortSignal; end(): void } {
    const call: OpenCall = { handle, controller: new AbortController() }
    this.#open.add(call)
    const end = () => {
      this.#open.delete(call)
      call.controller.abort()
    }
    return { signal: call.controller.signal, end }
  }

  /** Ends what waits for something to happen; on one lane where it is given. */
  endWaiting(handle?: FtpHandle): void {
    for (const call of this.#open) {
      if (handle !== undefined && call.handle !== handle) continue
      call.controller.abort(new FtpFixtureError('ERR_STOPPED', 'this is being stopped: nothing will happen any more'))
    }
  }

  /** Has what waits on a lane end with it; gives whether that is news. */
  #follow(lane: Lane): boolean {
    if (this.#followed.has(lane)) return false
    lane.endWith(async () => this.endWaiting(lane))
    this.#followed.add(lane)
    return true
  }

  /** Takes back all timers. */
  close(): void {
    this.endWaiting()
    this.ioloop.close()
  }
}
