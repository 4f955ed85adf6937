import { expect, test } from 'vitest'
import { type FtpEvent, type FtpFixture, type Rule, randomBytes } from '../../src/index.ts'
import { downloads, fixture, logIn, uploads, type Way, within } from './ways.ts'

const ROUNDS = 300
const AT_ONCE = 8

/** Faults that are over soon; each is to get along with every other one. */
const faults: readonly Rule['then'][] = [
  { delay: 2 },
  { drip: { every: 1, bytes: 20 } },
  { split: { at: [3, 9], pause: 1 } },
  { say: '200 By the way.' },
  { rewrite: { match: '\\.', with: '!' } },
  { reply: 'none' },
  { reply: '550 Not now.' },
  { preliminary: 'none' },
  { preliminary: ['110 MARK 1 = 1', '150 Here it comes.'] },
  { final: 'none' },
  { final: { late: 2 } },
  { final: { repeat: 3 } },
  { final: { early: 'before-preliminary' } },
  { final: { early: 'with-preliminary' } },
  { final: { early: 'data-end' } },
  { disconnect: 'fin' },
  { disconnect: 'rst' },
  { disconnect: 'half' },
  { disconnect: { with: 'fin', data: 'leave' } },
  { disconnect: { with: 'rst', data: 'leave' } },
  { blackHole: 2 },
  { expire: { after: 1 } },
  { permissions: 'elr' },
  { logIn: 'user' },
  { cap: { sessions: 1 } },
  { throttle: '20MiB/s' },
  { latency: { of: 1, jitter: 1 } },
  { slices: { bytes: '50KiB', every: 1 } },
  { stall: { after: 1000, for: 2 } },
  { cut: { after: 1000 } },
  { cut: { after: 1000, with: 'rst' } },
  { truncate: { after: 1000 } },
  { corrupt: { bytes: 20 } },
  { append: { size: '100KiB' } },
  { body: 'short' },
  { keepOpen: 2 },
  { error: 'EACCES' },
  { error: { code: 'EIO', at: 1000 } },
  { refuse: { after: 1000 } },
  { refuse: { after: 1000, then: 'fin', keep: false } },
  { refuse: { after: 1000, then: 'rst' } },
  { closeNotify: 'none' },
  { closeNotify: 'rst' },
]

const phases = ['after-read', 'preliminary', 'data-byte', 'data-end', 'data-closed', 'final', 'replied'] as const
const ways: readonly Way[] = [...downloads, ...uploads]

/** Numbers below a limit, the same each time. */
function dice(seed: number): (below: number) => number {
  const words = randomBytes(4 * 6 * ROUNDS, { seed })
  let at = 0
  return (below) => words.readUInt32LE((at++ * 4) % words.length) % below
}

function rule(then: Rule['then'], phase: (typeof phases)[number], command: string): Rule {
  const isAction = ['delay', 'say', 'disconnect', 'blackHole', 'expire', 'logIn'].some((name) => name in then)
  const moment = { phase, ...(phase === 'data-byte' && { at: 1000 }) }
  return { when: { command, ...(isAction && moment) }, then }
}

/** The transfer is over, or there is none: by an event behind the command. */
function isOver({ type, ...event }: FtpEvent): boolean {
  if (type === 'transfer' || type === 'disconnect') return true
  if (type === 'fault' && 'fault' in event) return event.fault === 'reply' || event.fault === 'error'
  return type === 'reply' && 'code' in event && event.code >= 400
}

async function play(way: Way, rules: readonly Rule[]): Promise<void> {
  const ftp: FtpFixture = await fixture({ timeout: 0, dataTimeout: 0, ...way.options })
  const client = await logIn(ftp)
  const sockets: { destroy(): void }[] = [client.socket]
  try {
    ftp.use({ rules })
    void way.go(client, ftp, (socket) => sockets.push(socket)).catch(() => {})
    await ftp.waitFor(isOver, { timeout: '3s' })
    const sessions = [...ftp.server.sessions]
    for (const socket of sockets) socket.destroy()
    await within('leaving', Promise.all(sessions.map((session) => session.settled)))
    await within('stop', ftp.stop())
    const errors = ftp.transcript.events.filter(({ type }) => type === 'error')
    expect(errors).toEqual([])
  } finally {
    for (const socket of sockets) socket.destroy()
    await within('stop', ftp.stop()).catch(() => {})
  }
}

test('any two faults of one transfer get along', { timeout: 60_000 }, async () => {
  const roll = dice(7)
  const rounds = Array.from({ length: ROUNDS }, () => {
    const way = ways[roll(ways.length)] as Way
    const command = way.name.slice(0, 4)
    const fit = faults.filter((then) => !((command === 'RETR' ? 'refuse' : 'body') in then))
    const draw = () => rule(fit[roll(fit.length)] as Rule['then'], phases[roll(phases.length)] ?? 'final', command)
    return { way, rules: [draw(), draw()] }
  })
  const wrong: string[] = []
  const work = async () => {
    for (let round = rounds.shift(); round !== undefined; round = rounds.shift()) {
      const { way, rules } = round
      const failed = (error: Error) =>
        wrong.push(`${way.name} ${JSON.stringify(rules)}: ${error.message.slice(0, 900)}`)
      await play(way, rules).catch(failed)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  expect(wrong).toEqual([])
})
