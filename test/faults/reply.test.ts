import { once } from 'node:events'
import { expect, test } from 'vitest'
import type { Rule } from '../../src/index.ts'
import { RawClient, readAll } from '../support/raw-client.ts'
import { Segments, scenario, stillFixture } from './control.ts'

const forms: readonly (readonly [
  name: string,
  said: NonNullable<Exclude<Rule['then'], readonly unknown[] | ((...args: never) => unknown)>['reply']>,
  bytes: string,
])[] = [
  ['a text', '550 Gone.', '550 Gone.\r\n'],
  ['a code outside the RFC', '999 What?', '999 What?\r\n'],
  ['a code that no number has', '042 So what.', '042 So what.\r\n'],
  ['a bare code', '200', '200\r\n'],
  ['several lines', '211-One\n Two\n211 Three', '211-One\r\n Two\r\n211 Three\r\n'],
  ['lines with the wrong codes', '553-No.\n200 Yes.\n150 So?', '553-No.\r\n200 Yes.\r\n150 So?\r\n'],
  ['an end of empty lines', '200 One.\n\n', '200 One.\r\n'],
  ['NUL, a bare CR and a bare LF', { raw: '200 a\0b\rc\nd\r\n' }, '200 a\0b\rc\nd\r\n'],
  ['no line end', { raw: '200 to be continued' }, '200 to be continued'],
  ['any bytes', { base64: Buffer.from([0x32, 0xff, 0xfe, 0x0a]).toString('base64') }, '2\xff\xfe\n'],
  ['a line of 20 KB', `200 ${'x'.repeat(20_000)}`, `200 ${'x'.repeat(20_000)}\r\n`],
]

test.each(forms)('%s goes over the wire as it is, once', async (_name, said, bytes) => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(scenario({ when: { command: 'NOOP' }, times: 1, then: { reply: said } }))
  client.send('NOOP')
  await client.until(bytes)
  client.segments.length = 0
  client.send('NOOP')
  await client.until('200 NOOP ok.\r\n')
  expect(client.text).toBe('200 NOOP ok.\r\n')
})

test('several replies go out in one segment, and each is an event', async () => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(scenario({ then: { reply: ['550 One.', { raw: '250 Two.\n' }, '213-Three\n213 Four'] } }))
  client.send('NOOP')
  await client.until('213 Four\r\n')
  expect(client.segments).toEqual(['550 One.\r\n250 Two.\n213-Three\r\n213 Four\r\n'])
  const replies = ftp.transcript.events.filter((event) => event.type === 'reply').slice(-3)
  expect(replies.map(({ code, lines, wire }) => ({ code, lines, wire }))).toEqual([
    { code: 550, lines: ['One.'], wire: undefined },
    { code: 250, lines: ['Two.'], wire: '250 Two.\n' },
    { code: 213, lines: ['Three', 'Four'], wire: undefined },
  ])
})

test('the dialogue shows what was on the wire', async () => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(scenario({ then: { reply: [{ raw: '200 a\0b\n' }, '553-No.\n200 Ünd so.\n150 ', '042 x'] } }))
  client.send('NOOP')
  await client.until('042 x\r\n')
  const shown = String(ftp.transcript).split('C: NOOP\n')[1] ?? ''
  expect(shown.split('\n').filter((line) => line.startsWith('S: '))).toEqual([
    'S: 200 a\\x00b\\x0a',
    'S: 553-No.',
    'S: 200 Ünd so.',
    'S: 150 ',
    'S: 042 x',
  ])
})

test('a command that is answered so is not done', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: { command: 'DELE' }, times: 1, then: { reply: '250 Deleted.' } }))
  await client.command('DELE a.txt', 250)
  await client.command('SIZE a.txt', 213)
  await client.command('DELE a.txt', 250)
  await client.command('SIZE a.txt', 550)
})

test("'none' is no answer, and the next command is read", async () => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(scenario({ when: { command: 'NOOP' }, times: 1, then: { reply: 'none' } }))
  client.send('NOOP\r\nPWD')
  await client.until('\r\n')
  expect(client.text).toBe('257 "/" is the current directory.\r\n')
})

test.each([
  ['421 in a list', { command: 'NOOP' }, ['550 No.', '421 Bye.'], 'NOOP', '550 No.\r\n421 Bye.\r\n'],
  ['221 for QUIT', { command: 'QUIT' }, ['221 Bye.'], 'QUIT', '221 Bye.\r\n'],
])('behind %s the connection is closed', async (_name, when, reply, line, bytes) => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(scenario({ when, then: { reply } }))
  client.send(line)
  expect(await client.ended).toBe('FIN')
  expect(client.text).toBe(bytes)
})

test('behind another answer to QUIT, or 221 for another command, it stays open', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(
    scenario(
      { when: { command: 'QUIT' }, times: 1, then: { reply: '500 Stay.' } },
      { when: { command: 'NOOP' }, then: { reply: '221 Hm.' } },
    ),
  )
  await client.command('QUIT', 500)
  await client.command('NOOP', 221)
  await client.command('PWD', 257)
  await client.command('QUIT', 221)
  expect(await client.line()).toBeUndefined()
})

test('the greeting can be another one', async () => {
  await using ftp = await stillFixture()
  ftp.use(scenario({ when: { phase: 'greeting' }, times: 1, then: { reply: ['120 Soon.', '220-Now\n220 here.'] } }))
  await using client = await Segments.connect(ftp)
  await client.until('here.\r\n')
  expect(client.segments).toEqual(['120 Soon.\r\n220-Now\r\n220 here.\r\n'])
  await using next = await RawClient.connect(ftp)
  expect((await next.expect(220)).text).toContain('ftp-fixture')
})

test('without a greeting commands are answered all the same, and a greeting of 421 is the end', async () => {
  await using ftp = await stillFixture()
  ftp.use(
    scenario(
      { when: { phase: 'greeting', session: 1 }, then: { reply: 'none' } },
      { when: { phase: 'greeting', session: 2 }, then: { reply: '421 Not today.' } },
    ),
  )
  await using mute = await Segments.connect(ftp)
  await ftp.waitFor({ type: 'fault', fault: 'reply' })
  mute.send('NOOP')
  await mute.until('\r\n')
  expect(mute.text).toBe('200 NOOP ok.\r\n')
  await using refused = await Segments.connect(ftp)
  expect(await refused.ended).toBe('FIN')
  expect(refused.text).toBe('421 Not today.\r\n')
})

test('in place of a transfer, the data connection that waits is closed behind the reply, and REST is over', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: { command: 'RETR' }, times: 1, then: { reply: '550 Gone.' } }))
  const data = await client.passive()
  await client.command('REST 5', 350)
  const end = once(data.resume(), 'end')
  await client.command('RETR a.txt', 550)
  await end
  data.destroy()
  expect(String(await client.fetch('RETR a.txt'))).toBe('over the wire\n')
})

test("with data: 'leave' it stays open, for the next transfer", async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: { command: 'RETR' }, times: 1, then: { reply: { with: '550 Gone.', data: 'leave' } } }))
  const data = await client.passive()
  const bytes = readAll(data)
  await client.command('REST 5', 350)
  await client.command('RETR a.txt', 550)
  await client.command('NOOP', 200)
  await client.command('RETR a.txt', 125)
  expect(String(await bytes)).toBe('over the wire\n')
  await client.expect(226)
})

test('what is written behind a reply is done behind it; a second reply has nothing left to answer', async () => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(
    scenario(
      { when: { command: 'PASS' }, then: { reply: '530 No.', disconnect: 'fin' } },
      { when: { command: 'PASS' }, then: { reply: '230 Yes.' } },
    ),
  )
  client.send('PASS x')
  expect(await client.ended).toBe('FIN')
  expect(client.text).toBe('530 No.\r\n')
})

test('a moment behind the final reply comes behind one that was scripted, too', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(
    scenario(
      { when: { command: 'NOOP' }, then: { reply: '250 Yes.' } },
      { when: { command: 'NOOP', phase: 'final' }, then: { say: '299 Before.' } },
      { when: { command: 'NOOP', phase: 'replied' }, then: { say: '299 Behind.' } },
    ),
  )
  client.send('NOOP')
  expect([await client.line(), await client.line(), await client.line()]).toEqual([
    '299 Before.',
    '250 Yes.',
    '299 Behind.',
  ])
})

test.each(['Gone.', '55 Gone.', { raw: '' }, { base64: '?' }, [], { raw: 'x', text: 'y' }, 550])(
  'what is no reply is refused: %j',
  async (reply) => {
    await using ftp = await stillFixture()
    expect(() => ftp.use(scenario({ then: { reply: reply as string } }))).toThrow(/then.*reply/s)
  },
)
