import { readdirSync, statSync, truncateSync } from 'node:fs'
import type { Socket } from 'node:net'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { tempTree } from '../filesystems/temp-tree.ts'
import { certfile } from '../support/certificates.ts'
import { MachineProgram, type Weight } from '../support/machine-program.ts'
import { RawClient } from '../support/raw-client.ts'

const KIB = 1024
const MIB = 1024 ** 2
/** Of the server's event loop: enough for one that does not stop by itself to pile up all it can. */
const TURNS = 100
/** What a process takes besides once it has had much to do, and does not give back to the system. */
const ROOM = 48 * MIB
const INSECURE = { rejectUnauthorized: false }
const IS_LONG = process.env.MODE === 'soak'

/** What a server has come to weigh since it was weighed first. */
class Scales {
  readonly #program: MachineProgram
  readonly #before: Weight

  private constructor(program: MachineProgram, before: Weight) {
    this.#program = program
    this.#before = before
  }

  static async of(program: MachineProgram): Promise<Scales> {
    // What the first session makes it load is nobody's growth.
    await using client = await RawClient.login(program)
    for (const line of ['STAT', 'HELP', 'FEAT']) await client.command(line, 211, 214)
    await client.store('STOR warm.bin', 'warm')
    return new Scales(program, await program.ask('memory'))
  }

  /** Lets the server do all that it can do by now, and compares. */
  async expectBelow(bytes: number, what: string): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await this.#program.ask('turns')
    const { pss, heap } = await this.#program.ask<Weight>('memory')
    const grown = { heap: heap - this.#before.heap, pss: pss - this.#before.pss }
    if (IS_LONG)
      console.log(`${what}: heap ${(grown.heap / KIB).toFixed(0)} KiB, PSS ${(grown.pss / KIB).toFixed(0)} KiB`)
    expect(grown.heap, `${what}: heap`).toBeLessThan(bytes)
    expect(grown.pss, `${what}: PSS`).toBeLessThan(bytes + ROOM)
  }
}

const times = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)))

const closeAll = (clients: readonly RawClient[]) => Promise.all(clients.map((client) => client[Symbol.asyncDispose]()))

/** A session over TLS when that is wanted. */
async function logIn(program: MachineProgram, isEncrypted: boolean): Promise<RawClient> {
  if (!isEncrypted) return RawClient.login(program)
  const client = await RawClient.connect(program)
  await client.expect(220)
  await client.secure(INSECURE)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  await client.command('TYPE I', 200)
  return client
}

/** A file that takes no place on the disk. */
async function rootWithLarge(bytes: number): Promise<string> {
  const root = await tempTree({ 'large.bin': '' })
  truncateSync(path.join(root, 'large.bin'), bytes)
  return root
}

const openDescriptors = ({ child }: MachineProgram) => readdirSync(`/proc/${child.pid}/fd`).length

describe.runIf(process.platform === 'linux')('memory is bounded', () => {
  describe.each([
    ['in the clear', false],
    ['encrypted', true],
  ])('%s', (_, isEncrypted) => {
    test('for clients that send thousands of commands and read no replies; who reads at last gets them all', async () => {
      await using program = await MachineProgram.start({ certfile })
      const clients = await times(4, () => logIn(program, isEncrypted))
      const scales = await Scales.of(program)
      for (const { socket } of clients) {
        socket.pause()
        socket.write('HELP\r\nSTAT\r\nFEAT\r\n'.repeat(7000))
      }
      await scales.expectBelow(4 * MIB, '4 clients that read no replies')
      const [reader] = clients
      reader?.socket.resume()
      for (let count = 0; count < 21_000; count++) await reader?.expect(211, 214)
      await closeAll(clients)
    })

    test('for downloads that nobody reads', async () => {
      await using program = await MachineProgram.start({ root: await rootWithLarge(256 * MIB), certfile })
      const clients = await times(20, () => logIn(program, isEncrypted))
      const scales = await Scales.of(program)
      const downloads = await times(20, async (index) => {
        const client = clients[index] as RawClient
        await client.command(index % 2 === 0 ? 'TYPE I' : 'TYPE A', 200)
        const data = await client.passive()
        data.pause()
        await client.command('RETR large.bin', 125, 150)
        return data
      })
      await scales.expectBelow(20 * 2.5 * MIB, '20 downloads that nobody reads')
      for (const data of downloads) data.destroy()
      await closeAll(clients)
    })
  })

  // The names are all held, 9 MiB of each; the lines are not. Only a large one tells: the kernel takes some MiB itself.
  test.runIf(IS_LONG)('for listings that nobody reads', async () => {
    const names = Array.from({ length: 40_000 }, (_, index) => [`${'n'.repeat(200)}${index}`, ''])
    await using program = await MachineProgram.start({ root: await tempTree(Object.fromEntries(names)) })
    const clients = await times(6, () => logIn(program, false))
    const scales = await Scales.of(program)
    const listings = await times(6, async (index) => {
      const data = await (clients[index] as RawClient).passive()
      data.pause()
      await clients[index]?.command(['LIST', 'MLSD', 'NLST'][index % 3] ?? '', 125, 150)
      return data
    })
    await scales.expectBelow(6 * 14 * MIB, '6 listings of 40,000 names that nobody reads')
    for (const data of listings) data.destroy()
    await closeAll(clients)
  })

  test('for uploads that come byte by byte, or stop', async () => {
    await using program = await MachineProgram.start()
    const clients = await times(100, () => logIn(program, false))
    const scales = await Scales.of(program)
    const uploads = await times(100, async (index) => {
      const data = await (clients[index] as RawClient).passive()
      await clients[index]?.command(`STOR ${index}.bin`, 125, 150)
      data.setNoDelay()
      data.write('a')
      return data
    })
    const [slow] = uploads as [Socket]
    for (let sent = 0; sent < 1000; sent++) await new Promise<void>((resolve) => slow.write('a', () => resolve()))
    await scales.expectBelow(100 * 256 * KIB, '100 uploads that stop')
    slow.end()
    await clients[0]?.expect(226)
    expect(statSync(path.join(program.root, '0.bin')).size).toBe(1001)
    for (const data of uploads) data.destroy()
    await closeAll(clients)
  })

  test('for what is sent before anybody has asked for it', async () => {
    await using program = await MachineProgram.start()
    const clients = await times(10, () => logIn(program, false))
    const scales = await Scales.of(program)
    const early = await times(10, async (index) => {
      const data = await (clients[index] as RawClient).passive()
      data.end(Buffer.alloc(8 * MIB))
      return data
    })
    await scales.expectBelow(10 * MIB, '10 × 8 MiB that nobody has asked for')
    await clients[0]?.command('STOR early.bin', 125, 150)
    await clients[0]?.expect(226)
    expect(statSync(path.join(program.root, 'early.bin')).size).toBe(8 * MIB)
    for (const data of early) data.destroy()
    await closeAll(clients)
  })

  test('for a line that does not end; all of it is one command too long', async () => {
    await using program = await MachineProgram.start()
    const clients = await times(5, () => logIn(program, false))
    const scales = await Scales.of(program)
    const written = clients.map(
      ({ socket }) => new Promise<void>((resolve) => socket.write(Buffer.alloc(16 * MIB, 'a'), () => resolve())),
    )
    await Promise.all(written)
    await scales.expectBelow(8 * MIB, '5 lines of 16 MiB')
    for (const client of clients) {
      await client.expect(500)
      client.send('')
      expect((await client.command('NOOP')).text).toMatch(/^200 /)
    }
    await closeAll(clients)
  })

  test('for hundreds that say nothing, or never finish a handshake; they are turned out in time', async () => {
    await using program = await MachineProgram.start({ certfile, timeout: '1s', tlsHandshakeTimeout: '1s' })
    const scales = await Scales.of(program)
    const silent = await times(200, () => RawClient.connect(program))
    const halfway = await times(200, async (index) => {
      const client = await RawClient.connect(program)
      await client.expect(220)
      await client.command('AUTH TLS', 234)
      // Nothing, or how the first record of a handshake begins.
      if (index % 2 === 0) client.socket.write(Buffer.from('160301020001', 'hex'))
      return client
    })
    await scales.expectBelow(400 * 128 * KIB, '200 that say nothing and 200 amid a handshake')
    for (const client of [...silent, ...halfway]) await client.closed()
    await closeAll([...silent, ...halfway])
    while ((await program.ask<number>('sessions')) > 0);
  })

  test('and so are descriptors, for data connections that are prepared over and over and never made', async () => {
    await using program = await MachineProgram.start()
    const clients = await times(200, () => logIn(program, false))
    const scales = await Scales.of(program)
    const before = openDescriptors(program)
    for (let round = 0; round < 20; round++) {
      await Promise.all(
        clients.map((client, index) => client.passiveAddress((index + round) % 2 === 0 ? 'PASV' : 'EPSV')),
      )
    }
    await scales.expectBelow(200 * 64 * KIB, '200 × PASV without a connection')
    expect(openDescriptors(program)).toBeLessThanOrEqual(before + 200 + 1)
    await closeAll(clients)
    while ((await program.ask<number>('sessions')) > 0);
    expect(openDescriptors(program)).toBeLessThanOrEqual(before - 200 + 32)
  })
})
