import { existsSync, readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import path from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { randomBytes } from '../../src/index.ts'
import { certfile } from '../support/certificates.ts'
import { logIn } from '../support/ftps.ts'
import { MachineProgram } from '../support/machine-program.ts'
import { clientOf, oneEach, PreforkProgram } from '../support/prefork-program.ts'
import { overTls, RawClient, readAll } from '../support/raw-client.ts'

const CLIENTS = process.env.MODE === 'soak' ? 50 : 10
/** Uploads that have been acknowledged when the server is killed. */
const ENOUGH = process.env.MODE === 'soak' ? 2000 : 60
const SIZES = [0, 1000, 70_000, 1_500_000]
const UNCHECKED = { rejectUnauthorized: false }

const contentOf = (size: number) => randomBytes(size, { seed: size })
const CONTENTS = new Map(SIZES.map((size) => [size, contentOf(size)]))

interface Uploads {
  readonly acknowledged: Map<string, number>
  readonly begun: Map<string, number>
}

/** Uploads file after file until the server is gone. */
async function keepUploading(server: { host: string; port: number }, who: number, isEncrypted: boolean, all: Uploads) {
  const client = isEncrypted ? await encrypted(server) : await RawClient.login(server)
  let plain: Socket | undefined
  try {
    for (let number = 0; ; number++) {
      const name = `${who}-${number}.bin`
      const size = SIZES[(who + number) % SIZES.length] ?? 0
      plain = await client.passive()
      const data = isEncrypted ? await overTls(plain, UNCHECKED) : plain
      all.begun.set(name, size)
      await client.command(`STOR ${name}`, 125, 150)
      data.resume().end(CONTENTS.get(size) ?? '')
      await client.expect(226)
      all.acknowledged.set(name, size)
      data.destroy()
    }
  } catch {
    // The server has been killed.
  } finally {
    plain?.destroy()
    await client[Symbol.asyncDispose]()
  }
}

async function encrypted(server: { host: string; port: number }): Promise<RawClient> {
  const client = await RawClient.connect(server)
  await client.expect(220)
  await client.secure(UNCHECKED)
  await logIn(client)
  await client.command('PBSZ 0', 200)
  await client.command('PROT P', 200)
  return client
}

/** Has clients upload, kills the server amid it, and looks at what is on the disk. */
async function killAmidUploads(
  server: { readonly host: string; readonly port: number; readonly root: string },
  kill: () => Promise<unknown>,
  isEncrypted = false,
): Promise<void> {
  const all: Uploads = { acknowledged: new Map(), begun: new Map() }
  const done = Promise.all(
    Array.from({ length: CLIENTS }, (_, who) => keepUploading(server, who, isEncrypted, all).catch(() => {})),
  )
  await vi.waitUntil(() => all.acknowledged.size >= ENOUGH, { timeout: 60_000, interval: 1 })
  await kill()
  await done
  for (const [name, size] of all.acknowledged) {
    const file = readFileSync(path.join(server.root, name))
    expect(file.equals(contentOf(size)), `${name} of ${size} bytes was acknowledged`).toBe(true)
  }
  for (const [name, size] of all.begun) {
    if (all.acknowledged.has(name) || !existsSync(path.join(server.root, name))) continue
    const file = readFileSync(path.join(server.root, name))
    expect(file.equals(contentOf(size).subarray(0, file.length)), `${name} is the beginning`).toBe(true)
  }
}

describe('a server that is killed amid uploads: what it acknowledged is on the disk, whole', () => {
  test('in clear', async () => {
    await using program = await MachineProgram.start()
    await killAmidUploads(program, () => program.kill())
  })

  test('over TLS', async () => {
    await using program = await MachineProgram.start({ certfile })
    await killAmidUploads(program, () => program.kill(), true)
  })

  test('pre-forked', async () => {
    await using program = await PreforkProgram.start({ serve: { workerProcesses: 2, handleExit: true }, hear: [] })
    await killAmidUploads(program, async () => {
      program.kill('SIGKILL')
      await program.ended()
    })
  })
})

test('a worker that is killed amid transfers costs its own alone; its places come back, and so does a worker', async () => {
  const serve = { workerProcesses: 2, handleExit: true }
  await using program = await PreforkProgram.start({ serve, maxCons: 8, files: { 'a.txt': 'a' } })
  const [victim, other] = await oneEach(program)
  const content = contentOf(1_500_000)
  const begin = async ({ client }: typeof victim, name: string) => {
    await client.command('TYPE I', 200)
    const data = await client.passive()
    await client.command(`STOR ${name}`, 125, 150)
    data.write(content.subarray(0, 700_000))
    return data
  }
  const lost = await begin(victim, 'lost.bin')
  const kept = await begin(other, 'kept.bin')
  process.kill(victim.pid, 'SIGKILL')
  await victim.client.closed()
  lost.destroy()
  kept.end(content.subarray(700_000))
  await other.client.expect(226)
  kept.destroy()
  expect(readFileSync(path.join(program.root, 'kept.bin')).equals(content)).toBe(true)
  const begun = readFileSync(path.join(program.root, 'lost.bin'))
  expect(begun.equals(content.subarray(0, begun.length))).toBe(true)
  expect(begun.length).toBeLessThan(content.length)
  expect(program.count(/^event transfer .*lost/)).toBe(0)
  const again = await vi.waitUntil(
    async () => {
      const served = await clientOf(program)
      if (served.pid !== other.pid) return served
      await served.client[Symbol.asyncDispose]()
      return undefined
    },
    { timeout: 15_000 },
  )
  await again.client.command('TYPE I', 200)
  await again.client.store('STOR lost.bin', content)
  expect(readFileSync(path.join(program.root, 'lost.bin')).equals(content)).toBe(true)
  const rest = await again.client.passive()
  const bytes = readAll(rest)
  await again.client.command('RETR a.txt', 125, 150)
  expect(String(await bytes)).toBe('a')
  for (const { client } of [again, other, victim]) await client[Symbol.asyncDispose]()
})
