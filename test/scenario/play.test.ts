import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import type { Exchange } from '../../src/faults/fault.ts'
import { recognize } from '../../src/handlers/dispatch.ts'
import type { Seams } from '../../src/handlers/seams.ts'
import type { Session } from '../../src/handlers/session.ts'
import { startFtpServer } from '../../src/index.ts'
import { chance } from '../../src/scenario/chance.ts'
import { loadRule } from '../../src/scenario/load.ts'
import { Play } from '../../src/scenario/play.ts'
import type { Rule } from '../../src/scenario.ts'
import { commands } from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'

/** As much of a session as a rule looks at; `end` is its end. */
function fakeSession(id: number): { readonly session: Session; readonly end: () => void } {
  let end = () => {}
  const closed = new Promise<void>((resolve) => {
    end = resolve
  })
  const handler = { id, username: 'user', closed, emit: () => {} }
  const ioloop = { now: () => 0, callLater: () => ({ cancel: () => {}, reset: () => {} }) }
  const login = { step: 'user' }
  return { session: { handler, ioloop, login, commands, type: 'I', options: {} } as unknown as Session, end }
}

function playing(rules: readonly Rule[], seed = 0): Play {
  return new Play(
    'test',
    rules.map((rule) => loadRule(rule)),
    seed,
  )
}

const noop = recognize(commands, 'NOOP')

/** For each NOOP of some sessions, whether the rule applied: by session, whatever the order of their turns. */
function drawn(play: Play, turns: readonly number[]): Record<number, boolean[]> {
  const sessions = new Map([...new Set(turns)].sort().map((id) => [id, fakeSession(id).session]))
  for (const session of sessions.values()) play.connected(session)
  const results: Record<number, boolean[]> = {}
  for (const id of turns) {
    const session = sessions.get(id) as Session
    results[id] = [...(results[id] ?? []), play.commanded(session, noop) !== undefined]
  }
  return results
}

const lot: Rule = { when: { command: 'NOOP' }, chance: 0.5, then: { delay: 1 } }
const inTurn = Array.from({ length: 120 }, (_, turn) => (turn % 3) + 1)

test('chance comes out the same for a seed, in whatever order sessions take their turns', () => {
  const inOrder = [...inTurn].sort()
  expect(drawn(playing([lot]), inTurn)).toEqual(drawn(playing([lot]), inOrder))
  expect(drawn(playing([lot], 1), inTurn)).not.toEqual(drawn(playing([lot], 2), inTurn))
  expect(drawn(playing([{ ...lot, seed: 7 }], 1), inTurn)).toEqual(drawn(playing([{ ...lot, seed: 7 }], 2), inTurn))
})

test('sessions and rules have chances of their own', () => {
  const { 1: one, 2: two } = drawn(playing([lot]), inTurn)
  expect(one).not.toEqual(two)
  const other: Rule = { when: { command: 'PWD' }, then: { delay: 1 } }
  expect(drawn(playing([other, lot]), inTurn)[1]).not.toEqual(one)
})

test('a scenario that is played again, on a server that had other sessions, comes out the same', () => {
  const shifted = drawn(
    playing([lot]),
    inTurn.map((id) => id + 40),
  )
  expect(Object.values(shifted)).toEqual(Object.values(drawn(playing([lot]), inTurn)))
})

test('what faults draw does not depend on the turns either, and each draws its own', async () => {
  const draws = async (turns: readonly number[]) => {
    const numbers: Record<number, number[]> = {}
    const run = (exchange: Exchange) => {
      const { id } = exchange.session.handler
      numbers[id] = [...(numbers[id] ?? []), exchange.random(), exchange.random()]
    }
    const play = playing([{ when: { command: 'NOOP' }, skip: 1, then: [{ run }, { run }] }])
    const sessions = new Map([1, 2, 3].map((id) => [id, fakeSession(id).session]))
    for (const session of sessions.values()) play.connected(session)
    for (const id of turns)
      await play.commanded(sessions.get(id) as Session, noop)?.command?.(() => ({ code: 200, lines: [] }))
    return numbers
  }
  const mixed = await draws([3, ...inTurn])
  expect(mixed).toEqual(await draws([3, ...[...inTurn].sort()]))
  const all = Object.values(mixed).flat()
  expect(all.length).toBe(480)
  expect(new Set(all).size).toBe(480)
})

test('the numbers are spread evenly, and neighbours have nothing to do with each other', () => {
  const NUMBERS = 20_000
  const ways: Record<string, (n: number) => number> = {
    seed: (n) => chance(n, 0, 1, 1),
    rule: (n) => chance(0, n, 1, 1),
    session: (n) => chance(0, 0, n, 1),
    match: (n) => chance(0, 0, 1, n),
    draw: (n) => chance(0, 0, 1, 1, 0, n),
  }
  for (const [name, way] of Object.entries(ways)) {
    const numbers = Array.from({ length: NUMBERS }, (_, n) => way(n))
    const mean = numbers.reduce((sum, number) => sum + number, 0) / NUMBERS
    const product = numbers.reduce((sum, number, n) => sum + (number - 0.5) * ((numbers[n + 1] ?? 0.5) - 0.5), 0)
    const tenths = Array.from({ length: 10 }, (_, tenth) =>
      numbers.filter((number) => Math.floor(number * 10) === tenth),
    )
    expect(Math.abs(mean - 0.5), `mean by ${name}`).toBeLessThan(0.01)
    expect(Math.abs((product / NUMBERS) * 12), `correlation by ${name}`).toBeLessThan(0.03)
    for (const { length } of tenths) expect(Math.abs(length - NUMBERS / 10), `share by ${name}`).toBeLessThan(200)
  }
})

test('neither sessions that are gone nor commands that were obeyed are kept', async () => {
  const rules: Rule[] = [
    lot,
    { when: { command: 'NOOP', user: 'bob', argument: '1?' }, then: { delay: 1 } },
    { when: { command: 'NOOP' }, per: 'session', times: 3, then: { delay: 1 } },
    { when: { phase: 'idle', after: '5m' }, then: { delay: 1 } },
  ]
  const play = playing(rules)
  const gone = Array.from({ length: 50 }, (_, id) => visited(play, id + 1))
  for (const { record } of play.rules) {
    expect(record.uses.length).toBeLessThanOrEqual(5)
    expect(record.nearMisses.length).toBeLessThanOrEqual(5)
  }
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  let left = gone.length
  // The stack may still hold the last one; what is kept for good makes this run into its time limit.
  while (left > 2) {
    // What a weak reference was made of, or looked at, in a turn is kept until that turn is over.
    await new Promise(setImmediate)
    collect()
    left = gone.filter((session) => session.deref() !== undefined).length
  }
})

/** A session that says much and goes. */
function visited(play: Play, id: number): WeakRef<Session> {
  const { session, end } = fakeSession(id)
  play.connected(session)
  for (let n = 0; n < 20; n++) play.commanded(session, recognize(commands, `NOOP ${n}`))
  end()
  return new WeakRef(session)
}

test('what a fault lets last holds in later exchanges, once, however often it was asked for', async () => {
  await using ftp = await startFtpServer()
  const seen: string[] = []
  const reply: Seams['reply'] = (outgoing, send) => {
    seen.push(outgoing.lines.join())
    return send(outgoing)
  }
  ftp.use({ rules: [{ when: { command: 'NOOP' }, then: (exchange) => exchange.last({ reply }) }] })
  await using client = await RawClient.login(ftp)
  for (let n = 0; n < 3; n++) await client.command('NOOP', 200)
  seen.length = 0
  await client.command('SYST', 215)
  expect(seen).toEqual(['UNIX Type: L8'])
  await using other = await RawClient.login(ftp)
  await other.command('SYST', 215)
  expect(seen).toHaveLength(1)
})

test('silence is counted for sessions that were there before, by rules that came later, until somebody speaks', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', timeout: 0 })
  await using client = await RawClient.login(ftp)
  const say = { phase: 'idle', after: '5m' } as const
  ftp.use({ rules: [{ when: say, name: 'first', then: { delay: 0 } }] })
  await ftp.clock.advance('3m')
  ftp.add({ when: { ...say, after: '4m' }, name: 'second', then: { delay: 0 } })
  await ftp.clock.advance('2m')
  expect(await ftp.waitFor({ type: 'fault' })).toMatchObject({ rule: 'first', session: 1 })
  await client.command('NOOP', 200)
  await ftp.clock.advance('3m')
  expect(ftp.explain().rules.map(({ applied }) => applied)).toEqual([1, 0])
  await ftp.clock.advance('1m')
  await ftp.waitFor({ type: 'fault', rule: 'second' })
  await client.command('NOOP', 200)
  ftp.reset()
  await ftp.clock.advance('1h')
  expect(ftp.transcript.events.filter(({ type }) => type === 'fault')).toHaveLength(2)
})
