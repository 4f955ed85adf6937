import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import type { FtpHandle } from '../fixture/handle.ts'
import { IOLoop } from '../ioloop/ioloop.ts'
import { FtpFixtureError } from '../options/error.ts'
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

  constructor(ftp: FtpFixture, maxBody: number) {
    this.ftp = ftp
    this.maxBody = maxBody
  }

  /** What a request is about: the server, or one of its lanes. */
  handleOf(lane: string | undefined): FtpHandle {
    const handle = lane === undefined ? this.ftp : this.ftp.lanes.get(lane)
    if (handle === undefined) throw new Refusal(404, `there is no lane "${lane}"; POST /lanes makes one`)
    return handle
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

  /** Takes back all timers. */
  close(): void {
    this.endWaiting()
    this.ioloop.close()
  }
}
