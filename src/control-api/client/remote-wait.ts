import { acceptorOf, type WaitCondition, waitedInVain } from '../../fixture/waiters.ts'
import type { FtpEvent } from '../../handlers/events.ts'
import { IOLoop } from '../../ioloop/ioloop.ts'
import type { ControlClient } from './control-client.ts'
import { liveEvents } from './live-events.ts'
import type { RemoteTranscript } from './remote-transcript.ts'

/** What is waited for, and for how long. */
export interface Wanted {
  readonly condition: WaitCondition
  readonly timeoutMs: number
  readonly after?: FtpEvent | undefined
  readonly signal?: AbortSignal | undefined
}

/** How much longer the server may take to tell what is on record, where somebody hardly wants to wait. */
const GRACE_MS = 2000

/** The first event of a server elsewhere that is wanted; conditions are looked at here, so that they may be functions. */
export async function waitForRemote(
  client: ControlClient,
  transcript: RemoteTranscript,
  { condition, timeoutMs, after, signal }: Wanted,
): Promise<FtpEvent> {
  const called = new Error()
  const accepts = acceptorOf(condition)
  signal?.throwIfAborted()
  const ioloop = new IOLoop()
  const over = new AbortController()
  const abort = () => over.abort()
  let expiry = ioloop.callLater(timeoutMs + GRACE_MS, abort)
  signal?.addEventListener('abort', abort)
  let from: number | undefined
  try {
    await transcript.fill(over.signal)
    expiry.cancel()
    expiry = ioloop.callLater(timeoutMs, abort)
    from = after === undefined ? 0 : transcript.numberOf(after, 'after') + 1
    const found = transcript.knownFrom(from).find(accepts)
    return found ?? (await nextOf(client, transcript, accepts, over.signal))
  } catch (error) {
    signal?.throwIfAborted()
    if (!over.signal.aborted) throw error
    if (from === undefined) throw client.silent('waitFor', timeoutMs + GRACE_MS)
    throw waitedInVain(condition, timeoutMs, transcript.knownFrom(from), called)
  } finally {
    expiry.cancel()
    signal?.removeEventListener('abort', abort)
  }
}

/** The next event behind those that are known which is accepted; rejects when there can be no more, and for `signal`. */
export async function nextOf(
  client: ControlClient,
  transcript: RemoteTranscript,
  accepts: (event: FtpEvent) => boolean,
  signal: AbortSignal,
): Promise<FtpEvent> {
  let { next } = transcript
  // A stream may end because its reader was too slow; where the server has stopped, the next one cannot begin.
  for (;;) {
    for await (const told of liveEvents(client, next, signal)) {
      next = told.number + 1
      const event = transcript.adopt(told)
      if (accepts(event)) return event
    }
  }
}
