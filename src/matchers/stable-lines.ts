import { describeEvent, replyLines, visible } from '../handlers/event-text.ts'
import type { EventOf, FtpEvent } from '../handlers/events.ts'
import type { Scrub } from './scrub.ts'

/** What this server says before a transfer: which one depends on whether the client or the server was faster. */
const OPEN_ALREADY = /^125 Data connection already open\. Transfer starting\.$/
const ABOUT_TO_OPEN = '150 File status okay. About to open data connection.'

/** The lines of a stable dialogue on one event: none for what may be there or not at the moment of looking. */
export function stableLines(event: FtpEvent, scrub: Scrub): string[] {
  switch (event.type) {
    case 'debug':
    case 'disconnect':
    case 'logout':
    case 'data-listen':
      return []
    case 'command':
      return [`C: ${scrub(visible(event.line), event)}`]
    case 'reply':
      return replyLines(event).map((line) => `S: ${scrub(preliminary(line, event), event)}`)
    default:
      return [`# ${scrub(sentence(event), event)}`]
  }
}

function preliminary(line: string, { code, verb }: EventOf<'reply'>): string {
  if (OPEN_ALREADY.test(line)) return ABOUT_TO_OPEN
  // STOU names its file in either of them.
  return code === 125 && verb === 'STOU' ? line.replace('125', '150') : line
}

function sentence(event: Exclude<FtpEvent, { readonly type: 'command' | 'reply' }>): string {
  switch (event.type) {
    case 'tls':
      return `${event.connection} connection encrypted`
    case 'tls-failed':
      return `${event.connection} connection not encrypted`
    case 'transfer':
      return transferSentence(event)
    default:
      return describeEvent(event)
  }
}

/** How long listings are depends on the names of users; how far transfers came that did not complete, on the network. */
function transferSentence(event: EventOf<'transfer'>): string {
  const { verb, direction, bytes, path, restartMarker, representation, outcome } = event
  const isListing = /^(LIST|MLSD)$/.test(verb)
  const amount = isListing || outcome !== 'completed' ? '' : `${bytes} bytes of `
  const from = restartMarker > 0 ? ` from ${restartMarker}` : ''
  return visible(`${verb} ${direction} ${amount}${path}${from} (TYPE ${representation}), ${outcome}`)
}
