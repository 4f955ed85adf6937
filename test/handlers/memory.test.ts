import { truncateSync } from 'node:fs'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { DTPHandler } from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'

const MIB = 1024 ** 2
const SIZE = 300 * MIB
/** Generous: the client is in the same process, and the heap is swept when the engine likes. */
const MAX_GROWTH = 150 * MIB

class Staged extends DTPHandler {
  override stages() {
    return [(chunks: AsyncIterable<Buffer>) => chunks]
  }
}

async function discard(data: Socket): Promise<number> {
  let count = 0
  for await (const chunk of data) count += (chunk as Buffer).length
  data.destroy()
  return count
}

async function pour(data: Socket, bytes: number): Promise<void> {
  const chunk = Buffer.alloc(MIB, 'x')
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    await new Promise<void>((resolve, reject) => data.write(chunk, (error) => (error ? reject(error) : resolve())))
  }
  data.end()
}

async function growthOf(action: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage().rss
  let most = before
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, 5)
  try {
    await action()
  } finally {
    clearInterval(watch)
  }
  return Math.max(most, process.memoryUsage().rss) - before
}

for (const dtpHandler of [DTPHandler, Staged]) {
  test(`${dtpHandler.name}: 300 MiB down and up take bounded memory`, async () => {
    await using ftp = await startFtpServer({ dtpHandler, files: { 'a.bin': '' } })
    truncateSync(ftp.files.path('a.bin'), SIZE)
    await using client = await RawClient.login(ftp)
    const down = await growthOf(async () => {
      const data = await client.passive()
      const count = discard(data)
      await client.command('RETR a.bin', 125, 150)
      expect(await count).toBe(SIZE)
      await client.expect(226)
    })
    const up = await growthOf(async () => {
      const data = await client.passive()
      await client.command('STOR b.bin', 125, 150)
      await pour(data, SIZE)
      await client.expect(226)
      data.destroy()
    })
    expect((await client.command('SIZE b.bin', 213)).text).toBe(`213 ${SIZE}`)
    expect(down / MIB).toBeLessThan(MAX_GROWTH / MIB)
    expect(up / MIB).toBeLessThan(MAX_GROWTH / MIB)
  })

  test(`${dtpHandler.name}: a client that does not read its 300 MiB has the server hold almost none of them`, async () => {
    await using ftp = await startFtpServer({ dtpHandler, files: { 'a.bin': '' } })
    truncateSync(ftp.files.path('a.bin'), SIZE)
    const growth = await growthOf(async () => {
      for (let clients = 0; clients < 5; clients++) {
        const client = await RawClient.login(ftp)
        const data = await client.passive()
        data.pause()
        await client.command('RETR a.bin', 125, 150)
        for (let turn = 0; turn < 200; turn++) await client.command('NOOP', 200)
        data.destroy()
        await client[Symbol.asyncDispose]()
      }
    })
    expect(growth / MIB).toBeLessThan(MAX_GROWTH / MIB)
  })
}
