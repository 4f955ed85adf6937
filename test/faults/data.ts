import type { Socket } from 'node:net'
import { expect } from 'vitest'
import { type FtpFixture, type Rule, startFtpServer } from '../../src/index.ts'
import { protectedData, trusting } from '../support/ftps.ts'
import { ending, type RawClient } from '../support/raw-client.ts'

/** What a client made of a transfer. */
export interface Result {
  readonly bytes: Buffer
  readonly end: 'FIN' | 'RST'
  readonly code: number
}

/** Has a server do one thing wrong with a command, once. */
export function once(ftp: FtpFixture, command: string, then: Rule['then']): void {
  ftp.use({ rules: [{ when: { command }, times: 1, then }] })
}

/** Fetches what a command sends, however that ends. */
export async function download(client: RawClient, command: string, data?: Socket): Promise<Result> {
  const socket = data ?? (await client.passive())
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = ending(socket)
  await client.command(command, 125, 150)
  const end = await ended
  const { code } = await client.reply()
  socket.destroy()
  return { bytes: Buffer.concat(chunks), end, code }
}

/** Sends all bytes with a command and ends, whatever the server makes of it. */
export async function upload(
  client: RawClient,
  command: string,
  content: Uint8Array | string,
  data?: Socket,
): Promise<Omit<Result, 'bytes'>> {
  const socket = data ?? (await client.passive())
  const ended = ending(socket)
  await client.command(command, 125, 150)
  socket.end(content)
  const { code } = await client.reply()
  const end = await ended
  socket.destroy()
  return { end, code }
}

/** A way for a client to have a data connection. */
export interface Connection {
  readonly name: string
  readonly tls: boolean
  open(client: RawClient, ftp: FtpFixture): Promise<Socket>
}

export const connections: readonly Connection[] = [
  { name: 'passive', tls: false, open: (client) => client.passive() },
  { name: 'active', tls: false, open: (client) => client.active() },
  { name: 'encrypted', tls: true, open: (client, ftp) => protectedData(client, trusting(ftp)) },
]

/** What the time line has of faults. */
export function effects(ftp: FtpFixture): string[] {
  return ftp.transcript.events.flatMap((event) => (event.type === 'fault' ? [event.effect] : []))
}

/** What the time line warns of. */
export function warnings(ftp: FtpFixture): string[] {
  return ftp.transcript.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))
}

/** Settings that a fault does not take, which is said with the place. */
export async function refused(fault: string, settings: unknown): Promise<void> {
  await using ftp = await startFtpServer()
  expect(() => ftp.add({ then: { [fault]: settings } } as never)).toThrow(
    expect.objectContaining({
      code: 'ERR_SCENARIO_INVALID',
      message: expect.stringContaining(`then.${fault}`),
    }),
  )
}
