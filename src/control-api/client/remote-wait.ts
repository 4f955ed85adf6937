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

/** The first event of a server elsewhere that is wanted; conditions are looked at here, so that they may be functions. */
export async function waitForRemote(
  client: ControlClient,
  transcript: RemoteTranscript,
  { condition, timeoutMs, after, signal }: Wanted,
): Promise<FtpEvent> {
  const called = new Error()
  const accepts = acceptorOf(condition)
  signal?.throwIfAborted()
  await transcript.fill()
  signal?.throwIfAborted()
  const from = after === undefined ? 0 : transcript.numberOf(after, 'after') + 1
  const found = transcript.knownFrom(from).find(accepts)
  if (found !== undefined) return found
  const ioloop = new IOLoop()
  const over = new AbortController()
  const abort = () => over.abort()
  const expiry = ioloop.callLater(timeoutMs, abort)
  signal?.addEventListener('abort', abort)
  try {
    return await nextOf(client, transcript, accepts, over.signal)
  } catch (error) {
    signal?.throwIfAborted()
    throw over.signal.aborted ? waitedInVain(condition, timeoutMs, transcript.knownFrom(from), called) : error
  } finally {
    expiry.cancel()
    signal?.removeEventListener('abort', abort)
  }
}

async function nextOf(
  client: ControlClient,
  transcript: RemoteTranscript,
  accepts: (event: FtpEvent) => boolean,
  signal: AbortSignal,
): Promise<FtpEvent> {
  // A stream may end because its reader was too slow; where the server has stopped, the next one cannot begin.
  for (;;) {
    for await (const told of liveEvents(client, transcript.next, signal)) {
      const event = transcript.adopt(told)
      if (accepts(event)) return event
    }
  }
}
