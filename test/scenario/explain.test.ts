import { expect, test, vi } from 'vitest'
import { type FtpFixture, randomBytes, startFtpServer } from '../../src/index.ts'
import type { Rule } from '../../src/scenario.ts'
import { RawClient } from '../support/raw-client.ts'

const then = { reply: '550 No.' }

/** What is said of the one rule of a scenario after some commands. */
async function explained(rule: Rule, lines: readonly string[]): Promise<readonly string[]> {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  ftp.use({ rules: [{ optional: true, ...rule }] })
  for (const line of lines) await client.command(line)
  return ftp.explain().rules[0]?.sentences ?? []
}

test.each<[Rule, readonly string[], readonly string[]]>([
  [{ when: { command: 'RETR' }, then }, ['NOOP'], ['(reply) never applied: no RETR came']],
  [{ when: { command: ['RETR', 'STOR'] }, then }, [], ['(reply) never applied: no RETR or STOR came']],
  [{ then: { cut: { after: 1 } } }, ['NOOP'], ['(cut) never applied: nothing came that is of the kind transfer']],
  [{ when: { phase: 'quit' }, then: { delay: 1 } }, ['NOOP'], ['(delay) never applied: no QUIT came']],
  [
    { when: { phase: 'greeting' }, then: { delay: 1 } },
    ['NOOP'],
    ['(delay) never applied: nothing came that it is about'],
  ],
  [
    { when: { phase: 'idle', after: '5m' }, then: { delay: 1 } },
    ['NOOP'],
    ['(delay) never applied: no session was silent for 300000 ms'],
  ],
  [
    { when: { command: 'SIZE', path: '/b*' }, then },
    ['SIZE a.txt', 'SIZE a.txt', 'SIZE c'],
    [
      '(reply) never applied',
      'near: SIZE a.txt in session 1: the path /a.txt is not /b*',
      'near: SIZE c in session 1: the path /c is not /b*',
    ],
  ],
  [
    { when: { command: 'SIZE', path: '/b', user: 'bob', type: 'A' }, then },
    ['SIZE a', 'TYPE A', 'SIZE a', 'SIZE b'],
    ['(reply) never applied', 'near: SIZE b in session 1: the user is user, not bob'],
  ],
  [
    { when: { argument: 'x', session: [2, 3], type: 'A' }, then },
    ['NOOP'],
    [
      '(reply) never applied',
      'near: NOOP in session 1: the argument is not x and session 1 is number 1 of the scenario, not 2 or 3 and the TYPE is I, not A',
    ],
  ],
  [
    { when: { command: 'STAT', path: '/a' }, then },
    ['STAT'],
    ['(reply) never applied', 'near: STAT in session 1: it names no path'],
  ],
  [
    { when: { command: 'PASS', argument: 'x*' }, then },
    ['PASS secret'],
    ['(reply) never applied', 'near: PASS *** in session 1: the argument is not x*'],
  ],
  [
    { when: { command: 'NOOP' }, skip: 3, then },
    ['NOOP', 'NOOP'],
    ['(reply) never applied', 'skip: let 2 of 3 matches pass, and no other came'],
  ],
  [
    { when: { command: 'NOOP' }, skip: 1, times: 1, then },
    ['NOOP', 'NOOP', 'NOOP', 'NOOP'],
    [
      '(reply) applied 1 time: NOOP in session 1',
      'reply took effect 1 time',
      'skip: let 1 pass first',
      'times: 1 used up, 2 more would have matched',
    ],
  ],
  [
    { when: { command: 'NOOP' }, chance: 1e-9, then },
    ['NOOP', 'NOOP'],
    ['(reply) never applied', 'chance: 1e-9 said no 2 times'],
  ],
  [
    { then: { cut: { after: 1 }, truncate: { after: 1 } } },
    [],
    ['(cut, truncate) never applied: nothing came that is of the kind transfer, transfer'],
  ],
  [
    { when: { command: 'SIZE', path: '/b', type: 'A' }, then },
    ['SIZE a', 'TYPE A', 'SIZE a'],
    ['(reply) never applied', 'near: SIZE a in session 1: the path /a is not /b'],
  ],
  [
    { when: { command: 'NOOP', login: false }, then },
    ['NOOP'],
    ['(reply) never applied', 'near: NOOP in session 1: somebody is logged in already'],
  ],
  [
    { when: { command: 'NOOP' }, skip: 1, then },
    ['NOOP'],
    ['(reply) never applied', 'skip: let 1 of 1 match pass, and no other came'],
  ],
  [
    { when: { command: 'NOOP' }, then },
    ['NOOP', 'NOOP 1', 'NOOP 2', 'NOOP 3', 'NOOP 4', 'NOOP 5'],
    [
      `(reply) applied 6 times: ${['', ' 1', ' 2', ' 3', ' 4'].map((argument) => `NOOP${argument} in session 1`).join(', ')} …`,
      'reply took effect 6 times',
    ],
  ],
  [
    { when: { command: 'SIZE', path: '/b' }, then },
    ['SIZE 1', 'SIZE 2', 'SIZE 3', 'SIZE 4', 'SIZE 5', 'SIZE 6'],
    ['(reply) never applied', ...[1, 2, 3, 4, 5].map((n) => `near: SIZE ${n} in session 1: the path /${n} is not /b`)],
  ],
])('of a rule it is told what became of it: %j after %j', async (rule, lines, sentences) => {
  expect(await explained(rule, lines)).toEqual(sentences)
})

test('of sessions that say the same, each is told', async () => {
  await using ftp = await startFtpServer()
  await using one = await RawClient.login(ftp)
  await using two = await RawClient.login(ftp)
  ftp.use({ rules: [{ when: { command: ['NOOP', 'SYST'], user: 'bob' }, optional: true, then }] })
  for (const line of ['NOOP', 'SYST']) for (const client of [one, two]) await client.command(line)
  expect(ftp.explain().rules[0]?.sentences.slice(1)).toEqual(
    ['NOOP in session 1', 'NOOP in session 2', 'SYST in session 1', 'SYST in session 2'].map(
      (what) => `near: ${what}: the user is user, not bob`,
    ),
  )
})

test('before a login, connecting and silence are told as what they are', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', timeout: 0 })
  ftp.use({
    rules: [
      { when: { command: 'NOOP', user: 'bob', login: true }, optional: true, then },
      { when: { phase: 'greeted' }, then: { delay: 0 } },
      { when: { phase: 'idle', after: '1m' }, then: { delay: 0 } },
    ],
  })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await ftp.clock.advance(1)
  await client.command('NOOP', 200)
  await ftp.clock.advance('1m')
  await ftp.waitFor({ type: 'fault', rule: 'rules[2]' })
  expect(String(ftp.explain())).toBe(`scenario: 3 rules
rules[0] (reply) never applied
  near: NOOP in session 1: the user is nobody yet, not bob and nobody is logged in yet
rules[1] (delay) applied 1 time: the connecting of session 1
  delay took effect 1 time
rules[2] (delay) applied 1 time: the silence of session 1
  delay took effect 1 time
`)
})

test('a command that the faults cannot be done to is told, with the moment', async () => {
  await using ftp = await startFtpServer({ files: { a: '' } })
  await using client = await RawClient.login(ftp)
  ftp.use({
    rules: [{ when: { command: 'PASV', phase: 'data-tls' }, optional: true, then: { delay: 0 } }],
  })
  await client.command('PASV', 227)
  expect(ftp.explain().rules[0]?.sentences).toEqual([
    '(delay) never applied',
    'near: PASV in session 1: delay cannot be done to it at data-tls',
  ])
})

test('of what came near, the nearest is kept, however much else came', async () => {
  const others = Array.from({ length: 20 }, (_, n) => `SIZE ${n}`)
  const sentences = await explained({ when: { command: 'SIZE', path: '/b', type: 'A' }, then }, [
    ...others,
    'SIZE b',
    ...others,
  ])
  expect(sentences).toEqual(['(reply) never applied', 'near: SIZE b in session 1: the TYPE is I, not A'])
})

test('a fault whose moment never came is told from one that took effect', async () => {
  await using ftp = await startFtpServer({ files: { 'a.txt': 'hello', 'b.bin': randomBytes('64KiB') } })
  ftp.use({ rules: [{ when: { command: 'RETR' }, then: [{ cut: { after: '10KiB' } }, { delay: 0 }] }] })
  await using client = await RawClient.login(ftp)
  await client.fetch('RETR a.txt')
  expect(ftp.explain().rules).toMatchObject([
    { rule: 'rules[0]', applied: 1, effects: { cut: 0, delay: 1 }, isUnfired: true },
  ])
  expect(String(ftp.explain())).toBe(`scenario: 1 rule
rules[0] (cut, delay) applied 1 time: RETR a.txt in session 1
  cut never did anything: its moment did not come
  delay took effect 1 time
`)
  const data = await client.passive()
  data.resume()
  await client.command('RETR b.bin', 125, 150)
  await client.expect(426)
  data.destroy()
  expect(ftp.explain().rules).toMatchObject([{ applied: 2, effects: { cut: 1, delay: 2 } }])
})

test('the text names the scenario and its rules, or says that there is none', async () => {
  await using ftp = await startFtpServer()
  expect(String(ftp.explain())).toBe('no scenario is in use\n')
  expect(ftp.explain()).toMatchObject({ scenario: '', rules: [] })
  ftp.use({ name: 'x', options: { timeout: '1m' } })
  expect(String(ftp.explain())).toBe('scenario x: no rules\noptions: timeout\n')
  expect(ftp.explain().scenario).toBe('x')
  ftp.add({ name: 'mine', when: { command: 'NOOP' }, optional: true, then })
  expect(String(ftp.explain())).toBe('scenario x: 1 rule\noptions: timeout\nmine (reply) never applied: no NOOP came\n')
})

/** The warnings that Node.js is told of meanwhile. */
async function warningsOf(action: () => Promise<void>): Promise<unknown[]> {
  const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  try {
    await action()
    return emitted.mock.calls.map(([message, type]) => [message, type])
  } finally {
    emitted.mockRestore()
  }
}

async function someCommands(ftp: FtpFixture): Promise<void> {
  await using client = await RawClient.login(ftp)
  await client.command('NOOP', 200)
  await client.command('NOOP', 200)
}

const unfired: Rule = { when: { command: 'RETR' }, then }

test('a rule that never applied is told when the fixture stops, which is no failure', async () => {
  const message =
    'scenario x: rules[1] (reply) never applied: no RETR came. What arrived: USER, PASS, TYPE, NOOP (2 times).'
  const ftp = await startFtpServer()
  const warnings = await warningsOf(async () => {
    ftp.use({
      name: 'x',
      rules: [
        { when: { command: 'NOOP' }, then: { delay: 0 } },
        unfired,
        { ...unfired, optional: true },
        { ...unfired, chance: 0.5 },
      ],
    })
    await someCommands(ftp)
    expect(await ftp.stop()).toMatchObject({ unfired: [message] })
  })
  expect(warnings).toEqual([[message, 'FtpFixtureWarning']])
  expect(ftp.transcript.events.filter(({ type }) => type === 'warning')).toMatchObject([{ message, session: 0 }])
})

test('it is told too when the scenario ends, once, and is in the report of the stop', async () => {
  const ftp = await startFtpServer()
  const warnings = await warningsOf(async () => {
    ftp.use({ name: 'one', rules: [unfired] })
    ftp.use({ name: 'two', rules: [{ name: 'mine', ...unfired }] })
    ftp.reset()
    ftp.use({ name: 'three', rules: [unfired] })
    await ftp.stop()
  })
  const sentences = [
    'scenario one: rules[0] (reply) never applied: no RETR came. No command arrived at all.',
    'scenario two: mine (reply) never applied: no RETR came. No command arrived at all.',
    'scenario three: rules[0] (reply) never applied: no RETR came. No command arrived at all.',
  ]
  expect(warnings.map((warning) => (warning as string[])[0])).toEqual(sentences)
  expect((await ftp.stop()).unfired).toEqual(sentences)
})

test('a scenario that is refused leaves the one before in use, and nothing is told of it', async () => {
  const ftp = await startFtpServer()
  const warnings = await warningsOf(async () => {
    ftp.use({ name: 'one', rules: [{ ...unfired, optional: true }] })
    expect(() => ftp.use({ rules: [{ when: { command: 'RETR' }, then: {} }] })).toThrow('at least one fault')
    expect(ftp.explain().scenario).toBe('one')
    await ftp.stop()
  })
  expect(warnings).toEqual([])
})
