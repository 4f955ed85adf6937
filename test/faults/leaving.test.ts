import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { FtpEvent, Rule } from '../../src/index.ts'
import type { RawClient } from '../support/raw-client.ts'
import { connecting, downloads, encrypting, fixture, logIn, saying, uploads, type Way, within } from './ways.ts'

const AT_ONCE = 8
const LONG = '1h'

/** What comes while a fault is in effect. */
const ends = ['client RST', 'client FIN', 'data RST', 'stop', 'ABOR', 'PASV', 'QUIT'] as const

type End = (typeof ends)[number]

const ALL = [...downloads, ...uploads]
const PASSIVE = ALL.filter(({ name }) => name.includes('passive'))
const ACTIVE = ALL.filter(({ name }) => name.includes('active'))
const ENCRYPTED = ALL.filter(({ name }) => name.includes('encrypted'))
const TRANSFER = ['RETR', 'STOR']
const NOOP = [saying('NOOP')]

const amidTransfer = ['preliminary', 'data-byte', 'data-end', 'data-closed', 'final', 'replied'] as const
const waits = (['delay', 'blackHole'] as const).flatMap((name) =>
  (['forever', LONG] as const).map((how): Rule['then'] => ({ [name]: how })),
)
const disconnects = (['fin', 'rst', 'half'] as const).flatMap((end) =>
  (['close', 'leave'] as const).map((data): Rule['then'] => ({ disconnect: { with: end, data } })),
)

/** What is done at a moment, by clients who come to it. */
const actions: readonly (readonly [Rule, readonly Way[]])[] = [...waits, ...disconnects].flatMap((then) => [
  ...amidTransfer.map((phase) => {
    const at = phase === 'data-byte' ? { at: 1000 } : {}
    return [{ when: { command: TRANSFER, phase, ...at }, then }, ALL] as const
  }),
  ...(['data-listen', 'before-read', 'after-read', 'final'] as const).map(
    (phase) => [{ when: { command: 'PASV', phase }, then }, [...PASSIVE, ...ENCRYPTED]] as const,
  ),
  [{ when: { phase: 'data-accept' }, then }, ALL],
  [{ when: { phase: 'data-tls' }, then }, ENCRYPTED],
  [{ when: { phase: 'tls-handshake' }, then }, [encrypting]],
  ...(['accept', 'greeting', 'greeted'] as const).map((phase) => [{ when: { phase }, then }, [connecting]] as const),
  [{ when: { phase: 'idle', after: 5 }, then }, NOOP],
  [{ when: { phase: 'quit' }, then }, [saying('QUIT')]],
])

const withNoop: readonly Rule['then'][] = [
  { reply: 'none' },
  { reply: '421 Away.' },
  { drip: LONG },
  { split: { at: [2], pause: LONG } },
  { final: { late: LONG } },
  { expire: { after: LONG } },
  (exchange) => exchange.sleep(Number.POSITIVE_INFINITY),
]

const withTransfer: readonly Rule['then'][] = [
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
]

const withSetUp: readonly (readonly [Rule['then'], readonly Way[]])[] = [
  [{ accept: 'refused' }, [...PASSIVE, ...ENCRYPTED]],
  [{ accept: 'never' }, ALL],
  [{ accept: 'rst' }, ALL],
  [{ accept: 'fin' }, ALL],
  [{ accept: { after: LONG } }, ALL],
  [{ connect: 'never' }, ACTIVE],
  [{ connect: { after: LONG } }, ACTIVE],
  [{ connect: { from: '127.0.0.2' } }, ACTIVE],
  [{ announce: { port: 'closed' } }, PASSIVE],
  [{ handshake: { stall: 'forever', on: 'data' } }, ENCRYPTED],
  [{ handshake: { stall: LONG, on: 'data' } }, ENCRYPTED],
  [{ handshake: { cut: 'fin', on: 'data' } }, ENCRYPTED],
  [{ handshake: { cut: 'rst', on: 'data' } }, ENCRYPTED],
  [{ handshake: { stall: 'forever' } }, [encrypting]],
  [{ handshake: { cut: 'rst' } }, [encrypting]],
  [{ requireResumption: 'close' }, ENCRYPTED],
  [{ certificate: { is: 'expired', on: 'data' } }, ENCRYPTED],
]

const cases: readonly (readonly [Rule, readonly Way[]])[] = [
  ...actions,
  ...withNoop.map((then) => [{ when: { command: 'NOOP' }, then }, NOOP] as const),
  ...withTransfer.map((then) => [{ when: { command: TRANSFER }, then }, ALL] as const),
  ...withSetUp.map(([then, ways]) => [{ then }, ways] as const),
  ...(['none', 'rst', 'wait'] as const).map((how) => [{ then: { closeNotify: how } }, ENCRYPTED] as const),
  ...(['drain', 'ignore', 'fin', 'rst'] as const).map(
    (then) => [{ when: { command: 'STOR' }, then: { refuse: { after: 1000, then } } }, uploads] as const,
  ),
  [{ when: { command: 'RETR' }, then: { body: { size: '1MiB' } } }, downloads],
]

/** Has what is on its way arrive, so that a client is taken at its word while the fault lasts. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
}

function come(end: End, client: RawClient, others: readonly Socket[]): void {
  if (end === 'client FIN') {
    client.socket.end()
    for (const other of others) other.end()
  } else if (end === 'client RST' || end === 'data RST') {
    const plain = end === 'client RST' ? [client.plain, ...others] : others
    // What is encrypted is reset with the connection below it.
    for (const socket of plain) if (!socket.destroyed && !('encrypted' in socket)) socket.resetAndDestroy()
  } else if (end !== 'stop') client.send(end)
}

/** A fault that is not noted before it is over is in effect when its command is. */
function isInEffect({ when, then }: Rule): (event: FtpEvent) => boolean {
  const isSilent = typeof then === 'object' && 'expire' in then
  const verbs = [when?.command ?? []].flat()
  return (event) => event.type === 'fault' || (isSilent && event.type === 'command' && verbs.includes(event.verb))
}

async function play(end: End, rule: Rule, way: Way): Promise<void> {
  const ftp = await fixture({ timeout: 0, dataTimeout: 0, passiveTimeout: 0, activeTimeout: 0, ...way.options })
  const client = await logIn(ftp)
  const others: Socket[] = []
  try {
    ftp.use({ rules: [rule] })
    void way.go(client, ftp, (socket) => others.push(socket)).catch(() => {})
    await ftp.waitFor(isInEffect(rule), { timeout: '15s' })
    await turns(20)
    const sessions = [...ftp.server.sessions]
    const settled = () => Promise.all(sessions.map((session) => session.settled))
    come(end, client, others)
    if (end === 'client RST' || (end === 'client FIN' && isEndless(rule, way)))
      await within('the end of the sessions', settled())
    await turns(20)
    await within('closing', ftp.server.closeAll())
    await within('the end of all that waits', settled())
    // A reset is given some milliseconds of real time to get behind what was sent.
    await within(
      'the last call',
      untilNone(() => ftp.server.ioloop.pending),
    )
    await ftp.stop()
  } finally {
    for (const socket of [client.socket, ...others]) socket.destroy()
    await within('stop', ftp.stop()).catch(() => {})
  }
}

/** Who waits for ever notices a FIN; but whose handshake is left alone is not read, and stays as long as it may take. */
function isEndless({ then }: Rule, way: Way): boolean {
  return way !== encrypting && (typeof then === 'function' || JSON.stringify(then).includes('forever'))
}

async function untilNone(count: () => number): Promise<void> {
  while (count() > 0) await turns(1)
}

// Each fault meets each end, the ways taking turns: all with all is eight times as much, and finds no more.
test.each(ends.map((end, round) => [end, round] as const))('%s', { timeout: 60_000 }, async (end, round) => {
  const rest = [...cases.entries()]
  const wrong: string[] = []
  const work = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const [index, [rule, ways]] = next
      const way = ways[(index + round) % ways.length] as Way
      const { then } = rule
      const title = `${JSON.stringify(rule)} ${typeof then === 'function' ? String(then) : ''} ${way.name}`
      await play(end, rule, way).catch((error: Error) => wrong.push(`${title}: ${error.message.slice(0, 1000)}`))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  expect(wrong).toEqual([])
})
