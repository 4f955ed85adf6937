import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { type ControlApi, type FtpFixture, type FtpHandle, startControlApi, startFtpServer } from '../../src/index.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

/** `npm run soak` has a minute, or as many seconds as `SOAK_SECONDS` says: an hour by hand. */
const IS_LONG = process.env.MODE === 'soak'
const DURATION_MS = IS_LONG ? Number(process.env.SOAK_SECONDS ?? 60) * 1000 : 4000
const SESSIONS_PER_ROUND = 12
/** At the end of each, all is closed that can be, and what is left is counted. */
const WINDOWS = 8
/** While these last, code is compiled and pools are filled. */
const WARM_UP = IS_LONG ? 3 : 5
const KIB = 1024
/** What may come to more: sockets that rest until they listen again are 32 at most. */
const ROOM = { heap: (IS_LONG ? 512 : 2048) * KIB, descriptors: 34, threads: 2, timers: 1 }
/** Of each session of a lane it is remembered that it was one, as long as the server lives. */
const HEAP_PER_ROUND = 100

interface Left {
  readonly heap: number
  readonly descriptors: number
  readonly threads: number
  readonly timers: number
  readonly directories: number
}

setFlagsFromString('--expose-gc')
// Code that V8 optimizes anew from time to time takes more and more: no object of ours, but more than all of ours.
setFlagsFromString('--no-opt')
const collectGarbage: () => void = runInNewContext('gc')

async function whatIsLeft(): Promise<Left> {
  // What is closed takes some turns of the event loop to be gone, and what waits for that too.
  for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate)
  collectGarbage()
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return {
    heap: heapUsed + external,
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
    directories: readdirSync(tmpdir()).filter((name) => name.startsWith(`ftp-fixture-${process.pid}-`)).length,
  }
}

/** Of each kind the least that was left: what was only late to go is no growth. */
function least(windows: readonly Left[]): Left {
  const of = (kind: keyof Left) => Math.min(...windows.map((left) => left[kind]))
  return {
    heap: of('heap'),
    descriptors: of('descriptors'),
    threads: of('threads'),
    timers: of('timers'),
    directories: of('directories'),
  }
}

/** A session that does a little of everything. */
async function session(ftp: FtpHandle, number: number): Promise<void> {
  await using client = await RawClient.login(ftp, ftp.username, ftp.password)
  await client.store(`STOR ${number}.bin`, Buffer.alloc((number % 5) * 50_000, 'x'))
  await readAll(await begun(client, `RETR ${number}.bin`))
  await client.expect(226)
  await readAll(await begun(client, number % 2 === 0 ? 'LIST' : 'MLSD'))
  await client.expect(226)
  // Left open, gone amid, or ended in good order.
  if (number % 3 === 0) await client.passiveAddress()
  if (number % 3 === 1) (await begun(client, 'RETR large.bin')).destroy()
  if (number % 3 === 2) await client.command('QUIT', 221)
}

async function begun(client: RawClient, command: string) {
  const data = await client.passive()
  await client.command(command, 125, 150)
  return data
}

/** One whose client gets what a scenario has for it, whatever that is. */
async function spoilt(ftp: FtpHandle): Promise<void> {
  await using client = await RawClient.login(ftp, ftp.username, ftp.password)
  const data = await client.passive()
  const received = readAll(data).catch(() => undefined)
  await client.command('RETR large.bin').catch(() => undefined)
  await received
  data.destroy()
}

/** A request to the control API over a connection of its own. */
async function control({ url, token }: ControlApi, path: string, method = 'GET'): Promise<void> {
  const headers = { authorization: `Bearer ${token}` }
  const sent = request(`${url}${path}`, { method, headers, agent: false }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  for await (const _ of response);
  if (response.statusCode !== 200 && response.statusCode !== 204)
    throw new Error(`${method} ${path}: ${response.statusCode}`)
}

/** A fixture, encrypted every other time, with a control API, for one session. */
async function shortLived(number: number): Promise<void> {
  await using ftp = await startFtpServer({ tls: number % 2 === 0, files: { 'large.bin': { size: '600KiB' } } })
  const api = await startControlApi(ftp)
  await session(ftp, number)
  await control(api, '/transcript')
  await control(api, '/scenario')
  // One that stays, and one that is over with its server, are no different.
  if (number % 2 === 0) await api.close()
}

/** Everything once, on a fixture that stays and on some that do not. */
async function round(ftp: FtpFixture, number: number): Promise<void> {
  await Promise.all(Array.from({ length: 8 }, (_, index) => session(ftp, number * 8 + index)))
  ftp.use('abort-download-midway')
  await spoilt(ftp)
  ftp.use({
    name: 'slow',
    seed: number,
    rules: [{ when: { command: 'RETR' }, then: { cut: { after: '10KiB', with: 'rst' } } }],
  })
  await spoilt(ftp)
  ftp.reset()
  const lane = await ftp.lane()
  await session(lane, number)
  await lane.stop()
  await shortLived(number)
  for (const name of await ftp.files.list('/')) if (name !== 'large.bin') await ftp.files.remove(name)
  // As a fixture's user does between two tests; what is on record is his to forget.
  ftp.transcript.clear()
}

test.skipIf(process.platform !== 'linux')(
  `nothing grows in ${DURATION_MS / 1000} s of sessions, scenarios, lanes, servers and control APIs that come and go`,
  async () => {
    await using ftp = await startFtpServer({ files: { 'large.bin': { size: '600KiB' } }, maxCons: 1000 })
    const api = await startControlApi(ftp)
    const left: Left[] = []
    const beganMs = performance.now()
    let rounds = 0
    for (let window = 1; window <= WINDOWS; window++) {
      do {
        await round(ftp, rounds++)
        await control(api, '/scenario')
      } while (performance.now() < beganMs + (DURATION_MS * window) / WINDOWS)
      left.push(await whatIsLeft())
    }
    const [first, last] = [least(left.slice(WARM_UP - 1, WARM_UP + 1)), least(left.slice(-2))]
    if (IS_LONG) console.log(`${rounds} rounds of ${SESSIONS_PER_ROUND} sessions:`, JSON.stringify({ first, last }))
    expect(last.heap - first.heap).toBeLessThan(ROOM.heap + rounds * HEAP_PER_ROUND)
    expect(last.descriptors - first.descriptors).toBeLessThanOrEqual(ROOM.descriptors)
    expect(last.threads - first.threads).toBeLessThanOrEqual(ROOM.threads)
    expect(last.timers - first.timers).toBeLessThanOrEqual(ROOM.timers)
    expect(last.directories).toBe(first.directories)
  },
  DURATION_MS + 60_000,
)
