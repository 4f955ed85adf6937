import { expect, test } from 'vitest'
import type { ControlClient } from '../../src/control-api/client/control-client.ts'
import { RemoteTranscript } from '../../src/control-api/client/remote-transcript.ts'
import { Transcript } from '../../src/fixture/transcript.ts'
import type { FtpEvent } from '../../src/index.ts'

const warning = (message: string): FtpEvent => ({ type: 'warning', message, at: 0, session: 0 })

/** A transcript, and one of it as seen from another process. */
function pair() {
  const record = new Transcript()
  const tell = (after: number) => {
    const { events, forgotten } = record
    const copies = events.slice(Math.max(after - forgotten, 0)).map((event) => ({ ...event }))
    return { events: copies, next: forgotten + events.length, forgotten }
  }
  const client = {
    callNow: ({ query }: { readonly query: { readonly after: number } }) => tell(query.after),
    call: async ({ query }: { readonly query: { readonly after: number } }) => tell(query.after),
  }
  return { record, seen: new RemoteTranscript(client as unknown as ControlClient) }
}

const messages = (events: readonly FtpEvent[]) => events.map((event) => 'message' in event && event.message)

test('an event that is told of twice, by a look and by the stream, is there once', async () => {
  const { record, seen } = pair()
  for (const message of ['a', 'b']) record.add(warning(message))
  const filling = seen.fill()
  const [first] = seen.events
  await filling
  expect(seen.adopt({ number: 0, event: warning('a') })).toBe(first)
  expect(messages(seen.events)).toEqual(['a', 'b'])
  record.add(warning('c'))
  const adopted = seen.adopt({ number: 2, event: warning('c') })
  expect(seen.events[2]).toBe(adopted)
  expect(messages(seen.events)).toEqual(['a', 'b', 'c'])
})

test('where the stream has left events out, they are forgotten', () => {
  const { record, seen } = pair()
  for (const message of ['a', 'b']) record.add(warning(message))
  expect(messages(seen.events)).toEqual(['a', 'b'])
  record.add(warning('c'))
  record.clear()
  record.add(warning('d'))
  const adopted = seen.adopt({ number: 3, event: warning('d') })
  expect(messages(seen.knownFrom(0))).toEqual(['d'])
  expect(seen.next).toBe(4)
  expect(seen.numberOf(adopted, 'after')).toBe(3)
  expect(seen.forgotten).toBe(3)
  expect(seen.events).toEqual([adopted])
})

test('one that was forgotten since is given all the same', () => {
  const { record, seen } = pair()
  for (const message of ['a', 'b']) record.add(warning(message))
  record.clear()
  expect(seen.events).toEqual([])
  expect(seen.adopt({ number: 0, event: warning('a') })).toMatchObject({ message: 'a' })
  expect(seen.events).toEqual([])
})

test('the first failure outlives what is forgotten', () => {
  const { record, seen } = pair()
  record.add({ type: 'error', error: 'first', at: 0, session: 1 })
  record.add({ type: 'error', error: 'second', at: 0, session: 1 })
  expect(seen.failure).toMatchObject({ error: 'first' })
  record.clear()
  expect(seen.events).toEqual([])
  expect(seen.failure).toMatchObject({ error: 'first' })
})
