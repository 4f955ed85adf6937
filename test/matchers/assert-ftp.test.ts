import { AssertionError } from 'node:assert'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { assertFtp } from '../../src/matchers.ts'
import { messageOf, visit } from './played.ts'

async function errorOf(assertion: () => unknown): Promise<AssertionError> {
  try {
    await assertion()
  } catch (error) {
    expect(error).toBeInstanceOf(AssertionError)
    return error as AssertionError
  }
  return expect.fail('it should have thrown')
}

test('what is so passes', async () => {
  await using ftp = await startFtpServer({ files: { 'pub/hello.txt': 'hello\n' } })
  await visit(ftp)
  const assert = assertFtp(ftp)
  assert.toHaveReceived('RETR', 'pub/*.txt')
  assert.toHaveReceived('RETR', { asymmetricMatch: (found) => found === 'pub/hello.txt' })
  assert.toHaveReceivedInOrder(['USER', 'QUIT'])
  assert.not.toHaveReceived('DELE')
  await assert.toHaveTransferred('pub/hello.txt', { complete: true })
  await assert.toHaveFile('upload.txt', 'uploaded\n')
  await assert.not.toHaveFile('upload.txt', { asymmetricMatch: (found) => found === '' })
  await assert.toHaveNoOpenSessions()
  await assert.toHaveSatisfied({ quit: true })
})

test('what is not so throws an AssertionError at once, that names the assertion and the place', async () => {
  await using ftp = await startFtpServer({ files: { 'pub/hello.txt': 'hello\n' } })
  await visit(ftp)
  expect(() => assertFtp(ftp).toHaveReceived('DELE')).toThrow(AssertionError)
  const error = await errorOf(() => assertFtp(ftp).toHaveReceived('DELE', 'a'))
  expect(error).toMatchObject({ operator: 'toHaveReceived', generatedMessage: false, expected: 'DELE a' })
  expect(error.stack?.split('\n').find((line) => line.startsWith('    at '))).toContain('assert-ftp.test.ts')
})

test('what is awaited rejects likewise', async () => {
  await using ftp = await startFtpServer({ files: { 'pub/hello.txt': 'hello\n' } })
  await visit(ftp)
  const error = await new Promise<AssertionError>((resolve) => {
    assertFtp(ftp).not.toHaveFile('upload.txt').catch(resolve)
  })
  expect(error).toBeInstanceOf(AssertionError)
  expect(error).toMatchObject({ operator: 'not.toHaveFile', generatedMessage: false })
  expect(error.stack?.split('\n').find((line) => line.startsWith('    at '))).toContain('assert-ftp.test.ts')
  expect(error.stack).toContain(`AssertionError [ERR_ASSERTION]: assertFtp(ftp).not.toHaveFile("upload.txt")\n`)
})

test('messages are those of expect, without colours', async () => {
  await using ftp = await startFtpServer({ files: { 'pub/hello.txt': 'hello\n' } })
  await visit(ftp)
  expect(await messageOf(() => assertFtp(ftp).not.toHaveReceived('RETR', /hello/))).toMatchInlineSnapshot(`
    "assertFtp(ftp).not.toHaveReceived("RETR", /hello/)

    RETR /hello/ came 1 time.

    What happened was:
    … 6 lines left out …
    S: 230 Login successful.
    C: TYPE I
    S: 200 Type set to: Binary.
    C: PASV
    # awaiting a data connection on 127.0.0.1:PORT
    S: 227 Entering passive mode (127,0,0,1,PORT).
    # data connection from 127.0.0.1:PORT
    C: RETR pub/hello.txt
    >>> received, though it should not have been
    S: 125 Data connection already open. Transfer starting.
    # RETR sent 6 bytes of /pub/hello.txt (TYPE I) in TIME, completed
    S: 226 Transfer complete.
    C: PASV
    … 11 lines left out …
    "
  `)
})
