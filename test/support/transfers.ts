import { once } from 'node:events'
import { truncateSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { FtpFixture } from '../../src/index.ts'
import type { RawClient } from './raw-client.ts'

/** More than the kernel takes for a client that does not read. */
export const HUGE = 32 * 1024 * 1024

/** Makes a file of `HUGE` zeros that takes no room on the disk. */
export function makeHugeFile(ftp: Pick<FtpFixture, 'files'>, name: string): void {
  writeFileSync(ftp.files.path(name), '')
  truncateSync(ftp.files.path(name), HUGE)
}

/** Begins a download of which nothing is read yet. */
export async function startDownload(client: RawClient, path: string): Promise<Socket> {
  const data = await client.passive()
  data.pause()
  await client.command(`RETR ${path}`, 125, 150)
  return data
}

/** Begins an upload, and goes on once the server has its first bytes. */
export async function startUpload(client: RawClient, path: string, bytes = 'first'): Promise<Socket> {
  const data = await client.passive()
  await client.command(`STOR ${path}`, 125, 150)
  data.write(bytes)
  await untilReceived(client, bytes.length)
  return data
}

/** Resolves when STAT says that so many bytes of the running upload have come. */
export async function untilReceived(client: RawClient, count: number): Promise<void> {
  for (;;) {
    const { text } = await client.command('STAT', 211)
    if (text.includes(` ${count} bytes of `)) return
  }
}

/** Resolves when the server has ended a data connection; what it sent is thrown away. */
export async function untilClosed(data: Socket): Promise<void> {
  data.resume()
  if (!data.readableEnded && !data.destroyed) await Promise.race([once(data, 'end'), once(data, 'close')])
  data.destroy()
}
