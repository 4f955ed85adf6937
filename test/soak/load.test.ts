import { readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { tempTree } from '../filesystems/temp-tree.ts'
import { certfile } from '../support/certificates.ts'
import { Crowd, type Some } from '../support/crowd.ts'
import { MachineProgram, type Weight } from '../support/machine-program.ts'

/** `npm run soak` holds the whole load; a small part of it is in every run. */
const IS_LONG = process.env.MODE === 'soak'
const SESSIONS = IS_LONG ? 5000 : 300
/** Of these, so many are encrypted; so are as many of the transfers in proportion. */
const ENCRYPTED = SESSIONS / 10
const TRANSFERS = IS_LONG ? 500 : 60
const KIB = 1024
const MIB = 1024 ** 2
/** More than the kernel holds between a server and a client that does not read. */
const DOWNLOAD_BYTES = 16 * MIB
const UPLOAD_BYTES = 128 * KIB

/** What one may take: some three times of what it does; a transfer that is read into a buffer has one of 1 MiB. */
const LIMITS = {
  session: { pss: 40 * KIB, heap: 16 * KIB },
  encryptedSession: { pss: 100 * KIB, heap: 32 * KIB },
  transfer: { pss: 2 * MIB, heap: 2 * MIB },
}

/** What a part of the load takes in all; few of them share a noise of some MiB. */
function expectWithin(what: keyof typeof LIMITS, count: number, before: Weight, after: Weight): void {
  const [pss, heap] = [after.pss - before.pss, after.heap - before.heap]
  report(what, { count, pssKiB: pss / count / KIB, heapKiB: heap / count / KIB })
  expect(pss, `PSS of ${count} × ${what}`).toBeLessThan(LIMITS[what].pss * count + 16 * MIB)
  expect(heap, `heap of ${count} × ${what}`).toBeLessThan(LIMITS[what].heap * count + 4 * MIB)
}

/** Figures are for who asks for them: the machine is as fast as it is. */
function report(what: string, figures: Readonly<Record<string, number>>): void {
  if (!IS_LONG) return
  const told = Object.entries(figures).map(([name, value]) => `${name} ${Number(value.toFixed(1))}`)
  console.log(`${what}: ${told.join(', ')}`)
}

async function transfers(program: MachineProgram, crowd: Crowd): Promise<void> {
  const clear = SESSIONS - ENCRYPTED
  const encrypted = TRANSFERS / 10
  const downloads: Some[] = [
    { from: 0, count: (TRANSFERS - encrypted) / 2 },
    { from: clear, count: encrypted / 2 },
  ]
  const uploads: Some[] = [
    { from: clear / 2, count: (TRANSFERS - encrypted) / 2 },
    { from: clear + ENCRYPTED / 2, count: encrypted / 2 },
  ]
  const before = await program.ask<Weight>('memory')
  expect(await crowd.begin(downloads, 'RETR', 'large.bin')).toEqual([])
  expect(await crowd.begin(uploads, 'STOR', 'up.bin')).toEqual([])
  expectWithin('transfer', TRANSFERS, before, await program.ask('memory'))
  expect(await crowd.command('NOOP', 200)).toEqual([])

  expect(await crowd.finish([...uploads, ...downloads])).toEqual([])
  expect(new Set(await crowd.received(downloads))).toEqual(new Set([DOWNLOAD_BYTES]))
  const stored = readdirSync(program.root).filter((name) => name.startsWith('up.bin'))
  expect(stored).toHaveLength(TRANSFERS / 2)
  const sizes = stored.map((name) => statSync(path.join(program.root, name)).size)
  expect(new Set(sizes)).toEqual(new Set([UPLOAD_BYTES]))
}

test.skipIf(process.platform !== 'linux')(
  `${SESSIONS} sessions that have logged in and ${TRANSFERS} transfers at once, some encrypted, go without an error`,
  async () => {
    const root = await tempTree({ 'large.bin': '' })
    truncateSync(path.join(root, 'large.bin'), DOWNLOAD_BYTES)
    writeFileSync(path.join(root, 'small.bin'), 'small')
    await using program = await MachineProgram.start({ root, certfile, maxCons: 20_000 })
    await using crowd = await Crowd.start()
    const { port } = program
    // What the first ones make it load is not theirs.
    expect(await crowd.open({ port, count: 20 })).toEqual([])
    const few = await program.ask<Weight>('memory')
    expect(await crowd.open({ port, count: SESSIONS - ENCRYPTED - 20 })).toEqual([])
    expect(await program.ask('sessions')).toBe(SESSIONS - ENCRYPTED)
    const clear = await program.ask<Weight>('memory')
    expectWithin('session', SESSIONS - ENCRYPTED - 20, few, clear)
    expect(await crowd.open({ port, count: ENCRYPTED, tls: true })).toEqual([])
    expect(await program.ask('sessions')).toBe(SESSIONS)
    const all = await program.ask<Weight>('memory')
    expectWithin('encryptedSession', ENCRYPTED, clear, all)
    report('event loop while they came, ms', await program.ask('delay'))

    expect(await crowd.command('NOOP', 200)).toEqual([])
    report('event loop while all said something, ms', await program.ask('delay'))
    await transfers(program, crowd)
    report('event loop amid transfers, ms', await program.ask('delay'))
    expect(await crowd.command('NOOP', 200)).toEqual([])
    expect(await program.ask('sessions')).toBe(SESSIONS)
  },
  120_000,
)
