import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { FtpFixture, Rule } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'
import { command, downloads, fixture, listings, logIn, uploads, type Way } from './ends.ts'

type Ending = 'client RST' | 'client FIN' | 'data RST' | 'stop' | 'ABOR' | 'PASV' | 'QUIT'
const endings: readonly Ending[] = ['client RST', 'client FIN', 'data RST', 'stop', 'ABOR', 'PASV', 'QUIT']

const LONG = '1h'
const transfers = [...downloads, ...uploads]
const RETR = { command: 'RETR' }
const noop = command('NOOP')

const cases: readonly (readonly [Rule, readonly Way[]])[] = [
  [{ when: { command: 'NOOP' }, then: { delay: 'forever' } }, [noop]],
  [{ when: { command: 'NOOP' }, then: { delay: LONG } }, [noop]],
  [{ when: { command: 'NOOP' }, then: { reply: 'none' } }, [noop]],
  [{ when: { command: 'NOOP' }, then: { reply: '421 Away.' } }, [noop]],
  [{ when: { command: 'NOOP' }, then: { drip: LONG } }, [noop]],
  [{ when: { command: 'NOOP' }, then: { split: { at: [2], pause: LONG } } }, [noop]],
  [{ when: { command: 'NOOP' }, then: { final: { late: LONG } } }, [noop]],
  [{ when: { command: 'NOOP' }, then: { expire: { after: LONG } } }, [noop]],
  [{ when: { command: 'NOOP' }, then: { run: ({ sleep }: never) => sleep } as never }, []],
  ...(['delay', 'blackHole'] as const).flatMap((name) =>
    (['forever', LONG] as const).flatMap((how) => [
      ...(['preliminary', 'data-byte', 'data-end', 'data-closed', 'final', 'replied'] as const).map(
        (phase) => [{ when: { command: ['RETR', 'STOR'], phase }, then: { [name]: how } }, transfers] as const,
      ),
      ...(['data-listen', 'data-accept', 'before-read', 'after-read', 'final'] as const).map(
        (phase) => [{ when: { command: 'PASV', phase }, then: { [name]: how } }, transfers.filter((w) => !w.name.includes('active'))] as const,
      ),
      [{ when: { command: 'PASV', phase: 'data-tls' }, then: { [name]: how } }, transfers.filter((w) => w.options)] as const,
      [{ when: { command: 'PORT', phase: 'data-accept' }, then: { [name]: how } }, transfers.filter((w) => w.name.includes('active'))] as const,
    ]),
  ),
  ...(['fin', 'rst', 'half'] as const).flatMap((end) =>
    (['preliminary', 'data-byte', 'data-end', 'data-closed', 'final', 'replied'] as const).flatMap((phase) =>
      (['close', 'leave'] as const).map(
        (data) => [{ when: { command: ['RETR', 'STOR'], phase }, then: { disconnect: { with: end, data } } }, transfers] as const,
      ),
    ),
  ),
  ...(['refused', 'never', 'rst', 'fin', { after: LONG }] as const).map(
    (accept) => [{ then: { accept } }, transfers] as const,
  ),
  ...(['never', { after: LONG }, { from: '127.0.0.2' }] as const).map(
    (connect) => [{ then: { connect } }, transfers.filter((w) => w.name.includes('active'))] as const,
  ),
  [{ then: { announce: { port: 'closed' } } }, [downloads[0] as Way]],
  ...([{ stall: 'forever', on: 'data' }, { stall: LONG, on: 'data' }, { cut: 'fin', on: 'data' }, { cut: 'rst', on: 'data' }] as const).map(
    (handshake) => [{ then: { handshake } }, transfers.filter((w) => w.options)] as const,
  ),
  [{ then: { requireResumption: 'close' } }, transfers.filter((w) => w.options)],
  [{ then: { certificate: { is: 'expired', on: 'data' } } }, transfers.filter((w) => w.options)],
  ...(['none', 'rst', 'wait'] as const).map(
    (closeNotify) => [{ then: { closeNotify } }, transfers.filter((w) => w.options)] as const,
  ),
  ...[
    { throttle: 10 },
    { latency: LONG },
    { slices: { bytes: 1, every: LONG } },
    { stall: { after: 1000 } },
    { stall: { after: 1000, for: LONG } },
    { cut: { after: 1000 } },
    { cut: { after: 1000, with: 'rst' } },
    { truncate: { after: 1000 } },
    { corrupt: {} },
    { append: { size: '1MiB' } },
    { keepOpen: 'forever' },
    { keepOpen: LONG },
    { error: { code: 'EIO', at: 1000 } },
    { preliminary: 'none' },
    { final: 'none' },
    { final: { late: LONG } },
    { final: { early: 'before-preliminary' } },
    { final: { early: 'with-preliminary' } },
    { final: { early: 'data-end' } },
    { drip: LONG },
    { split: { at: [3], pause: LONG } },
    { expire: { after: LONG } },
    { expire: { after: 5 } },
    { reply: 'none' },
  ].map((then) => [{ when: { command: ['RETR', 'STOR'] }, then } as Rule, transfers] as const),
  ...(['drain', 'ignore', 'fin', 'rst'] as const).map(
    (then) => [{ when: { command: 'STOR' }, then: { refuse: { after: 1000, then } } }, uploads] as const,
  ),
  [{ when: RETR, then: { body: { size: '1MiB' } } }, downloads],
  [{ when: { command: 'LIST' }, then: { throttle: 10 } }, listings],
]

const all = cases.flatMap(([rule, ways]) => ways.map((way) => [`${JSON.stringify(rule)} ${way.name}`, rule, way] as const))

async function turns(count: number) {
  for (let i = 0; i < count; i++) await new Promise(setImmediate)
}

async function within(ms: number, what: string, work: Promise<unknown>) {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} takes more than ${ms} ms`)), ms)
  })
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function act(how: Ending, client: RawClient, data: Socket[]) {
  if (how === 'client RST') {
    const below = client.socket as Socket & { _parent?: Socket }
    ;(below._parent ?? below).resetAndDestroy()
    for (const one of data) one.destroy()
  } else if (how === 'client FIN') client.socket.end()
  else if (how === 'data RST') {
    for (const one of data.slice(0, 1)) if (!one.destroyed) one.resetAndDestroy()
  } else if (how !== 'stop') client.send(how)
}

const only = process.env.ONLY
const from = all.filter(([name]) => !only || name.includes(only))


async function once(how: Ending, rule: Rule, way: Way) {
  const still = { timeout: 0, dataTimeout: 0, passiveTimeout: 0, activeTimeout: 0, tlsHandshakeTimeout: 0 }
  const ftp: FtpFixture = await fixture({ ...still, ...way.options })
  const client = await logIn(ftp)
  const data: Socket[] = []
  try {
    ftp.use({ rules: [rule] })
    const going = way.go(client, ftp, (socket) => void data.push(socket)).catch(() => {})
    await ftp.waitFor({ type: 'fault' }, { timeout: '2s' })
    await turns(20)
    const sessions = [...ftp.server.sessions]
    act(how, client, data)
    const settled = () => Promise.all(sessions.map((session) => session.settled))
    if (how === 'client RST') await within(2000, 'leaving', settled())
    else await turns(50)
    await within(2000, 'closing', ftp.server.closeAll())
    await within(2000, 'settling', settled())
    await turns(50)
    for (let tries = 0; tries < 50 && ftp.server.ioloop.pending > 0; tries++) await new Promise((r) => setTimeout(r, 1))
    expect(ftp.server.ioloop.pending, 'calls that lie ahead').toBe(0)
    await ftp.stop()
    await within(2000, 'the client', going)
  } catch (error) {
    throw new Error(`${(error as Error).message.split('\n')[0]} [${ftp.transcript.events.filter((e) => e.type === 'error').map((e) => String((e as never as {error: Error}).error.stack))}]`)
  } finally {
    client.socket.destroy()
    for (const one of data) one.destroy()
    await ftp.stop().catch(() => {})
  }
}

describe.each(endings.filter((e) => !process.env.END || process.env.END === e))('%s', (how) => {
  test('all', { timeout: 300_000 }, async () => {
    const wrong: string[] = []
    const rest = [...from]
    const work = async () => {
      for (let next = rest.shift(); next; next = rest.shift()) {
        const [name, rule, way] = next
        await once(how, rule, way).catch((error: Error) => wrong.push(`${how}: ${name}: ${error.message}`))
      }
    }
    await Promise.all(Array.from({ length: 8 }, work))
    expect(wrong).toEqual([])
  })
})
