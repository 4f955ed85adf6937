import { milliseconds } from '../../handlers/event-text.ts'
import type { EventOf } from '../../handlers/events.ts'
import { counted } from '../words.ts'
import { activeSessions, type Evidence } from './evidence.ts'
import type { Failure, Mark } from './failure.ts'
import type { Range } from './schema.ts'

/** How many sessions there were: those that connected or said something, and did not merely end. */
export function checkSessions({ min, max }: Range, evidence: Evidence): Failure[] {
  const { length } = activeSessions(evidence)
  if (length >= min && length <= max) return []
  const expected = min === max ? min : max === Number.POSITIVE_INFINITY ? `${min} at least` : `${min} to ${max}`
  return [
    {
      place: 'sessions',
      problem: `there ${length === 1 ? 'was' : 'were'} ${counted(length, 'session')}, expected ${expected}.`,
    },
  ]
}

/** Who took his leave before he went; of who is still there nothing can be said yet. */
export function checkQuit(expected: boolean, evidence: Evidence): Failure[] {
  const polite = new Set(
    evidence.events.flatMap((event) => (event.type === 'command' && event.verb === 'QUIT' ? [event.session] : [])),
  )
  const active = activeSessions(evidence)
  const ended = evidence.events.filter((event): event is EventOf<'disconnect'> => event.type === 'disconnect')
  return ended
    .filter(({ session }) => active.includes(session) && polite.has(session) !== expected)
    .map((event) => {
      const did = expected ? 'ended without QUIT' : 'said QUIT, which none should'
      const mark: Mark = { text: expected ? 'expected before: QUIT' : 'QUIT not expected', event, side: 'before' }
      return { place: 'quit', problem: `session ${event.session} ${did}.`, marks: [mark] }
    })
}

/** How long it took, by the server's clock. */
export function checkWithin(limitMs: number, { events }: Evidence): Failure[] {
  const told = events.filter(({ session }) => session > 0)
  const [first] = told
  if (first === undefined) return []
  const late = told.find(({ at }) => at - first.at > limitMs)
  if (late === undefined) return []
  const tookMs = (told.at(-1)?.at ?? first.at) - first.at
  const problem = `it took ${milliseconds(tookMs)}, expected ${milliseconds(limitMs)} at most.`
  return [{ place: 'within', problem, marks: [{ text: `all expected before this`, event: late, side: 'before' }] }]
}
