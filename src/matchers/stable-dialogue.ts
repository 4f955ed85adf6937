import type { FtpHandle } from '../fixture/handle.ts'
import { isTranscript, type Transcript } from '../fixture/transcript.ts'
import type { FtpEvent } from '../handlers/events.ts'
import { invalidOption } from '../options/check.ts'
import { isHandle } from './handle.ts'
import { scrubberFor } from './scrub.ts'
import { stableLines } from './stable-lines.ts'
import { stableOrder } from './stable-order.ts'

/**
 * The dialogue of a transcript, or of a server's, without what varies from one run to the next: good for snapshots.
 * Sessions stand one after the other, ports, durations, dates of now and the like are replaced by words, and what depends
 * on who was faster stands in one place, or is left out.
 */
export function stableDialogue(of: Transcript | FtpHandle): string {
  const transcript: unknown = isHandle(of) ? of.transcript : of
  if (!isTranscript(transcript)) throw invalidOption('stableDialogue', of, 'a transcript, or a server')
  const scrub = scrubberFor(transcript.events, isHandle(of) ? of.root : undefined)
  const parts = bySession(transcript.events)
    .map((events) => ({
      isServer: events[0]?.session === 0,
      lines: stableOrder(events).flatMap((event) => stableLines(event, scrub)),
    }))
    .filter(({ lines }) => lines.length > 0)
  const heading = (isServer: boolean, index: number) => (isServer ? '# server' : `# session ${index + 1}`)
  const headed = parts.map(({ isServer, lines }, index) =>
    parts.length > 1 || isServer ? [heading(isServer, index), ...lines] : lines,
  )
  return headed.map((lines) => lines.map((line) => `${line}\n`).join('')).join('\n')
}

/** What happened, session by session in the order of their connecting; what is of none comes last. */
function bySession(events: readonly FtpEvent[]): FtpEvent[][] {
  const ids = [...new Set(events.map(({ session }) => session))]
  const inOrder = ids.sort((a, b) => (a || Number.POSITIVE_INFINITY) - (b || Number.POSITIVE_INFINITY))
  return inOrder.map((id) => events.filter(({ session }) => session === id))
}
