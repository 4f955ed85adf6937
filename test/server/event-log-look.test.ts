import { expect, test } from 'vitest'
import type { EventDetail } from '../../src/handlers/events.ts'
import { commands } from '../../src/server.ts'
import { EventLog } from '../../src/servers/event-log.ts'
import { resolveLog } from '../../src/servers/log-options.ts'
import { SessionColours } from '../../src/servers/session-colours.ts'

test('a session keeps its colour, which no other open one has while there are enough', () => {
  const colours = new SessionColours()
  const numbers = [3, 6, 9, 12, 15]
  for (const session of numbers) colours.add(session)
  const given = numbers.map((session) => colours.of(session))
  expect(new Set(given).size).toBe(numbers.length)
  colours.add(18)
  expect(given).toContain(colours.of(18))
  expect(colours.of(18)).not.toBe(colours.of(15))
  colours.delete(9)
  colours.delete(18)
  colours.add(21)
  expect(colours.of(21)).toBe(given[2])
  expect(numbers.map((session) => colours.of(session))).toEqual(given.with(2, 'gray'))
})

test('those that come one after the other differ', () => {
  const colours = new SessionColours()
  let last: string = colours.of(0)
  for (let session = 1; session < 20; session++) {
    colours.add(session)
    expect(colours.of(session)).not.toBe(last)
    last = colours.of(session)
    colours.delete(session)
  }
})

/** The lines that some events make, without their times. */
function lines(
  events: readonly EventDetail[],
  look: { readonly indent?: boolean; readonly colour?: boolean },
): string[] {
  const written: string[] = []
  const options = resolveLog({ level: 'debug', write: (line: string) => written.push(line), ...look }, 'log')
  const log = new EventLog(options, { prefix: () => '#{session}', commands })
  const connect = { type: 'connect', remoteAddress: '::1', remotePort: 1, localPort: 2 } as const
  log.tell({ ...connect, at: 0, session: 1 })
  log.tell({ ...connect, at: 0, session: 2 })
  for (const detail of events) for (const session of [1, 2]) log.tell({ ...detail, at: 0, session })
  return written.slice(2)
}

const CONTROL: readonly EventDetail[] = [
  { type: 'login', username: 'eve' },
  { type: 'tls', connection: 'control', protocol: 'TLSv1.3', cipher: 'X', resumed: false },
]
const DATA: readonly EventDetail[] = [
  { type: 'data-listen', address: '::1', port: 3 },
  { type: 'data-open', mode: 'passive', remoteAddress: '::1', remotePort: 3 },
  { type: 'data-refused', remoteAddress: '::1', remotePort: 3, reason: 'r' },
  { type: 'tls', connection: 'data', protocol: 'TLSv1.3', cipher: 'X', resumed: false },
  { type: 'tls-failed', connection: 'data', reason: 'r' },
  {
    type: 'transfer',
    verb: 'RETR',
    direction: 'sent',
    path: '/p',
    bytes: 1,
    restartMarker: 0,
    representation: 'I',
    outcome: 'completed',
    durationMs: 1,
  },
]

test('indent: what is of data connections stands further in', () => {
  for (const line of lines(CONTROL, { indent: true })) expect(line.slice(13)).toMatch(/^#\d \S/)
  for (const line of lines(DATA, { indent: true })) expect(line.slice(13)).toMatch(/^#\d {3}[=!] /)
  for (const line of lines(DATA, {})) expect(line.slice(13)).toMatch(/^#\d [=!] /)
})

test('colour: a prefix has that of its session', () => {
  const [first = '', second = ''] = lines(CONTROL, { colour: true })
  expect(first).toContain('\x1b[36m#1\x1b[39m ')
  expect(second).toContain('\x1b[35m#2\x1b[39m ')
})
