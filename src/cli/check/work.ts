import type { FtpEvent } from '../../handlers/events.ts'
import { counted } from '../../scenario/words.ts'

/** How many files a client has got and given, each whole. */
export interface Work {
  readonly downloads: number
  readonly uploads: number
}

/** What a client did of the work that it is there for. */
export function workDone(events: readonly FtpEvent[]): Work {
  const paths = { sent: new Set<string>(), received: new Set<string>() }
  for (const event of events) {
    if (event.type !== 'transfer' || event.outcome !== 'completed') continue
    if (event.direction === 'received' || event.verb === 'RETR') paths[event.direction].add(event.path)
  }
  return { downloads: paths.sent.size, uploads: paths.received.size }
}

/** What is missing of the work that the client does when nothing goes wrong: a claim of success is false without it. */
export function workMissing(events: readonly FtpEvent[], baseline: Work): string | undefined {
  const { downloads, uploads } = workDone(events)
  if (downloads < baseline.downloads) return `${downloads} of ${counted(baseline.downloads, 'download')} came to an end`
  if (uploads < baseline.uploads) return `${uploads} of ${counted(baseline.uploads, 'upload')} came to an end`
  return undefined
}
