import { parseAccept } from 'hono/utils/accept'
import { formatDialogue } from '../../fixture/dialogue.ts'
import { asData, revealed } from '../../fixture/transcript.ts'
import type { FtpEvent } from '../../handlers/events.ts'
import { eventSchema } from '../event-schemas.ts'
import { liveEvents } from '../live-events.ts'
import { route } from '../route.ts'
import { booleanParameter, countParameter } from '../schemas.ts'

const AFTER = 'The number of the first event that counts. Default: the first one on record.'

/** All that clients did and what the server made of it. */
export const transcriptRoutes = [
  route({
    method: 'GET',
    path: '/transcript',
    operation: 'getTranscript',
    summary: 'What happened, event by event; or as a dialogue, for who accepts text/plain or asks for format=text.',
    query: (z) =>
      z.strictObject({
        after: countParameter(z, AFTER).optional(),
        secrets: booleanParameter(z, 'Whether passwords are shown. Default: false.').optional(),
        format: z.enum(['json', 'text']).optional().meta({ description: 'Default: what is accepted, or json.' }),
      }),
    answer: {
      description: 'The events.',
      json: (z) =>
        z.strictObject({
          events: z.array(eventSchema(z)),
          next: z.int().min(0).meta({ description: 'The number that the next event will have.' }),
          forgotten: z
            .int()
            .min(0)
            .meta({ description: 'How many events are off the record: the number of the first.' }),
        }),
      media: { 'text/plain': 'text' },
    },
    run: ({ handle: { transcript }, query, headers }) => {
      const { events, forgotten } = transcript
      const { after = 0, secrets = false, format = formatFor(headers) } = query
      const wanted = events.slice(Math.max(after - forgotten, 0)).map((event) => told(event, secrets))
      if (format === 'text') return textResponse(formatDialogue(wanted))
      return { events: wanted, next: forgotten + events.length, forgotten }
    },
  }),
  route({
    method: 'DELETE',
    path: '/transcript',
    operation: 'clearTranscript',
    summary: 'Forgets what is on record.',
    answer: { description: 'Nothing is on record.' },
    run: ({ handle }) => handle.transcript.clear(),
  }),
  route({
    method: 'GET',
    path: '/transcript/live',
    operation: 'followTranscript',
    summary: 'What happened and what happens, as server-sent events; Last-Event-ID goes on where a stream ended.',
    query: (z) => z.strictObject({ after: countParameter(z, AFTER).optional() }),
    answer: {
      description: 'The events: their number, type, and data in JSON.',
      media: { 'text/event-stream': 'text' },
    },
    run: ({ handle: { transcript }, query: { after = 0 }, headers, service: { ioloop }, signal }) => {
      const last = headers.get('Last-Event-ID') ?? ''
      const from = /^\d{1,15}$/.test(last) ? Number(last) + 1 : after
      // Nothing comes behind it. That it comes in chunks has to be said here: @hono/node-server 2.1 would wait for a timer
      // otherwise, to see whether it is short, and timers may be fake in the process of a test.
      const head = { 'Content-Type': 'text/event-stream', Connection: 'close', 'Transfer-Encoding': 'chunked' }
      return new Response(liveEvents(transcript, { from, ioloop, signal }), { headers: head })
    },
  }),
]

function told(event: FtpEvent, secrets: boolean): FtpEvent {
  return asData(secrets && event.type === 'command' ? revealed(event) : event)
}

function textResponse(text: string): Response {
  return new Response(text, { headers: { 'Content-Type': 'text/plain; charset=UTF-8' } })
}

/** What is accepted first of the two that there are. */
function formatFor(headers: Headers): 'json' | 'text' {
  const types = parseAccept(headers.get('Accept') ?? '').map(({ type }) => type)
  return types.find((type) => type === 'text/plain' || type === 'application/json') === 'text/plain' ? 'text' : 'json'
}
