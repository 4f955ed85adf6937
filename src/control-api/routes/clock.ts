import { duration } from '../../faults/shapes.ts'
import { asData } from '../../fixture/transcript.ts'
import type { FtpEvent } from '../../handlers/events.ts'
import { FtpFixtureError } from '../../options/error.ts'
import { eventMatchSchema, eventSchema } from '../event-schemas.ts'
import { route } from '../route.ts'

/** Time: what is waited for, and what is let pass. */
export const clockRoutes = [
  route({
    method: 'POST',
    path: '/wait',
    operation: 'wait',
    summary: 'Waits until something happens, if it has not happened already.',
    body: {
      is: 'value',
      schema: (z) =>
        z.strictObject({
          match: eventMatchSchema(z),
          timeout: duration(z).optional().meta({ description: "In real time. Default: '5s'." }),
          after: z.int().min(0).optional().meta({ description: 'The number of the first event that counts.' }),
        }),
    },
    answer: {
      description: 'The first such event.',
      json: (z) => z.strictObject({ number: z.int().min(0), event: eventSchema(z) }),
    },
    refusals: [408, 409],
    run: async ({ handle, body: { match, timeout = 5000, after = 0 }, signal }) => {
      const { transcript } = handle
      const event = await handle.waitFor(match, { timeout, after: eventBefore(after, transcript), signal })
      return { number: transcript.forgotten + transcript.events.indexOf(event), event: asData(event) }
    },
  }),
  route({
    method: 'POST',
    path: '/clock/advance',
    operation: 'advanceClock',
    summary: 'Lets the time of a manual clock pass.',
    body: { is: 'value', schema: (z) => z.strictObject({ by: duration(z) }) },
    answer: { description: 'It has passed, and all that was due has been done.' },
    refusals: [409],
    run: ({ handle, body: { by } }) => handle.clock.advance(by),
  }),
]

interface Record {
  readonly events: readonly FtpEvent[]
  readonly forgotten: number
}

/** The event before that of a number; `undefined` where none is on record. */
function eventBefore(number: number, { events, forgotten }: Record): FtpEvent | undefined {
  const next = forgotten + events.length
  if (number <= next) return events[number - forgotten - 1]
  throw new FtpFixtureError('ERR_OPTION_INVALID', `body: after: expected at most ${next}, found ${number}`)
}
