import { expect, test } from 'vitest'
import { HeldLines } from '../../../src/cli/live/held-lines.ts'
import { KeptEvents } from '../../../src/cli/live/kept-events.ts'
import { Screen } from '../../../src/cli/live/screen.ts'
import { statusText } from '../../../src/cli/live/status-line.ts'
import { OpenSessions } from '../../../src/cli/open-sessions.ts'
import { TerminalScreen } from '../../support/terminal-screen.ts'

test.each([
  [{}, 80, 'no scenario · 0 sessions · s scenario  p pause  w write  ? keys  q quit'],
  [{ scenario: 'x', sessions: 1, transfers: 1 }, 60, 'x · 1 session · 1 transfer · ? keys'],
  [{ sessions: 2, transfers: 2, held: 0 }, 60, 'no scenario · 2 sessions · 2 transfers · paused · ? keys'],
  [{ held: 1 }, 100, 'no scenario · 0 sessions · paused, 1 line held · s scenario  p go on  w write  ? keys  q quit'],
  [{}, 30, 'no scenario · 0 sessions'],
  [{}, 10, 'no scenar…'],
  [{}, 0, ''],
])('status: %j in %d columns', (status, columns, text) => {
  expect(statusText({ scenario: undefined, sessions: 0, transfers: 0, held: undefined, ...status }, columns)).toBe(text)
})

test('a pause keeps the last lines, and says how many were too many', () => {
  const held = new HeldLines(3)
  for (const line of 'abcdefgh') held.add(line)
  expect(held.count).toBe(8)
  expect(held.release()).toEqual(['… 5 lines left out …', 'f', 'g', 'h'])
  expect(held.release()).toEqual([])
  held.add('i')
  expect(held.release()).toEqual(['i'])
})

test('of what happened, the last of it is kept, and said how much is not', () => {
  const kept = new KeptEvents(3)
  const add = (message: string) => kept.add({ type: 'warning', message, at: 0, session: 0 })
  add('a')
  expect(kept.toString()).toBe('# warning: a\n')
  for (const message of 'bcdef') add(message)
  expect(kept.toString()).toBe('# the first 3 events are left out\n# warning: d\n# warning: e\n# warning: f\n')
  kept.clear()
  add('g')
  expect(kept.toString()).toBe('# warning: g\n')
})

test('the sessions that are open, who they are, and what they are in', () => {
  const sessions = new OpenSessions()
  expect(sessions.toString()).toBe('No session is open\n')
  const at = new Date(2020, 0, 1, 15, 4, 5).getTime()
  const reply = { type: 'reply', lines: [], durationMs: 0, at, session: 1 } as const
  for (const session of [1, 2]) {
    sessions.note({ type: 'connect', remoteAddress: '::1', remotePort: session, localPort: 3, at, session })
  }
  sessions.note({ type: 'login', username: 'eve', at, session: 1 })
  sessions.note({ ...reply, code: 150, verb: 'RETR' })
  expect(sessions.toString()).toBe(
    '#1  eve, from [::1]:1 since 15:04:05, in RETR\n#2  not logged in, from [::1]:2 since 15:04:05\n',
  )
  expect(sessions.inTransfer).toBe(1)
  sessions.note({ ...reply, code: 226, verb: 'RETR' })
  sessions.note({ type: 'logout', username: 'eve', at, session: 1 })
  sessions.note({ type: 'disconnect', durationMs: 1, at, session: 2 })
  sessions.note({ ...reply, code: 150, verb: 'RETR', session: 2 })
  expect(sessions.toString()).toBe('#1  not logged in, from [::1]:1 since 15:04:05\n')
  expect([sessions.count, sessions.inTransfer]).toEqual([1, 0])
})

test('lines scroll above a last line that leaves no trace', async () => {
  const shown = new TerminalScreen(10)
  let status = { before: '', behind: 'one' }
  const screen = new Screen(
    { write: (text: string) => shown.write(text.replaceAll('\n', '\r\n')), columns: 10 },
    (columns) => {
      expect(columns).toBe(9)
      return status
    },
  )
  screen.print('before')
  expect(shown.lines).toEqual(['before', ''])
  screen.open()
  expect([shown.lines, shown.beforeCursor]).toEqual([['before', 'one'], ''])
  screen.print('a')
  screen.print('a line that is long')
  status = { before: 'two', behind: ' and more than fits' }
  await new Promise(setImmediate)
  expect([shown.lines, shown.beforeCursor]).toEqual([['before', 'a', 'a line tha', 't is long', 'two and ms'], 'two'])
  screen.print('last')
  screen.close()
  screen.print('after')
  expect(shown.lines).toEqual(['before', 'a', 'a line tha', 't is long', 'last', 'after', ''])
  await new Promise(setImmediate)
  expect(shown.lines).toHaveLength(7)
})
