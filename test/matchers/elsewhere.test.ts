import { expect, test, vi } from 'vitest'
import { Transcript } from '../../src/fixture/transcript.ts'
import { type FtpEvent, type FtpFixture, type FtpHandle, startFtpServer } from '../../src/index.ts'
import { assertFtp, matchers, transcriptSerializer } from '../../src/matchers.ts'
import type { Expectation } from '../../src/scenario.ts'
import { messageOf, visit } from './played.ts'

expect.extend(matchers)

/** Events that came as JSON, in which secrets are masked. */
class RemoteTranscript extends Transcript {
  readonly #ftp: FtpFixture

  constructor(ftp: FtpFixture) {
    super()
    this.#ftp = ftp
  }

  override commands(options: Parameters<Transcript['commands']>[0] = {}) {
    return options.secrets ? this.#ftp.transcript.commands(options) : super.commands(options)
  }
}

/** A hold on a server in another process: all that it tells has been JSON. */
function remote(ftp: FtpFixture): FtpHandle {
  const transcript = new RemoteTranscript(ftp)
  for (const event of JSON.parse(JSON.stringify(ftp.transcript)) as FtpEvent[]) transcript.add(event)
  const verify = async (expectation?: Expectation) => {
    try {
      await ftp.verify(expectation)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      throw Object.assign(new Error(message), { code })
    }
  }
  const { files, sessions, scenario, root } = ftp
  const waitFor: FtpFixture['waitFor'] = ftp.waitFor.bind(ftp)
  return { transcript, verify, files, sessions, scenario, root, waitFor } as unknown as FtpHandle
}

test('every matcher takes any hold on a server', async () => {
  await using fixture = await startFtpServer({ files: { 'pub/hello.txt': 'hello\n' } })
  await visit(fixture)
  const ftp = remote(fixture)
  expect(ftp).toHaveReceived('RETR', 'pub/hello.txt')
  expect(ftp).toHaveReceived('PASS', '12345')
  expect(ftp).not.toHaveReceived('PASS', '1234')
  expect(ftp).toHaveReceivedInOrder(['RETR', 'STOR'])
  await expect(ftp).toHaveTransferred('upload.txt', { bytes: 9 })
  await expect(ftp).not.toHaveTransferred('upload.txt', { bytes: 8 })
  await expect(ftp).toHaveFile('upload.txt', 'uploaded\n')
  await expect(ftp).not.toHaveFile('other.txt')
  await expect(ftp).toHaveNoOpenSessions()
  await expect(ftp).toHaveSatisfied({ quit: true })
  expect(await messageOf(() => expect(ftp).not.toHaveTransferred('upload.txt'))).toMatch(
    />>> transferred, though it should not have been/,
  )
  expect(await messageOf(() => expect(ftp).toHaveSatisfied({ quit: false }))).toMatch(/>>> QUIT not expected/)
})

test('what goes wrong on the way is no verdict', async () => {
  await using fixture = await startFtpServer()
  const ftp = { ...remote(fixture), verify: () => Promise.reject(new Error('connection lost')) } as FtpHandle
  await expect(assertFtp(ftp).not.toHaveTransferred('a')).rejects.toThrow('connection lost')
  await expect(assertFtp(ftp).not.toHaveFile('a')).rejects.toThrow('connection lost')
  await expect(assertFtp(ftp).not.toHaveSatisfied({ quit: true })).rejects.toThrow('connection lost')
})

test('a server of another copy of the package is one too', async () => {
  vi.resetModules()
  const copy = (await import('../../src/index.ts')) as { readonly startFtpServer: typeof startFtpServer }
  expect(copy.startFtpServer).not.toBe(startFtpServer)
  await using ftp = await copy.startFtpServer({ files: { 'pub/hello.txt': 'hello\n' } })
  await visit(ftp)
  expect(ftp).toHaveReceived('RETR')
  await expect(ftp).not.toHaveTransferred('none.txt')
  await expect(ftp).toHaveFile('pub/hello.txt', 'hello\n')
  expect(transcriptSerializer.test(ftp.transcript)).toBe(true)
  expect(transcriptSerializer.test(ftp)).toBe(true)
})

test('the serializer leaves alone what is neither', () => {
  for (const value of [undefined, null, 'S: 220', {}, [], { transcript: [] }, { events: [] }]) {
    expect(transcriptSerializer.test(value)).toBe(false)
  }
})
