import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { Dialogues } from '../../src/jest/dialogues.ts'
import { RawClient } from '../support/raw-client.ts'

test('each failure of a test tells what was said since it began', async () => {
  await using ftp = await startFtpServer()
  const dialogues = new Dialogues(ftp)
  const client = await RawClient.login(ftp)
  const asError = new Error('one')
  const asText = { message: 'two\n    at test (/a/b.js:1:2)' }
  const failed = { errors: [[asError, new Error('place')], asText, ['thrown', new Error('place')], undefined] }
  dialogues.handle({ name: 'test_start', test: failed })
  await client.command('NOOP', 200)
  dialogues.handle({ name: 'test_done', test: failed })
  const dialogue = '\n\nFTP dialogue:\n  C: NOOP\n  S: 200 NOOP ok.'
  expect(asError.message).toBe(`one${dialogue}`)
  expect(asError.stack).toMatch(new RegExp(`^Error: one${dialogue.replaceAll('.', '\\.')}\n +at .*dialogues\\.test`))
  expect(asText.message).toBe(`two${dialogue}\n    at test (/a/b.js:1:2)`)
  client.socket.destroy()
})

test('tests that run beside each other have a beginning of their own', async () => {
  await using ftp = await startFtpServer()
  const dialogues = new Dialogues(ftp)
  const client = await RawClient.login(ftp)
  const [first, second] = [new Error('first'), new Error('second')]
  const tests = [{ errors: [[first]] }, { errors: [[second]] }]
  dialogues.handle({ name: 'test_start', test: tests[0] })
  await client.command('NOOP', 200)
  dialogues.handle({ name: 'test_start', test: tests[1] })
  for (const test of tests) dialogues.handle({ name: 'test_done', test })
  expect(first.message).toContain('C: NOOP')
  expect(second.message).toBe('second')
  client.socket.destroy()
})
