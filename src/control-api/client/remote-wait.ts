import type { WaitOptions } from '../../fixture/handle.ts'
import { acceptorOf, type WaitCondition, waitedInVain } from '../../fixture/waiters.ts'
import type { FtpEvent } from '../../handlers/events.ts'
import { IOLoop } from '../../ioloop/ioloop.ts'
import type { ControlClient } from './control-client.ts'
import { liveEvents } from './live-events.ts'
import type { RemoteTranscript } from './remote-transcript.ts'

/** The first event of a server elsewhere that is wanted; conditions are looked at here, so that they may be functions. */
export async function waitForRemote(
  client: ControlClient,
  transcript: RemoteTranscript,
  condition: WaitCondition,
  timeoutMs: number,
  { after, signal }: Pick<WaitOptions, 'after' | 'signal'>,
): Promise<FtpEvent> {
  const called = new Error()
  const accepts = acceptorOf(condition)
  signal?.throwIfAborted()
  await transcript.fill()
  const from = after === undefined ? 0 : transcript.numberOf(after, 'after') + 1
  const found = transcript.knownFrom(from).find(accepts)
  if (found !== undefined) return found
  const ioloop = new IOLoop()
  const limit = new AbortController()
  const end = () => limit.abort()
  ioloop.callLater(timeoutMs, end)
  signal?.addEventListener('abort', end)
  try {
    // A stream may end because its reader was too slow; where the server has stopped, the next one cannot begin.
    for (;;) {
      for await (const told of liveEvents(client, transcript.next, limit.signal)) {
        const event = transcript.adopt(told)
        if (accepts(event)) return event
      }
    }
  } catch (error) {
    signal?.throwIfAborted()
    if (limit.signal.aborted) throw waitedInVain(condition, timeoutMs, transcript.knownFrom(from), called)
    throw error
  } finally {
    ioloop.close()
    signal?.removeEventListener('abort', end)
  }
}
