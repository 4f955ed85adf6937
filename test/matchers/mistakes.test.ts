import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { type FtpHandle, startFtpServer } from '../../src/index.ts'
import { assertFtp, matchers, stableDialogue } from '../../src/matchers.ts'
import { messageOf } from './played.ts'

expect.extend(matchers)

/** Calls as a test without types might have them, and what they are refused with. */
const MISTAKES: readonly (readonly [method: keyof typeof matchers, args: readonly unknown[], message: string])[] = [
  ['toHaveReceived', [], 'toHaveReceived: expected 1 to 2 arguments, found 0'],
  ['toHaveReceived', ['RETR', 'a', 'b'], 'toHaveReceived: expected 1 to 2 arguments, found 3'],
  ['toHaveReceived', [5], "toHaveReceived: command: expected a verb, such as 'RETR', found 5"],
  ['toHaveReceived', ['RETRR'], 'toHaveReceived: there is no command "RETRR"; did you mean "RETR"?'],
  ['toHaveReceived', ['RETRR', 'a'], 'toHaveReceived: there is no command "RETRR"; did you mean "RETR"?'],
  ['toHaveReceived', [''], 'toHaveReceived: expected a verb, and a glob'],
  ['toHaveReceived', ['RETR a', 'a'], 'toHaveReceived: command: expected a verb alone'],
  ['toHaveReceived', ['RETR', undefined], 'toHaveReceived: argument 2: expected a value, or no such argument'],
  ['toHaveReceived', ['RETR', 5], 'toHaveReceived: argument: expected a string, which may be a glob'],
  ['toHaveReceived', ['RETR', null], 'toHaveReceived: argument: expected a string, which may be a glob'],
  ['toHaveReceivedInOrder', ['USER'], "toHaveReceivedInOrder: expected a list of commands, such as ['USER', 'RETR *"],
  ['toHaveReceivedInOrder', [[]], 'toHaveReceivedInOrder: expected one command at least, found []'],
  ['toHaveReceivedInOrder', [['RETR', 'STORR']], 'toHaveReceivedInOrder: [1]: there is no command "STORR"'],
  ['toHaveReceivedInOrder', [['RETR', 5]], 'toHaveReceivedInOrder: [1]: expected text, found 5'],
  ['toHaveTransferred', [5], "toHaveTransferred: path: expected a path, such as 'pub/hello.txt', found 5"],
  ['toHaveTransferred', [''], 'toHaveTransferred: path: expected a path'],
  ['toHaveTransferred', ['a', { byts: 5 }], 'byts: unknown option of toHaveTransferred; did you mean "bytes"?'],
  ['toHaveTransferred', ['a', { path: 'b' }], 'path: unknown option'],
  ['toHaveTransferred', ['a', { bytes: 'many' }], 'toHaveTransferred: bytes: expected whole bytes ≥ 0, or a string'],
  [
    'toHaveTransferred',
    ['a', { sha256: undefined }],
    'toHaveTransferred: expected.sha256: expected a value, or no such',
  ],
  ['toHaveTransferred', ['a', { verb: 'RETRR' }], 'toHaveTransferred: verb: there is no command "RETRR"'],
  ['toHaveTransferred', ['a', null], 'toHaveTransferred: expected: expected an object, found null'],
  ['toHaveFile', [5], "toHaveFile: path: expected a path, such as 'pub/hello.txt', found 5"],
  ['toHaveFile', ['a', 5], 'toHaveFile: content: expected a string, bytes'],
  ['toHaveFile', ['a', undefined], 'toHaveFile: argument 2: expected a value, or no such argument'],
  ['toHaveFile', ['../a'], '"/../a" is outside the server\'s root'],
  ['toHaveNoOpenSessions', [{ timout: 5 }], 'timout: unknown option of toHaveNoOpenSessions; did you mean "timeout"?'],
  ['toHaveNoOpenSessions', [{ timeout: 'soon' }], 'toHaveNoOpenSessions: timeout: expected milliseconds'],
  ['toHaveNoOpenSessions', [5], 'toHaveNoOpenSessions: options: expected an object, found 5'],
  ['toHaveSatisfied', [{ comands: ['RETR'] }], 'toHaveSatisfied: comands: unknown key; did you mean "commands"?'],
  ['toHaveSatisfied', [{}], 'toHaveSatisfied: expected something to expect, found {}'],
  ['toHaveSatisfied', [{ commands: ['RETRR'] }], 'toHaveSatisfied: commands[0]: there is no command "RETRR"'],
  ['toHaveSatisfied', [5], 'toHaveSatisfied: scenario: expected the name of the scenario in use'],
]

test.each(MISTAKES)('%s%j is refused, with and without .not', async (method, args, message) => {
  await using ftp = await startFtpServer()
  const call = (asserted: object) =>
    (asserted as Record<string, (...args: readonly unknown[]) => unknown>)[method]?.(...args)
  for (const asserted of [expect(ftp), expect(ftp).not, assertFtp(ftp), assertFtp(ftp).not]) {
    expect(await messageOf(() => call(asserted))).toContain(message)
  }
})

test('a mistake is told once, in words of the test alone', async () => {
  await using ftp = await startFtpServer()
  const asserted = assertFtp(ftp)
  const errors = await Promise.all([
    Promise.resolve()
      .then(() => asserted.toHaveReceived('RETRR'))
      .catch(inspect),
    Promise.resolve()
      .then(() => asserted.toHaveReceivedInOrder(['RETRR']))
      .catch(inspect),
    asserted.toHaveTransferred('a', { direction: 'up' as never }).catch(inspect),
    asserted.toHaveSatisfied({ commands: ['RETRR'] }).catch(inspect),
  ])
  for (const error of errors) expect(error).not.toMatch(/cause|expectation: |inOrder|transfers\[0\]/)
})

test.each(Object.keys(matchers))('%s wants a server', async (method) => {
  const call = (asserted: object) => (asserted as Record<string, () => unknown>)[method]?.()
  const wanted = `${method}: received: expected a server, as startFtpServer() and connectFtpServer() give it, found`
  const likely = { transcript: { events: [], commands: () => [] }, verify: () => {}, waitFor: () => {} }
  for (const value of [undefined, null, 'ftp://127.0.0.1', {}, likely]) {
    for (const asserted of [expect(value), expect(value).not]) {
      expect(await messageOf(() => call(asserted))).toContain(wanted)
    }
  }
  const starting = startFtpServer()
  expect(await messageOf(() => call(expect(starting)))).toMatch(/found Promise .*; await it first$/)
  await (await starting).stop()
})

test('so do assertFtp and stableDialogue', async () => {
  const none = {} as FtpHandle
  expect(() => assertFtp(none)).toThrow('assertFtp: received: expected a server')
  expect(() => stableDialogue(none)).toThrow('stableDialogue: expected a transcript, or a server, found {}')
})
