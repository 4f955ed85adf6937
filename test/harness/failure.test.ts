import { expect, test } from 'vitest'
import type { FtpEvent } from '../../src/handlers/events.ts'
import { explainError, recordFromNow, withDialogue } from '../../src/harness/failure.ts'
import { startFtpServer } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'

const noop = { type: 'command', session: 1, verb: 'NOOP', argument: '', line: 'NOOP', time: 0 } as unknown as FtpEvent
const frames = '\n    at test (/a/b.test.ts:1:2)\n    at run (node:internal:3:4)'

test('the dialogue goes behind the message and before the lines of the stack', () => {
  const dialogue = '\n\nFTP dialogue:\n  C: NOOP'
  expect(withDialogue('one\ntwo', [noop])).toBe(`one\ntwo${dialogue}`)
  expect(withDialogue(`Error: one\ntwo${frames}`, [noop])).toBe(`Error: one\ntwo${dialogue}${frames}`)
})

test('nothing is added where nothing was said, nor to a message that shows a dialogue', () => {
  expect(withDialogue('one', [])).toBe('one')
  expect(withDialogue('one\nC: USER x', [noop])).toBe('one\nC: USER x')
})

test('of a long dialogue the end is shown', () => {
  const text = withDialogue(
    'one',
    Array.from({ length: 100 }, () => noop),
  )
  expect(text).toContain('… 40 lines left out …')
  expect(text.split('\n').filter((line) => line === '  C: NOOP')).toHaveLength(60)
})

test('whatever was thrown is explained where that can be done, and left as it is elsewhere', () => {
  const aborted = AbortSignal.abort().reason as Error
  explainError(aborted, [noop])
  expect(aborted.message).toMatch(/aborted\n\nFTP dialogue:\n {2}C: NOOP$/)
  const frozen = Object.freeze(new Error('one'))
  const values = [undefined, null, 5, 'text', { code: 5 }, { message: { a: 1 } }, frozen]
  const before = structuredClone(values)
  for (const value of values) explainError(value, [noop])
  expect(values).toEqual(before)
})

test('the record from now on, also when what was before is forgotten', async () => {
  await using ftp = await startFtpServer()
  const client = await RawClient.login(ftp)
  const recorded = recordFromNow(ftp)
  expect(recorded()).toEqual([])
  await client.command('NOOP')
  expect(recorded()).toMatchObject([{ type: 'command' }, { type: 'reply' }])
  ftp.transcript.clear()
  await client.command('HELP')
  expect(recorded()).toMatchObject([{ type: 'command', verb: 'HELP' }, { type: 'reply' }])
  client.socket.destroy()
})

test('the farewell of a client from before is left out, and what another one does is not', async () => {
  await using ftp = await startFtpServer()
  const [leaver, worker] = [await RawClient.login(ftp), await RawClient.login(ftp)]
  const recorded = recordFromNow(ftp)
  await leaver.command('QUIT', 221)
  await worker.command('NOOP', 200)
  await worker.command('QUIT', 221)
  await ftp.waitFor({ type: 'disconnect', session: 1 })
  await ftp.waitFor({ type: 'disconnect', session: 2 })
  expect(recorded().map(({ session, type }) => [session, type])).toEqual([
    [2, 'command'],
    [2, 'reply'],
    [2, 'command'],
    [2, 'logout'],
    [2, 'reply'],
    [2, 'disconnect'],
  ])
})
