import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { type FtpFixture, randomBytes, type StartFtpServerOptions, startFtpServer } from '../../src/index.ts'
import { ThrottledDTPHandler } from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'

const CONTENT = randomBytes(25_000, { seed: 1 })

/** A server whose time stands still, with limits of 10,000 bytes per second both ways. */
function throttled(options: StartFtpServerOptions = {}): Promise<FtpFixture> {
  const limits = { readLimit: 10_000, writeLimit: 10_000 }
  return startFtpServer({ dtpHandler: ThrottledDTPHandler, clock: 'manual', ...limits, ...options })
}

/** What has come over a connection, once that is so many bytes. */
class Reader {
  readonly #chunks: Buffer[] = []
  readonly #data: Socket
  length = 0
  ended = false

  constructor(data: Socket) {
    this.#data = data
    data.on('end', () => {
      this.ended = true
      data.destroy()
    })
    data.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.length += chunk.length
    })
  }

  async atLeast(bytes: number): Promise<number> {
    while (this.length < bytes) await new Promise<void>((resolve) => this.#data.once('data', () => resolve()))
    return this.length
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}

async function download(client: RawClient, command: string): Promise<Reader> {
  const data = await client.passive()
  const reader = new Reader(data)
  await client.command(command, 125, 150)
  return reader
}

async function upload(client: RawClient, command: string, content: Buffer): Promise<Socket> {
  const data = await client.passive()
  await client.command(command, 125, 150)
  data.end(content)
  return data
}

async function transferred(client: RawClient): Promise<number> {
  const { text } = await client.command('STAT', 211)
  return Number(/transferring, (\d+) bytes/.exec(text)?.[1])
}

test('a download takes just its time', async () => {
  await using ftp = await throttled({ files: { 'a.bin': CONTENT } })
  await using client = await RawClient.login(ftp)
  const reader = await download(client, 'RETR a.bin')
  expect(await transferred(client)).toBe(0)
  await ftp.clock.advance('1s')
  expect(await transferred(client)).toBe(10_000)
  expect(await reader.atLeast(10_000)).toBe(10_000)
  await ftp.clock.advance('250ms')
  expect(await transferred(client)).toBe(12_500)
  await ftp.clock.advance(1249)
  expect(await transferred(client)).toBe(24_900)
  await ftp.clock.advance(1)
  await client.expect(226)
  expect(reader.bytes.equals(CONTENT)).toBe(true)
  expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'completed', bytes: 25_000, durationMs: 2500 }])
})

test('an upload takes just its time, and is written as it goes', async () => {
  await using ftp = await throttled()
  await using client = await RawClient.login(ftp)
  const data = await upload(client, 'STOR a.bin', CONTENT)
  await ftp.clock.advance('1s')
  expect(await transferred(client)).toBe(10_000)
  expect((await ftp.files.read('a.bin')).equals(CONTENT.subarray(0, 10_000))).toBe(true)
  await ftp.clock.advance('250ms')
  expect((await ftp.files.read('a.bin')).length).toBe(12_500)
  await ftp.clock.advance(1249)
  expect(await transferred(client)).toBe(24_900)
  await ftp.clock.advance(1)
  await client.expect(226)
  data.destroy()
  expect((await ftp.files.read('a.bin')).equals(CONTENT)).toBe(true)
  expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'completed', bytes: 25_000, durationMs: 2500 }])
})

test('many sessions at a time, both ways: each has a limit of its own', async () => {
  await using ftp = await throttled({ files: { 'a.bin': CONTENT } })
  const clients = await Promise.all(Array.from({ length: 10 }, () => RawClient.login(ftp)))
  const sockets = await Promise.all(
    clients.map((client, i) => (i % 2 ? upload(client, `STOR ${i}.bin`, CONTENT) : download(client, 'RETR a.bin'))),
  )
  await ftp.clock.advance('1s')
  for (const client of clients) expect(await transferred(client)).toBe(10_000)
  await ftp.clock.advance('1500ms')
  for (const client of clients) await client.expect(226)
  expect(ftp.transcript.transfers().map(({ durationMs }) => durationMs)).toEqual(clients.map(() => 2500))
  for (const socket of sockets) if ('destroy' in socket) socket.destroy()
  for (const client of clients) await client[Symbol.asyncDispose]()
})
