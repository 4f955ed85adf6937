import { spawnSync } from 'node:child_process'
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { tempTree } from '../filesystems/temp-tree.ts'
import { MachineProgram } from '../support/machine-program.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

const MIB = 1024 ** 2
const CLIENTS = 30
/** Of the event loop, for each client that comes; a loop that spins would turn some thousand times. */
const TURNS_PER_CLIENT = 20
const FEW = ['prlimit', '--nofile=100:100']

const hasPrlimit = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0

/** Resolves when the server has ended the connection, with what it said before. */
async function turnedAway(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  return String(await readAll(socket).catch(() => ''))
}

describe.runIf(hasPrlimit)('a process without a descriptor to spare', () => {
  test('goes on with its sessions, refuses what needs one with 4yz, turns who comes away without spinning, and recovers', async () => {
    const root = await tempTree({ 'a.txt': 'a', 'd/b.txt': 'b' })
    writeFileSync(path.join(root, 'huge.bin'), '')
    truncateSync(path.join(root, 'huge.bin'), 32 * MIB)
    await using program = await MachineProgram.start({ root, under: FEW, passiveTimeout: 300 })
    await using client = await RawClient.login(program)
    await using loading = await RawClient.login(program)
    await using storing = await RawClient.login(program)
    const down = await loading.passive()
    down.pause()
    await loading.command('RETR huge.bin', 125, 150)
    const up = await storing.passive()
    await storing.command('STOR up.bin', 125, 150)
    const early = await client.passive()
    // Nobody has looked whether it came, by then.
    await client.command('NOOP', 200)

    await program.ask('hold', 0)
    for (const command of ['RETR a.txt', 'STOR b.txt', 'APPE b.txt', 'STOU', 'LIST', 'MLSD', 'NLST'])
      expect((await client.command(command)).text, command).toMatch(/^4\d\d /)
    early.destroy()
    await program.ask('hold', 0)
    expect((await client.command('PASV')).text).toMatch(/^425 /)
    expect((await client.command('EPSV')).text).toMatch(/^425 /)
    expect((await client.command('PORT 127,0,0,1,255,254')).text).toMatch(/^425 /)
    for (const command of ['NOOP', 'PWD', 'TYPE I', 'REST 0', 'FEAT'])
      expect((await client.command(command)).code, command).toBeLessThan(400)
    // On Linux, the directory is held by a descriptor meanwhile.
    for (const command of ['SIZE a.txt', 'CWD d', 'MLST a.txt', 'MKD new', 'RMD new'])
      expect((await client.command(command)).text, command).toMatch(/^(451|2\d\d)[ -]/)

    const before = await program.ask<number | null>('turns')
    for (let times = 0; times < CLIENTS; times++) expect(await turnedAway(program.port)).toMatch(/^(421 .*)?\s*$/)
    const after = await program.ask<number | null>('turns')
    if (before !== null && after !== null) expect(after - before).toBeLessThan(CLIENTS * TURNS_PER_CLIENT)
    await client.command('NOOP', 200)

    expect(await readAll(down)).toHaveLength(32 * MIB)
    await loading.expect(226)
    up.end(Buffer.alloc(3 * MIB, 'u'))
    await storing.expect(226)
    up.destroy()
    expect(readFileSync(path.join(root, 'up.bin')).equals(Buffer.alloc(3 * MIB, 'u'))).toBe(true)

    await program.ask('release')
    expect(String(await client.fetch('RETR a.txt'))).toBe('a')
    expect(String(await client.fetch('NLST d'))).toContain('b.txt')
    await client.store('STOR b.txt', 'stored')
    await using next = await RawClient.login(program)
    expect(String(await next.fetch('RETR b.txt'))).toBe('stored')
  })
})

describe.runIf(hasPrlimit)('a limit to the size of files', () => {
  test('is 552, the file ends there, and the session goes on', async () => {
    await using program = await MachineProgram.start({ under: ['prlimit', `--fsize=${MIB}`] })
    await using client = await RawClient.login(program)
    for (const size of [2 * MIB, MIB + 1]) {
      const data = await client.passive()
      await client.command('STOR a.bin', 125, 150)
      data.end(Buffer.alloc(size))
      expect((await client.reply()).text).toMatch(/^552 File too large\.$/i)
      data.destroy()
      expect(statSync(path.join(program.root, 'a.bin')).size).toBeLessThanOrEqual(MIB)
    }
    await client.store('STOR a.bin', Buffer.alloc(MIB))
    expect(statSync(path.join(program.root, 'a.bin')).size).toBe(MIB)
  })
})
