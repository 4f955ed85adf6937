import { describe, expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { matchers } from '../../src/matchers.ts'
import { type CommandTable, FTPHandler, reply } from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'
import { gistOf, messageOf, visited } from './played.ts'

expect.extend(matchers)

describe('toHaveReceived', () => {
  test('is about a command, and its argument', async () => {
    await using ftp = await visited()
    expect(ftp).toHaveReceived('RETR')
    expect(ftp).toHaveReceived('retr', 'pub/hello.txt')
    expect(ftp).toHaveReceived('RETR', '*.txt')
    expect(ftp).toHaveReceived('RETR *.txt')
    expect(ftp).toHaveReceived('RETR', /^pub/g)
    expect(ftp).toHaveReceived('RETR', expect.stringContaining('hello'))
    expect(ftp).toHaveReceived('PASS', '12345')
    expect(ftp).toHaveReceived('QUIT', '')
    expect(ftp).not.toHaveReceived('RETR', 'pub/hello')
    expect(ftp).not.toHaveReceived('RETR', /HELLO/)
    expect(ftp).not.toHaveReceived('RETR', expect.stringContaining('hallo'))
    expect(ftp).not.toHaveReceived('DELE')
  })

  test('an argument is meant by itself, be it a glob for others or none at all', async () => {
    await using ftp = await startFtpServer({ files: { '[odd].txt': '' } })
    await using client = await RawClient.login(ftp)
    await client.command('SIZE [odd].txt', 213)
    await client.command('SIZE [odd', 550)
    expect(ftp).toHaveReceived('SIZE', '[odd].txt')
    expect(ftp).toHaveReceived('SIZE', '[odd')
    expect(ftp).toHaveReceivedInOrder(['SIZE [odd].txt'])
    expect(ftp).not.toHaveReceived('SIZE', '[od')
  })

  test('a SITE command is one verb, or SITE with an argument', async () => {
    await using ftp = await startFtpServer({ files: { a: '' } })
    await using client = await RawClient.login(ftp)
    await client.command('SITE CHMOD 644 a', 200)
    expect(ftp).toHaveReceived('SITE CHMOD', '644 a')
    expect(ftp).toHaveReceived('SITE CHMOD')
    expect(ftp).toHaveReceived('SITE')
    expect(ftp).toHaveReceived('SITE', 'CHMOD 644 *')
    await client.command('SITE HELP', 214)
    expect(ftp).toHaveReceived('SITE', /^HELP$/)
    expect(ftp).toHaveReceivedInOrder(['SITE CHMOD', 'SITE *LP'])
    expect(ftp).not.toHaveReceived('SITE', 'CHMOD')
  })

  test('shows what came instead', async () => {
    await using ftp = await visited()
    expect(await messageOf(() => expect(ftp).toHaveReceived('RETR', 'pub/other.txt'))).toMatchInlineSnapshot(`
      "expect(ftp).toHaveReceived("RETR", "pub/other.txt")

      RETR pub/other.txt did not come; what came was RETR pub/hello.txt.

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
      >>> expected: RETR pub/other.txt
      S: 125 Data connection already open. Transfer starting.
      # RETR sent 6 bytes of /pub/hello.txt (TYPE I) in TIME, completed
      S: 226 Transfer complete.
      C: PASV
      … 11 lines left out …
      "
    `)
    expect(await gistOf(() => expect(ftp).toHaveReceived('DELE'))).toMatchInlineSnapshot(`
      "expect(ftp).toHaveReceived("DELE")

      DELE did not come; the commands were USER, PASS, TYPE, PASV, RETR, PASV, STOR, QUIT.

      # disconnected after TIME
      >>> expected by here: DELE
      "
    `)
  })

  test('.not marks what came', async () => {
    await using ftp = await visited()
    expect(await gistOf(() => expect(ftp).not.toHaveReceived('STOR', /txt/))).toMatchInlineSnapshot(`
      "expect(ftp).not.toHaveReceived("STOR", /txt/)

      STOR /txt/ came 1 time.

      C: STOR upload.txt
      >>> received, though it should not have been
      S: 125 Data connection already open. Transfer starting."
    `)
  })
})

test('marks are in the colours of the runner', async () => {
  await using ftp = await visited()
  const utils = {
    matcherHint: (name: string) => name,
    EXPECTED_COLOR: (text: string) => `<green>${text}</green>`,
    RECEIVED_COLOR: (text: string) => `<red>${text}</red>`,
  }
  const missing = matchers.toHaveReceived.call({ utils }, ftp, 'DELE')
  expect(missing.message()).toContain('\n<green>>>> expected by here: DELE</green>\n')
  const extra = matchers.toHaveReceived.call({ utils, isNot: true }, ftp, 'RETR')
  expect(extra.message()).toContain('\n<red>>>> received, though it should not have been</red>\n')
})

test('content that is text is left to the runner to compare, too', async () => {
  await using ftp = await visited()
  const result = await matchers.toHaveFile.call({}, ftp, 'upload.txt', 'down\n')
  expect(result).toMatchObject({ pass: false, actual: 'uploaded\n', expected: 'down\n' })
  expect(await matchers.toHaveFile.call({ isNot: true }, ftp, 'upload.txt', 'uploaded\n')).toEqual({
    pass: true,
    message: expect.any(Function),
  })
})

test('a command of the server’s own is no misspelt one', async () => {
  class OwnHandler extends FTPHandler {
    static override readonly commands: CommandTable = {
      ...FTPHandler.commands,
      RETX: { argument: 'none', help: 'RETX', run: () => reply(200, 'Ok.') },
    }
  }
  await using ftp = await startFtpServer({ handler: OwnHandler })
  expect(ftp).not.toHaveReceived('RETX')
})

describe('toHaveReceivedInOrder', () => {
  test('lets others stand between', async () => {
    await using ftp = await visited()
    expect(ftp).toHaveReceivedInOrder(['USER', 'RETR *.txt', 'STOR upload.txt', 'QUIT'])
    expect(ftp).not.toHaveReceivedInOrder(['STOR', 'RETR'])
  })

  test('marks where the missing one should have been', async () => {
    await using ftp = await visited()
    expect(await gistOf(() => expect(ftp).toHaveReceivedInOrder(['RETR', 'PASS']))).toMatchInlineSnapshot(`
      "expect(ftp).toHaveReceivedInOrder(["RETR", "PASS"])

      PASS did not come behind RETR; it came 1 time, and not once more from there on.

      S: 226 Transfer complete.
      >>> expected here: PASS
      C: PASV"
    `)
  })

  test('.not marks what came in the order', async () => {
    await using ftp = await visited()
    expect(await gistOf(() => expect(ftp).not.toHaveReceivedInOrder(['USER', 'PASS']))).toMatchInlineSnapshot(`
      "expect(ftp).not.toHaveReceivedInOrder(["USER", "PASS"])

      USER, PASS came in this order.

      C: USER user
      >>> received, though it should not have been
      S: 331 Username ok, send password.
      C: PASS ***
      >>> received, though it should not have been
      # user logged in"
    `)
  })
})
