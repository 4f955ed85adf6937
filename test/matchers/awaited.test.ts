import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type FtpFixture, startFtpServer } from '../../src/index.ts'
import { assertFtp, matchers } from '../../src/matchers.ts'
import { RawClient } from '../support/raw-client.ts'
import { startDownload } from '../support/transfers.ts'
import { gistOf, messageOf, visit, visited } from './played.ts'

expect.extend(matchers)

describe('a matcher that nobody awaits', () => {
  /** What is wrong with the answer of a matcher that is looked at when nothing of the call is on the stack any more. */
  async function rejection(call: () => unknown): Promise<Error> {
    const answer = call() as PromiseLike<unknown>
    return new Promise((resolve, reject) => {
      // Not from here: the stack of who awaits would be there.
      setImmediate(() => answer.then(reject, resolve))
    })
  }
  const firstPlace = ({ stack = '' }: Error) => stack.split('\n').find((line) => line.includes('.test.ts'))

  test('tells where it was called, and that the server was stopped meanwhile', async () => {
    for (const asserting of [(ftp: FtpFixture) => expect(ftp), assertFtp]) {
      const ftp = await startFtpServer({ files: { 'a.txt': 'a' } })
      const stopped = await ftp.stop().then(() => rejection(() => asserting(ftp).toHaveFile('a.txt')))
      expect(stopped).toMatchObject({ code: 'ERR_STOPPED' })
      expect(stopped.message).toBe(
        'toHaveFile: "/a.txt": the fixture is stopped, its files are gone; was this awaited?',
      )
      expect(firstPlace(stopped)).toMatch(/awaited\.test\.ts:\d+:\d+/)
    }
  })

  test('tells where it was called when it fails', async () => {
    for (const asserting of [(ftp: FtpFixture) => expect(ftp), assertFtp]) {
      await using ftp = await startFtpServer()
      const failed = await rejection(() => asserting(ftp).toHaveFile('a.txt'))
      expect(failed.message).toContain('/a.txt does not exist')
      expect(firstPlace(failed)).toMatch(/awaited\.test\.ts:\d+:\d+/)
    }
  })
})

describe('toHaveTransferred', () => {
  test('is about all that can be said of a transfer', async () => {
    await using ftp = await visited()
    await expect(ftp).toHaveTransferred('pub/hello.txt')
    await expect(ftp).toHaveTransferred('/pub/*.txt', { bytes: 6, complete: true, verb: 'RETR', direction: 'sent' })
    await expect(ftp).toHaveTransferred('**/*.txt', { times: 2, resumed: false, bytes: '<1KiB' })
    const sha256 = createHash('sha256').update('uploaded\n').digest('hex')
    await expect(ftp).toHaveTransferred('upload.txt', { sha256 })
    await expect(ftp).not.toHaveTransferred('pub/hello.txt', { sha256 })
    await expect(ftp).not.toHaveTransferred('pub/hello.txt', { bytes: 7 })
    await expect(ftp).not.toHaveTransferred('hello.txt')
    await expect(ftp).toHaveTransferred('none.txt', { times: 0 })
  })

  test('knows a path however it is written', async () => {
    await using ftp = await visited()
    for (const path of [
      './upload.txt',
      'pub/../upload.txt',
      '//upload.txt',
      'upload.txt/',
      '{up,down}load.txt',
      '@(up)*',
    ]) {
      await expect(ftp, path).toHaveTransferred(path)
    }
    await expect(ftp).not.toHaveTransferred('!(up)*.txt')
  })

  test('waits for what is under way', async () => {
    await using ftp = await startFtpServer({ files: { '[odd].bin': { size: '10MiB' } } })
    await using client = await RawClient.login(ftp)
    const data = await startDownload(client, '[odd].bin')
    data.resume()
    await expect(ftp).toHaveTransferred('[odd].bin', { bytes: '10MiB', complete: true })
    data.destroy()
  })

  test('shows the nearest, and what it lacks', async () => {
    await using ftp = await visited()
    const expected = { complete: true, bytes: '64KiB' } as const
    expect(await gistOf(() => expect(ftp).toHaveTransferred('upload.txt', expected))).toMatchInlineSnapshot(`
      "expect(ftp).toHaveTransferred("upload.txt", { complete: true, bytes: '64KiB' })

      a transfer (of /upload.txt, complete, 65536 bytes): there was none; near is "STOR received 9 bytes of /upload.txt (TYPE I) in TIME, completed", but expected: 65536 bytes.

      # STOR received 9 bytes of /upload.txt (TYPE I) in TIME, completed
      >>> expected: 65536 bytes
      S: 226 Transfer complete."
    `)
    expect(await gistOf(() => expect(ftp).toHaveTransferred('other.txt'))).toMatchInlineSnapshot(`
      "expect(ftp).toHaveTransferred("other.txt")

      a transfer (of /other.txt): there was none; the transfers were RETR of /pub/hello.txt, STOR of /upload.txt.

      # disconnected after TIME
      >>> expected by here: a transfer (of /other.txt)
      "
    `)
  })

  test('says so where a glob would have met a file in a directory', async () => {
    await using ftp = await visited()
    expect(await messageOf(() => expect(ftp).toHaveTransferred('h*.txt'))).toContain(
      '; the transfers were RETR of /pub/hello.txt, STOR of /upload.txt; "*" stops at "/"; ' +
        '**/h*.txt would be met by /pub/hello.txt.\n',
    )
    expect(await messageOf(() => expect(ftp).toHaveTransferred('hello.txt'))).toContain(
      'STOR of /upload.txt; **/hello.txt would be met by /pub/hello.txt.\n',
    )
    expect(await messageOf(() => expect(ftp).toHaveTransferred('x*.txt'))).toContain('STOR of /upload.txt.\n')
    expect(await messageOf(() => expect(ftp).toHaveTransferred('sub/hello.txt'))).toContain('STOR of /upload.txt.\n')
  })

  test('.not marks what was transferred', async () => {
    await using ftp = await visited()
    expect(await gistOf(() => expect(ftp).not.toHaveTransferred('upload.txt'))).toMatchInlineSnapshot(`
      "expect(ftp).not.toHaveTransferred("upload.txt")

      a transfer (of /upload.txt): there was 1, expected none.

      # STOR received 9 bytes of /upload.txt (TYPE I) in TIME, completed
      >>> transferred, though it should not have been
      S: 226 Transfer complete."
    `)
    const none = { times: 0 }
    expect(await gistOf(() => expect(ftp).not.toHaveTransferred('none.txt', none))).toMatchInlineSnapshot(`
      "expect(ftp).not.toHaveTransferred("none.txt", { times: 0 })

      there was no transfer of /none.txt, as times: 0 allows."
    `)
  })
})

describe('toHaveFile', () => {
  test('is about a file, and its content', async () => {
    await using ftp = await visited()
    await expect(ftp).toHaveFile('upload.txt')
    await expect(ftp).toHaveFile('/upload.txt', 'uploaded\n')
    await expect(ftp).toHaveFile('upload.txt', new TextEncoder().encode('uploaded\n'))
    await expect(ftp).toHaveFile('upload.txt', /^uploaded$/m)
    await expect(ftp).toHaveFile('upload.txt', expect.stringContaining('load'))
    await expect(ftp).not.toHaveFile('upload.txt', 'uploaded')
    await expect(ftp).not.toHaveFile('upload.txt', /down/)
    await expect(ftp).not.toHaveFile('none.txt')
    await expect(ftp).not.toHaveFile('pub')
  })

  test('waits for an upload under way', async () => {
    await using ftp = await startFtpServer()
    await using client = await RawClient.login(ftp)
    const data = await client.passive()
    await client.command('STOR upload.bin', 125, 150)
    data.end(Buffer.alloc(4_000_000))
    await expect(ftp).toHaveFile('upload.bin', Buffer.alloc(4_000_000))
    data.destroy()
  })

  test('says what is there instead', async () => {
    await using ftp = await visited()
    expect(await gistOf(() => expect(ftp).toHaveFile('pub/other.txt'))).toMatchInlineSnapshot(`
      "expect(ftp).toHaveFile("pub/other.txt")

      /pub/other.txt does not exist; /pub has [odd].txt, hello.txt.

      # disconnected after TIME
      >>> expected by here: a file /pub/other.txt
      "
    `)
    expect(await gistOf(() => expect(ftp).toHaveFile('upload.txt', 'downloaded\n'))).toMatchInlineSnapshot(`
      "expect(ftp).toHaveFile("upload.txt", "downloaded\\n")

      /upload.txt holds "uploaded\\n", not "downloaded\\n".

      # STOR received 9 bytes of /upload.txt (TYPE I) in TIME, completed
      >>> expected: other content
      S: 226 Transfer complete."
    `)
    expect(await messageOf(() => expect(ftp).toHaveFile('upload.txt', /down/))).toMatch(
      '/upload.txt holds "uploaded\\n", which is not /down/.',
    )
    expect(await messageOf(() => expect(ftp).toHaveFile('pub'))).toMatch('/pub is a directory, not a file.')
    expect(await messageOf(() => expect(ftp).toHaveFile('a/b'))).toMatch(
      '/a/b does not exist, and there is no directory /a.',
    )
  })

  test('.not marks what wrote it', async () => {
    await using ftp = await visited()
    expect(await gistOf(() => expect(ftp).not.toHaveFile('upload.txt'))).toMatchInlineSnapshot(`
      "expect(ftp).not.toHaveFile("upload.txt")

      /upload.txt is there, with 9 bytes.

      # STOR received 9 bytes of /upload.txt (TYPE I) in TIME, completed
      >>> written, though it should not have been
      S: 226 Transfer complete."
    `)
  })
})

describe('toHaveNoOpenSessions', () => {
  test('waits for clients that have just left', async () => {
    await using ftp = await startFtpServer()
    const clients = await Promise.all(Array.from({ length: 10 }, () => RawClient.login(ftp)))
    await expect(ftp).not.toHaveNoOpenSessions()
    for (const client of clients) client.socket.destroy()
    await expect(ftp).toHaveNoOpenSessions()
    expect(await messageOf(() => expect(ftp).not.toHaveNoOpenSessions())).toMatch(
      /No session is open\.[\s\S]*# session \d+\n# disconnected after TIME\n>>> ended, though it should not have\n/,
    )
  })

  test('.not waits for nothing', async () => {
    await using ftp = await startFtpServer()
    await using _client = await RawClient.login(ftp)
    await expect(ftp).not.toHaveNoOpenSessions({ timeout: '24h' })
  })

  test('names those that stay', async () => {
    await using ftp = await startFtpServer()
    await using _client = await RawClient.login(ftp)
    expect(await gistOf(() => expect(ftp).toHaveNoOpenSessions({ timeout: '20ms' }))).toMatchInlineSnapshot(`
      "expect(ftp).toHaveNoOpenSessions({ timeout: '20ms' })

      1 session is open: 1, still so after TIME.

      S: 200 Type set to: Binary.
      >>> session 1 is still open
      "
    `)
  })
})

describe('toHaveSatisfied', () => {
  test('is about the scenario in use, which may be named, or an expectation', async () => {
    await using ftp = await visited()
    await expect(ftp).toHaveSatisfied({ commands: ['RETR', 'STOR'], sessions: 1, quit: true })
    await expect(ftp).not.toHaveSatisfied({ commands: ['STOR', 'RETR'] })
    ftp.use({ name: 'twice', rules: [], expect: { commands: ['RETR', 'RETR'] } })
    await visit(ftp)
    await expect(ftp).not.toHaveSatisfied('twice')
    expect(await gistOf(() => expect(ftp).toHaveSatisfied('twice'))).toMatchInlineSnapshot(`
      "expect(ftp).toHaveSatisfied("twice")

      scenario twice: 1 thing expected did not come true:
      - commands.inOrder[1]: RETR did not come behind RETR; it came 1 time, and not once more from there on.
      S: 226 Transfer complete.
      >>> expected here: RETR
      C: PASV"
    `)
    await visit(ftp)
    await expect(ftp).toHaveSatisfied('twice')
    await expect(ftp).toHaveSatisfied()
    expect(await messageOf(() => expect(ftp).not.toHaveSatisfied('twice'))).toMatch(
      /All that the scenario twice says came true\.[\s\S]*>>> all that was expected has come true by here\n$/,
    )
  })

  test('refuses what cannot be verified, also for .not', async () => {
    await using ftp = await startFtpServer()
    const none = 'toHaveSatisfied: no scenario is in use: there is nothing to satisfy'
    expect(await messageOf(() => expect(ftp).toHaveSatisfied())).toBe(none)
    expect(await messageOf(() => expect(ftp).not.toHaveSatisfied('slow-download'))).toBe(none)
    ftp.use('slow-download')
    expect(await messageOf(() => expect(ftp).not.toHaveSatisfied('slow-upload'))).toBe(
      'toHaveSatisfied: scenario: expected the name of the scenario in use, "slow-download", found "slow-upload"',
    )
  })
})
