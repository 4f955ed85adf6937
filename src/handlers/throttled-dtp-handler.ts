import type { FTPServer } from '../servers/ftp-server.ts'
import type { ResolvedServerOptions } from '../servers/options.ts'
import { DTPHandler } from './dtp-handler.ts'
import type { Stage } from './stages.ts'
import { throttle } from './throttle.ts'
import type { Route } from './transfer.ts'

/**
 * A data connection with limits of rate, one for each direction; listings count as well as files. The limits are asked
 * for again as a transfer goes on, so that it follows a change; but one that began without a limit keeps none.
 * Override `readLimit` and `writeLimit` to limit some users only, say.
 */
export class ThrottledDTPHandler extends DTPHandler {
  /** Limits are what it is for: there is none that it could not keep. */
  static override prepare(_server: FTPServer, _options: ResolvedServerOptions): void {}

  /** Bytes per second that are taken from the client at most; 0 is no limit. */
  get readLimit(): number {
    return this.session.options.readLimit
  }

  /** Bytes per second that are sent at most; 0 is no limit. */
  get writeLimit(): number {
    return this.session.options.writeLimit
  }

  override stages(route: Route): readonly Stage[] {
    const stages = super.stages(route)
    const isReceiving = 'receive' in route
    const limit = () => (isReceiving ? this.readLimit : this.writeLimit)
    if (!(limit() > 0)) return stages
    const { ioloop } = this.session
    const hold = (delayMs: number, signal: AbortSignal) => this.holdBack(delayMs, signal)
    const throttled = throttle({ ioloop, limit, hold, countsFromStart: !isReceiving })
    // Next to the wire: what counts is what the client sees.
    return isReceiving ? [throttled, ...stages] : [...stages, throttled]
  }
}
