import type { IOLoop, ScheduledCall } from '../ioloop/ioloop.ts'

/** Has a handshake end with an error when it takes too long; a limit of 0 is none. */
export function limitHandshake(
  ioloop: IOLoop,
  limitMs: number,
  end: (error: Error) => void,
): ScheduledCall | undefined {
  if (limitMs === 0) return undefined
  return ioloop.callLater(limitMs, () => end(new Error(`no handshake within ${limitMs} ms`)))
}
