import type { Socket } from 'node:net'
import { stripVTControlCharacters } from 'node:util'
import { expect } from 'vitest'
import { type FtpFixture, type FtpHandle, startFtpServer } from '../../src/index.ts'
import type { FtpMatchers } from '../../src/matchers.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: as vitest declares it.
  interface Matchers<T = any> extends FtpMatchers<void> {}
}

/** A message with words for what varies from one run to the next. */
function stable(message: string): string {
  return message
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/127,0,0,1,\d+,\d+/g, '127,0,0,1,PORT')
    .replaceAll(/(in|after) \d+(\.\d+)? (ms|s)\b/g, '$1 TIME')
    .replaceAll(/ready \d\S*|ftp-fixture \d+\.\d+\.\d+/g, 'ftp-fixture VERSION')
}

/** What an assertion says that fails. */
export async function messageOf(assertion: () => unknown): Promise<string> {
  try {
    await assertion()
  } catch (error) {
    return stable(stripVTControlCharacters((error as Error).message))
  }
  return expect.fail('it should have thrown')
}

/** The same, and of the dialogue only what stands next to marks. */
export async function gistOf(assertion: () => unknown): Promise<string> {
  const [said, dialogue = ''] = (await messageOf(assertion)).split('What happened was:\n')
  const lines = dialogue.split('\n')
  const isMark = (line = '') => line.startsWith('>>>')
  const near = lines.filter((line, at) => [lines[at - 1], line, lines[at + 1]].some(isMark))
  return `${said}${near.join('\n')}`
}

/** A client that downloads, uploads, and leaves; nothing of it depends on who is faster. */
export async function visit(ftp: FtpHandle): Promise<void> {
  const before = ftp.transcript.events.at(-1)
  await using client = await RawClient.login(ftp)
  const download = await dataConnection(ftp, client)
  await client.command('RETR pub/hello.txt', 125)
  await readAll(download)
  await client.expect(226)
  const upload = await dataConnection(ftp, client)
  await client.command('STOR upload.txt', 125)
  upload.end('uploaded\n')
  await client.expect(226)
  upload.destroy()
  await client.command('QUIT', 221)
  await ftp.waitFor({ type: 'disconnect' }, { after: before })
}

/** A server that has been visited. */
export async function visited(): Promise<FtpFixture> {
  const ftp = await startFtpServer({ files: { 'pub/hello.txt': 'hello\n', 'pub/[odd].txt': 'odd\n' } })
  await visit(ftp)
  return ftp
}

/** A data connection that the server knows of. */
async function dataConnection(ftp: FtpHandle, client: RawClient): Promise<Socket> {
  const before = ftp.transcript.events.at(-1)
  const data = await client.passive()
  await ftp.waitFor({ type: 'data-open' }, { after: before })
  return data
}
