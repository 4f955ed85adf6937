import { formatDialogue } from '../fixture/dialogue.ts'
import type { FtpHandle } from '../fixture/handle.ts'
import type { FtpEvent } from '../handlers/events.ts'

/** More of a dialogue than this hides the failure it is to explain. */
const MAX_LINES = 60

/** Where the lines of a stack trace begin, as runners tell them from the message before them. */
const FRAMES = /\n\s+at .*:\d+:\d+\)?(?:\n|$)/

/**
 * The message of a failed test, or its stack trace, with what its server and client said to each other added to the
 * message. It stays as it is where nothing was said, and where it shows a dialogue of its own, as those of matchers do.
 */
export function withDialogue(text: string, events: readonly FtpEvent[]): string {
  const lines = formatDialogue(events).split('\n').slice(0, -1)
  if (lines.length === 0 || showsDialogue(text)) return text
  const left = Math.max(0, lines.length - MAX_LINES)
  const shown = left === 0 ? lines : [`… ${left} lines left out …`, ...lines.slice(left)]
  const frames = FRAMES.exec(text)?.index ?? text.length
  const dialogue = ['', '', 'FTP dialogue:', ...shown.map((line) => `  ${line}`)].join('\n')
  return text.slice(0, frames).trimEnd() + dialogue + text.slice(frames)
}

function showsDialogue(text: string): boolean {
  return /^\s*(?:C|S): /m.test(text)
}

/**
 * Adds to the message and the stack trace of a failure what its server and client said to each other. What has neither,
 * or may not be changed, stays as it is: anything can be thrown.
 */
export function explainError(error: unknown, events: readonly FtpEvent[]): void {
  if (typeof error !== 'object' || error === null) return
  for (const name of ['message', 'stack']) {
    const text: unknown = Reflect.get(error, name)
    if (typeof text !== 'string') continue
    // Not an assignment: a DOMException has its message from its class, and a frozen error throws.
    Reflect.defineProperty(error, name, { value: withDialogue(text, events), configurable: true, writable: true })
  }
}

/**
 * What is recorded from now on, also when some of it is forgotten meanwhile. Sessions of before that do nothing but
 * leave are not part of it: clients of the test before often do that while the next one begins.
 */
export function recordFromNow({ transcript, sessions }: FtpHandle): () => readonly FtpEvent[] {
  const number = transcript.forgotten + transcript.events.length
  return () => {
    const events = transcript.events.slice(Math.max(0, number - transcript.forgotten))
    const leaving = sessions
      .map(({ session }) => session)
      .filter((id) => events.every((event) => event.session !== id || isFarewell(event)))
    return events.filter((event) => !leaving.includes(event.session))
  }
}

function isFarewell(event: FtpEvent): boolean {
  if (event.type === 'command') return event.verb === 'QUIT'
  if (event.type === 'reply') return event.code === 221
  return event.type === 'logout' || event.type === 'disconnect'
}
