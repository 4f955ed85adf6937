import type { Socket } from 'node:net'
import { type FtpFixture, type StartFtpServerOptions, startFtpServer } from '../../src/index.ts'
import { ThrottledDTPHandler } from '../../src/server.ts'
import type { RawClient } from '../support/raw-client.ts'

/** A server whose time stands still, with limits of 10,000 bytes per second both ways. */
export function throttled(options: StartFtpServerOptions = {}): Promise<FtpFixture> {
  const limits = { readLimit: 10_000, writeLimit: 10_000 }
  return startFtpServer({ dtpHandler: ThrottledDTPHandler, clock: 'manual', ...limits, ...options })
}

/** Keeps what comes over a data connection. */
export class Reader {
  readonly #chunks: Buffer[] = []
  readonly #data: Socket
  length = 0

  constructor(data: Socket) {
    this.#data = data
    data.on('end', () => data.destroy())
    data.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.length += chunk.length
    })
  }

  /** Resolves once so many bytes have come, with how many there are. */
  async atLeast(bytes: number): Promise<number> {
    while (this.length < bytes) await new Promise<void>((resolve) => this.#data.once('data', () => resolve()))
    return this.length
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}

/** Begins a download that is read as it comes. */
export async function download(client: RawClient, command: string): Promise<Reader> {
  const data = await client.passive()
  const reader = new Reader(data)
  await client.command(command, 125, 150)
  return reader
}

/** Begins an upload of which all is sent at once, or a beginning. */
export async function upload(
  client: RawClient,
  command: string,
  content: Buffer,
  { isLast = true }: { readonly isLast?: boolean } = {},
): Promise<Socket> {
  const data = await client.passive()
  await client.command(command, 125, 150)
  if (isLast) data.end(content)
  else data.write(content)
  return data
}

/** The bytes of the running transfer so far. */
export async function transferred(client: RawClient): Promise<number> {
  const { text } = await client.command('STAT', 211)
  return Number(/transferring, (\d+) bytes/.exec(text)?.[1])
}

/** Resolves when the running transfer has come so far without any time passing. */
export async function untilTransferred(client: RawClient, bytes: number): Promise<void> {
  while ((await transferred(client)) < bytes);
}
