import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { tempTree } from '../filesystems/temp-tree.ts'
import { MachineProgram } from '../support/machine-program.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

/** Has this whole process stand still, as a debugger or a suspended machine does. */
function halt(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

const LIMIT_MS = 1500
const HALT_MS = 2000

/** Resolves when the kernel has what was written. */
function written(client: RawClient, line: string): Promise<void> {
  return new Promise((resolve) => client.socket.write(`${line}\r\n`, () => resolve()))
}

test('a client that spoke in time is not taken for a silent one, however long the process was halted', async () => {
  await using ftp = await startFtpServer({ timeout: LIMIT_MS })
  await using client = await RawClient.login(ftp)
  const sent = written(client, 'NOOP')
  halt(HALT_MS)
  await sent
  await client.expect(200)
})

test('a transfer whose bytes came in time is not given up either', async () => {
  await using ftp = await startFtpServer({ dataTimeout: LIMIT_MS })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('STOR a', 125, 150)
  const sent = new Promise<void>((resolve) => data.write('first', () => resolve()))
  halt(HALT_MS)
  await sent
  data.end(' second')
  await client.expect(226)
  expect(await ftp.files.read('a', 'utf8')).toBe('first second')
  data.destroy()
})

test('nor is a data connection that came in time', async () => {
  await using ftp = await startFtpServer({ passiveTimeout: LIMIT_MS, files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  const address = await client.passiveAddress()
  await client.command('RETR a', 150)
  const data = connect(address)
  halt(HALT_MS)
  expect(String(await readAll(data))).toBe('content')
  await client.expect(226)
})

test.runIf(process.platform === 'linux')(
  'a server that is stopped and goes on keeps its sessions and their transfers',
  async () => {
    await using program = await MachineProgram.start({ timeout: LIMIT_MS, dataTimeout: LIMIT_MS })
    await using client = await RawClient.login(program)
    await using silent = await RawClient.login(program)
    const data = await client.passive()
    await client.command('STOR a', 125, 150)
    for (let round = 0; round < 2; round++) {
      program.child.kill('SIGSTOP')
      await new Promise<void>((resolve) => data.write('x'.repeat(100_000), () => resolve()))
      halt(HALT_MS)
      program.child.kill('SIGCONT')
    }
    data.end()
    await client.expect(226)
    expect(readFileSync(path.join(program.root, 'a'))).toHaveLength(200_000)
    data.destroy()
    // Who is silent is still noticed.
    await silent.expect(421)
  },
)

const LIBRARIES = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
const FAKETIME = LIBRARIES.find((file) => existsSync(file))
if (FAKETIME === undefined && process.env.CI === 'true' && process.platform === 'linux') {
  throw new Error('CI must have libfaketime')
}

test('a wall clock that is set forth and back, and a time zone, neither end a session nor keep one', async (context) => {
  if (FAKETIME === undefined) return context.skip('needs libfaketime')
  const directory = await tempTree({ time: '+0' })
  const time = path.join(directory, 'time')
  const env = {
    ...{ LD_PRELOAD: FAKETIME, FAKETIME_TIMESTAMP_FILE: time, FAKETIME_NO_CACHE: '1' },
    ...{ FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1', TZ: 'Asia/Kathmandu' },
  }
  await using program = await MachineProgram.start({
    env,
    timeout: 20_000,
    dataTimeout: 20_000,
    passiveTimeout: 20_000,
  })
  await using client = await RawClient.login(program)
  const { wall } = await program.ask<{ wall: number; loop: number }>('now')
  const data = await client.passive()
  await client.command('STOR a', 125, 150)
  let before = 0
  for (const [shift, years] of [
    ['+3y', 3],
    ['-3y', -3],
    ['+0', 0],
  ] as const) {
    writeFileSync(time, shift)
    const told = await program.ask<{ wall: number; loop: number }>('now')
    expect(Math.abs(told.wall - wall - years)).toBeLessThanOrEqual(1)
    expect(told.loop).toBeGreaterThan(before)
    before = told.loop
    await new Promise<void>((resolve) => data.write('x', () => resolve()))
    await using other = await RawClient.login(program)
    await other.store('STOR b', 'b')
    expect(String(await other.fetch('RETR b'))).toBe('b')
    expect(String(await other.fetch('LIST'))).toContain(' b')
  }
  data.end()
  await client.expect(226)
  expect(readFileSync(path.join(program.root, 'a'), 'utf8')).toBe('xxx')
  data.destroy()
})
