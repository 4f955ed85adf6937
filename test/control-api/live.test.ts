import { getHeapStatistics } from 'node:v8'
import { expect, test, vi } from 'vitest'
import { liveEvents } from '../../src/control-api/live-events.ts'
import { Transcript } from '../../src/fixture/transcript.ts'
import type { FtpEvent } from '../../src/index.ts'
import { startControlApi, startFtpServer } from '../../src/index.ts'
import { IOLoop } from '../../src/server.ts'
import { ControlRequests } from '../support/control-requests.ts'
import { EventStream } from '../support/event-stream.ts'
import { RawClient } from '../support/raw-client.ts'

const numbered = (events: readonly FtpEvent[], from = 0) =>
  events.map((event, index) => ({ id: from + index, event: event.type, data: event }))

test('a stream tells what has happened, then what happens, each event once', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  await using client = await RawClient.login(ftp)
  const before = ftp.transcript.events.length
  using stream = await EventStream.open(api)
  expect(stream.incoming.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  // While it is being read, more comes.
  for (let count = 0; count < 50; count++) client.send('NOOP')
  const told = await stream.take(before + 100)
  expect(told).toEqual(numbered(ftp.transcript.events))
  expect(told.map(({ id }) => id)).toEqual(told.map((_, index) => index))
})

test('passwords are masked in it', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  using stream = await EventStream.open(api)
  await using _client = await RawClient.login(ftp)
  const told = await stream.take(ftp.transcript.events.length)
  expect(told.find(({ data }) => data.verb === 'PASS')?.data).toMatchObject({ argument: '***', line: 'PASS ***' })
  expect(JSON.stringify(told)).not.toContain('12345')
})

test('a stream goes on where another one ended', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  await using client = await RawClient.login(ftp)
  const first = await EventStream.open(api)
  const [last] = (await first.take(4)).slice(-1)
  first[Symbol.dispose]()
  await client.command('NOOP', 200)
  using second = await EventStream.open(api, '/transcript/live?after=1', { 'Last-Event-ID': String(last?.id) })
  const { events } = ftp.transcript
  expect(await second.take(events.length - 4)).toEqual(numbered(events.slice(4), 4))
  using third = await EventStream.open(api, '/transcript/live?after=7')
  expect(await third.take(events.length - 7)).toEqual(numbered(events.slice(7), 7))
})

test('numbers go on where the record was cleared, and one that lies ahead is waited for', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  await using client = await RawClient.login(ftp)
  using stream = await EventStream.open(api)
  const next = ftp.transcript.events.length
  await stream.take(next)
  ftp.transcript.clear()
  using ahead = await EventStream.open(api, `/transcript/live?after=${next + 1}`)
  using behind = await EventStream.open(api, '/transcript/live?after=0')
  await client.command('NOOP', 200)
  const events = numbered(ftp.transcript.events, next)
  expect(await stream.take(2)).toEqual(events)
  expect(await ahead.take(1)).toEqual(events.slice(1))
  expect(await behind.take(2)).toEqual(events)
})

test('what was told before the record was cleared is not lost to a reader', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  using stream = await EventStream.open(api)
  await stream.any()
  ftp.server.emit({ type: 'warning', message: 'one' })
  ftp.transcript.clear()
  ftp.server.emit({ type: 'warning', message: 'two' })
  expect(await stream.take(2)).toMatchObject([
    { id: 0, data: { message: 'one' } },
    { id: 1, data: { message: 'two' } },
  ])
})

test('streams end when the API closes, and at once', async () => {
  await using ftp = await startFtpServer()
  const api = await startControlApi(ftp)
  using read = await EventStream.open(api)
  using unread = await EventStream.open(api)
  unread.incoming.pause()
  await read.any()
  await api.close()
  expect(await read.rest()).toEqual([])
})

test('a reader that has gone is forgotten', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  let listening = 0
  const { transcript } = ftp
  const listen = transcript.listen.bind(transcript)
  transcript.listen = (listener) => {
    const stop = listen(listener)
    listening++
    return () => {
      listening--
      stop()
    }
  }
  const stream = await EventStream.open(api)
  expect(listening).toBe(1)
  stream[Symbol.dispose]()
  const requests = new ControlRequests(api)
  while (listening > 0) await requests.get('/sessions')
})

test('a reader that lags is let go, and what it has not read is not kept', async () => {
  const transcript = new Transcript()
  const ioloop = new IOLoop()
  const stream = liveEvents(transcript, { from: 0, ioloop, signal: new AbortController().signal })
  const add = (message: string) => transcript.add({ type: 'warning', message, at: 0, session: 0 })
  const before = getHeapStatistics().used_heap_size
  for (let count = 0; count < 30_000; count++) {
    add(`${count}`.padEnd(1000))
    if (count % 100 === 0) transcript.clear()
  }
  expect(getHeapStatistics().used_heap_size - before).toBeLessThan(30e6)
  let text = ''
  for await (const chunk of stream) text += Buffer.from(chunk).toString()
  expect(text).toContain('retry: ')
  expect([...text.matchAll(/^id: /gm)].length).toBeLessThan(10_000)
  expect(ioloop.pending).toBe(0)
})

test('a stream says from time to time that it is there', async () => {
  const ioloop = new IOLoop('manual')
  const closing = new AbortController()
  const stream = liveEvents(new Transcript(), { from: 0, ioloop, signal: closing.signal })
  const reader = stream.getReader()
  const text = async () => Buffer.from((await reader.read()).value ?? []).toString()
  expect(await text()).toBe('retry: 1000\n\n')
  for (let count = 0; count < 3; count++) {
    const next = text()
    await ioloop.advance(15_000)
    expect(await next).toMatch(/^: .*\n\n$/)
  }
  closing.abort()
  expect((await reader.read()).done).toBe(true)
  expect(ioloop.pending).toBe(0)
})

test('the timers of a test may be fake', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  try {
    using stream = await EventStream.open(api)
    ftp.server.emit({ type: 'debug', message: 'here' })
    expect((await stream.next())?.data.message).toBe('here')
  } finally {
    vi.useRealTimers()
  }
})
