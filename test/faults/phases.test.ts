import { expect, test } from 'vitest'
import { PHASES, type Phase } from '../../src/faults/phases.ts'
import type { FtpFixture, Rule } from '../../src/index.ts'
import { secured, trusting } from '../support/ftps.ts'
import { ending, overTls, RawClient, readAll } from '../support/raw-client.ts'
import { scenario, stillFixture } from './control.ts'

/** One exchange, from where its client stands: sends what it takes, and nothing of what is answered is read. */
type Exchange = (client: RawClient, ftp: FtpFixture) => Promise<unknown> | unknown

interface Case {
  readonly phase: Phase
  readonly begin: Exchange
  /** The codes of the replies in order, `say` where something is said at the phase. */
  readonly said: readonly (number | 'say')[]
  /** Of these, those that come before the phase where it is an end. */
  readonly before: readonly number[]
  readonly fresh?: true
  readonly tls?: true
}

const nothing = () => {}
const noop: Exchange = (client) => client.send('NOOP')
const pasv: Exchange = (client) => client.send('PASV')
const open: Exchange = async (client) => {
  const data = await client.passive()
  data.on('end', () => data.destroy()).resume()
}
const retr: Exchange = async (client) => {
  const data = await client.passive()
  void readAll(data)
  client.send('RETR big.bin')
}
const secureData: Exchange = async (client, ftp) => {
  const data = await client.passive()
  void overTls(data, trusting(ftp)).then(readAll, nothing)
  client.send('RETR a.txt')
}
const auth: Exchange = (client) => client.send('AUTH TLS')

const cases: readonly Case[] = [
  { phase: 'accept', begin: nothing, said: ['say', 220], before: [], fresh: true },
  { phase: 'tls-handshake', begin: auth, said: [234, 'say'], before: [234], tls: true, fresh: true },
  { phase: 'greeting', begin: nothing, said: ['say', 220], before: [], fresh: true },
  { phase: 'greeted', begin: nothing, said: [220, 'say'], before: [220], fresh: true },
  { phase: 'before-read', begin: noop, said: ['say', 200], before: [] },
  { phase: 'after-read', begin: noop, said: ['say', 200], before: [] },
  { phase: 'quit', begin: (client) => client.send('QUIT'), said: ['say', 221], before: [] },
  { phase: 'data-listen', begin: pasv, said: ['say', 227], before: [] },
  { phase: 'data-accept', begin: open, said: ['say'], before: [] },
  { phase: 'data-tls', begin: secureData, said: ['say', 125], before: [], tls: true },
  { phase: 'preliminary', begin: retr, said: ['say', 125, 226], before: [] },
  { phase: 'data-byte', begin: retr, said: [125, 'say', 226], before: [125] },
  { phase: 'data-end', begin: retr, said: [125, 'say', 226], before: [125] },
  { phase: 'data-closed', begin: retr, said: [125, 'say', 226], before: [125] },
  { phase: 'final', begin: retr, said: [125, 'say', 226], before: [125] },
  { phase: 'replied', begin: retr, said: [125, 226, 'say'], before: [125, 226] },
]

/** A client at the place where the exchange of a case begins. */
async function arrived({ fresh, tls, phase }: Case, ftp: FtpFixture): Promise<RawClient> {
  if (!fresh) return tls ? secured(ftp) : RawClient.login(ftp)
  const client = await RawClient.connect(ftp)
  if (phase === 'tls-handshake') await client.expect(220)
  return client
}

const RETR = { command: 'RETR' }

function at(phase: Phase, then: Rule['then']): Rule {
  const more = phase === 'data-byte' ? { at: '100KiB' as const } : phase === 'final' || phase === 'replied' ? RETR : {}
  return { when: { phase, ...more }, times: 1, then }
}

/** Has a rule done to the exchange of a case; who connects for it does so with the rule on. */
async function playing(one: Case, ftp: FtpFixture, then: Rule['then']): Promise<RawClient> {
  if (one.fresh) ftp.use(scenario(at(one.phase, then)))
  const client = await arrived(one, ftp)
  if (!one.fresh) ftp.use(scenario(at(one.phase, then)))
  return client
}

/** The lines of `data-accept` and the like: what stands before the exchange has been read. */
async function codes(client: RawClient, count: number): Promise<number[]> {
  const read: number[] = []
  while (read.length < count) read.push((await client.reply()).code)
  return read
}

test('every phase is in the table, but for that of a silence', () => {
  expect(cases.map(({ phase }) => phase)).toEqual(PHASES.filter((phase) => phase !== 'idle'))
})

test.each(cases)('$phase: what is said there is said there', async (one) => {
  await using ftp = await stillFixture({ tls: true })
  await using client = await playing(one, ftp, { say: '299 Said.' })
  await one.begin(client, ftp)
  expect(await codes(client, one.said.length)).toEqual(one.said.map((code) => (code === 'say' ? 299 : code)))
})

test.each(cases)('$phase: what follows waits for a delay', async (one) => {
  await using ftp = await stillFixture({ tls: true })
  // Longer than a passive port is kept open, where that is to count no more.
  const ms = one.phase === 'data-accept' ? 60_000 : 5000
  await using client = await playing(one, ftp, { delay: ms })
  await one.begin(client, ftp)
  const before = await codes(client, one.before.length)
  await ftp.waitFor({ type: 'fault', fault: 'delay' })
  await ftp.clock.advance(ms - 1)
  const fault = ftp.transcript.events.findIndex(({ type }) => type === 'fault')
  const behind = () =>
    ftp.transcript.events.slice(fault + 1).filter(({ type }) => type !== 'tls' && type !== 'data-open')
  if (one.phase !== 'data-tls' && one.phase !== 'data-accept' && one.phase !== 'preliminary')
    expect(behind()).toEqual([])
  await ftp.clock.advance(1)
  const natural = one.said.filter((code) => code !== 'say')
  if (one.phase === 'tls-handshake') await client.startTls(trusting(ftp))
  expect([...before, ...(await codes(client, natural.length - before.length))]).toEqual(natural)
  if (one.phase !== 'data-accept') return
  await client.command('RETR a.txt', 125)
  await client.expect(226)
})

test.each(cases)('$phase: a client that is disconnected there has read just what comes before', async (one) => {
  await using ftp = await stillFixture({ tls: true })
  await using client = await playing(one, ftp, { disconnect: 'fin' })
  await one.begin(client, ftp)
  const lines: number[] = []
  for (let line = await client.line(); line !== undefined; line = await client.line())
    lines.push(Number(line.slice(0, 3)))
  expect(lines).toEqual(one.before)
  client.socket.destroy()
  await ftp.waitFor({ type: 'disconnect' })
  if (one.phase === 'tls-handshake') expect(ftp.transcript.events.some(({ type }) => type === 'tls-failed')).toBe(false)
  await using next = await RawClient.connect(ftp)
  await next.expect(220)
})

test.each(cases)('$phase: a client that is reset there sees that', async (one) => {
  await using ftp = await stillFixture({ tls: true })
  await using client = await playing(one, ftp, { disconnect: 'rst' })
  const end = ending(client.socket)
  await one.begin(client, ftp)
  expect(await end).toBe('RST')
})

test('idle: something is said, waited for or ended after a silence, and each command begins it anew', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: { phase: 'idle', after: '10s' }, times: 1, then: { say: '299 Still there?' } }))
  await ftp.clock.advance('9s')
  await client.command('NOOP', 200)
  await ftp.clock.advance('9s')
  await client.command('NOOP', 200)
  await ftp.clock.advance('10s')
  await client.expect(299)
  ftp.use(scenario({ when: { phase: 'idle', after: '10s' }, then: { disconnect: 'fin' } }))
  await ftp.clock.advance('10s')
  expect(await client.line()).toBeUndefined()
})

test('data-closed: there is no such moment in a transfer that is refused', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: { phase: 'data-closed' }, then: { say: '299 Closed.' } }))
  const data = await client.passive()
  data.on('end', () => data.destroy()).resume()
  await client.command('RETR missing.txt', 550)
  await client.command('NOOP', 200)
})

test('data-byte: what a rule does there is done in the order written, also at the very first byte', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  const rules = (['100KiB', 0] as const).map((place) => ({
    when: { command: 'RETR', phase: 'data-byte', at: place } as const,
    then: [{ say: `299 ${place}: one.` }, { say: `299 ${place}: two.` }],
  }))
  ftp.use(scenario(...rules))
  for (const [file, said] of [
    ['big.bin', ['299 0: one.', '299 0: two.', '299 100KiB: one.', '299 100KiB: two.']],
    ['empty.bin', ['299 0: one.', '299 0: two.']],
  ] as const) {
    void readAll(await client.passive())
    client.send(`RETR ${file}`)
    const lines: string[] = []
    while (lines.length < said.length + 2) lines.push((await client.reply()).text)
    expect(lines.filter((line) => line.startsWith('299'))).toEqual(said)
  }
})

test('data-byte: a share of what is not known is warned of, and never reached', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  const halfway = { command: 'STOR', phase: 'data-byte', at: '50%' } as const
  ftp.use(scenario({ when: halfway, then: { delay: '5s' } }))
  await client.store('STOR up.txt', 'all of it')
  expect((await ftp.waitFor({ type: 'warning' })).message).toMatch(/delay: there is no 50% of a transfer whose size/)
  expect(ftp.transcript.events.filter(({ type }) => type === 'fault')).toEqual([])
})
