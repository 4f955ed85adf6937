import { StringDecoder } from 'node:string_decoder'
import type { FtpEvent } from '../../handlers/events.ts'
import { FtpFixtureError } from '../../options/error.ts'
import { answerIn, type ControlClient } from './control-client.ts'

/** An event with its number in the server's life. */
export interface NumberedEvent {
  readonly number: number
  readonly event: FtpEvent
}

/** The events from a number on, as they happen; leaving the loop over them, or `signal`, ends the stream. */
export async function* liveEvents(
  client: ControlClient,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<NumberedEvent, void> {
  const request = { method: 'GET', path: '/transcript/live', query: { after } } as const
  const incoming = await client.open(request, signal)
  try {
    if (incoming.statusCode !== 200) client.valueOf(request, await answerIn(incoming))
    yield* eventsIn(incoming)
  } catch (error) {
    throw error instanceof FtpFixtureError ? error : client.broken(request, error as Error)
  }
}

async function* eventsIn(stream: AsyncIterable<Buffer>): AsyncGenerator<NumberedEvent, void> {
  const decoder = new StringDecoder('utf8')
  let unread = ''
  for await (const chunk of stream) {
    const messages = (unread + decoder.write(chunk)).split('\n\n')
    unread = messages.pop() ?? ''
    yield* messages.flatMap((message) => eventIn(message) ?? [])
  }
}

/** What one message of the stream says; nothing for one that only keeps the connection alive. */
function eventIn(message: string): NumberedEvent | undefined {
  const fields = new Map(
    message.split('\n').map((line) => {
      const [, name = '', value = ''] = /^(\w*): ?(.*)$/.exec(line) ?? []
      return [name, value]
    }),
  )
  const [number, data] = [fields.get('id'), fields.get('data')]
  if (number === undefined || data === undefined) return undefined
  return { number: Number(number), event: JSON.parse(data) as FtpEvent }
}
