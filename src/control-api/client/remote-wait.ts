import { acceptorOf, stopped, type WaitCondition, waitedInVain } from '../../fixture/waiters.ts'
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
  after?: FtpEvent,
): Promise<FtpEvent> {
  const called = new Error()
  const accepts = acceptorOf(condition)
  await transcript.fill()
  const from = after === undefined ? 0 : transcript.numberOf(after, 'after') + 1
  const found = transcript.knownFrom(from).find(accepts)
  if (found !== undefined) return found
  const ioloop = new IOLoop()
  const limit = new AbortController()
  ioloop.callLater(timeoutMs, () => limit.abort())
  try {
    for await (const told of liveEvents(client, transcript.next, limit.signal)) {
      const event = transcript.adopt(told)
      if (accepts(event)) return event
    }
  } catch (error) {
    if (limit.signal.aborted) throw waitedInVain(condition, timeoutMs, transcript.knownFrom(from), called)
    throw error
  } finally {
    ioloop.close()
  }
  throw stopped()
}
