import { expect, test } from 'vitest'
import type { FtpFixture } from '../../src/index.ts'
import { encrypted } from '../support/ftps.ts'
import { RawClient } from '../support/raw-client.ts'
import { Segments, scenario, stillFixture } from './control.ts'

const users = [
  { username: 'user', password: '12345', perm: 'elradfmwMT' },
  { username: 'other', password: '12345', perm: 'elr' },
]

async function leave(client: RawClient, ftp: FtpFixture): Promise<void> {
  const last = ftp.transcript.events.at(-1)
  await client.command('QUIT', 221)
  await client.closed()
  await ftp.waitFor({ type: 'disconnect' }, { after: last })
}

test('one session more than that is refused by 421 and closed, until a place is free', async () => {
  await using ftp = await stillFixture()
  ftp.use(scenario({ then: { cap: { sessions: 2 } } }))
  await using first = await RawClient.login(ftp)
  await using second = await RawClient.login(ftp)
  await using third = await Segments.connect(ftp)
  expect(await third.ended).toBe('FIN')
  expect(third.text).toBe('421 Too many connections; try again later.\r\n')
  await leave(first, ftp)
  await using fourth = await RawClient.login(ftp)
  await fourth.command('NOOP', 200)
  await second.command('NOOP', 200)
  expect(ftp.transcript.events.filter(({ type }) => type === 'fault').length).toBe(1)
})

test('with no place at all nobody is let in', async () => {
  await using ftp = await stillFixture()
  ftp.use(scenario({ then: { cap: { sessions: 0 } } }))
  await using client = await Segments.connect(ftp)
  expect(await client.ended).toBe('FIN')
  expect((await ftp.waitFor({ type: 'fault' })).effect).toBe('session refused: none is let in')
})

test('of clients that wait for their greetings at once, the first ones get in', async () => {
  await using ftp = await stillFixture()
  ftp.use(
    scenario(
      { when: { phase: 'greeting' }, then: { delay: '5s' } },
      { then: { cap: { sessions: 2, with: '421 Full.' } } },
    ),
  )
  const clients: RawClient[] = []
  while (clients.length < 5) clients.push(await RawClient.connect(ftp))
  await ftp.waitFor(({ type, session }) => type === 'fault' && session === 5)
  await ftp.clock.advance('5s')
  const codes = await Promise.all(clients.map(async (client) => (await client.reply()).code))
  expect(codes).toEqual([220, 220, 421, 421, 421])
  for (const client of clients) await client[Symbol.asyncDispose]()
})

test('a place is kept for a while behind its session', async () => {
  await using ftp = await stillFixture()
  ftp.use(scenario({ then: { cap: { sessions: 1, freeAfter: '30s' } } }))
  await using first = await RawClient.login(ftp)
  await leave(first, ftp)
  await ftp.clock.advance('29s')
  await using second = await RawClient.connect(ftp)
  await second.expect(421)
  await second.closed()
  await ftp.clock.advance('1s')
  await using third = await RawClient.connect(ftp)
  await third.expect(220)
})

test('per address', async () => {
  await using ftp = await stillFixture()
  ftp.use(scenario({ then: { cap: { sessions: 1, per: 'ip' } } }))
  await using first = await RawClient.connect(ftp)
  await first.expect(220)
  await using same = await RawClient.connect(ftp)
  await same.expect(421)
  await using other = await RawClient.connect(ftp, '127.0.0.2')
  await other.expect(220)
})

test('per user: at PASS, by 530 behind 331, and the session may try another name', async () => {
  await using ftp = await stillFixture({ users })
  ftp.use(scenario({ then: { cap: { sessions: 1, per: 'user', freeAfter: '10s' } } }))
  await using first = await RawClient.login(ftp)
  await using second = await RawClient.connect(ftp)
  await second.expect(220)
  await second.command('USER user', 331)
  await second.command('PASS 12345', 530)
  await second.command('PASS 12345', 503)
  await second.command('USER other', 331)
  await second.command('PASS 12345', 230)
  await leave(first, ftp)
  await using third = await RawClient.connect(ftp)
  await third.expect(220)
  await third.command('USER user', 331)
  await third.command('PASS 12345', 530)
  await ftp.clock.advance('10s')
  await third.command('USER user', 331)
  await third.command('PASS 12345', 230)
})

test('at PASS for the whole server, where that is the command; a wrong password takes no place', async () => {
  await using ftp = await stillFixture({ users, authFailedTimeout: 0 })
  ftp.use(scenario({ when: { command: 'PASS' }, then: { cap: { sessions: 1, with: '530-Full.\n530 Try later.' } } }))
  await using first = await RawClient.connect(ftp)
  await first.expect(220)
  await first.command('USER user', 331)
  await first.command('PASS wrong', 530)
  await first.command('USER user', 331)
  await first.command('PASS 12345', 230)
  await using second = await RawClient.connect(ftp)
  await second.expect(220)
  await second.command('USER other', 331)
  expect((await second.command('PASS 12345', 530)).lines).toEqual(['530-Full.', '530 Try later.'])
})

test('over TLS', async () => {
  await using ftp = await stillFixture({ tls: true })
  await using first = await encrypted(ftp)
  ftp.use(scenario({ then: { cap: { sessions: 1, per: 'server' } } }))
  await using second = await Segments.connect(ftp)
  expect(await second.ended).toBe('FIN')
  expect(second.text).toMatch(/^421 /)
  await first.command('NOOP', 200)
})

test.each([{}, { sessions: -1 }, { sessions: 1, per: 'host' }, { sessions: 1, with: 'Full.' }])(
  'settings that make no sense are refused: %j',
  async (cap) => {
    await using ftp = await stillFixture()
    expect(() => ftp.use(scenario({ then: { cap: cap as { sessions: 1 } } }))).toThrow(/cap/)
  },
)
