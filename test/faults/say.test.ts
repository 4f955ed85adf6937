import { expect, test } from 'vitest'
import type { Rule } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'
import { Segments, scenario, stillFixture } from './control.ts'

test('say: one reply too many, so that every answer behind it is off by one, until it is read', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: { command: 'CWD' }, times: 1, then: { say: '200 Okay, okay.' } }))
  await client.command('CWD /', 250)
  await client.command('PWD', 200)
  await client.command('NOOP', 257)
  await client.expect(200)
  await client.command('CWD /', 250)
  await client.command('NOOP', 200)
})

test('say: several, and 421 among them closes', async () => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(scenario({ when: { command: 'NOOP' }, then: { say: ['299 And then.', '421 The end.'] } }))
  client.send('NOOP\r\nPWD')
  expect(await client.ended).toBe('FIN')
  expect(client.text).toBe('200 NOOP ok.\r\n299 And then.\r\n421 The end.\r\n')
})

test('say: 421 in place of a greeting', async () => {
  await using ftp = await stillFixture()
  ftp.use(scenario({ when: { phase: 'accept' }, times: 1, then: { say: '421 Go away.' } }))
  await using client = await Segments.connect(ftp)
  expect(await client.ended).toBe('FIN')
  expect(client.text).toBe('421 Go away.\r\n')
  await using next = await RawClient.connect(ftp)
  await next.expect(220)
})

test('rewrite: what matches is replaced, in the greeting too, and the rest is as it was', async () => {
  await using ftp = await stillFixture()
  ftp.use(
    scenario(
      { then: { rewrite: { match: '^220 .*', with: '220-Hello\r\n220 there' } } },
      { when: { command: 'MDTM' }, then: { rewrite: { match: '^213 (\\d{14})$', with: '213 $1.250' } } },
      { when: { command: 'PWD' }, times: 1, then: { rewrite: { match: '"', with: "'", flags: 'g' } } },
      { when: { command: 'FEAT' }, then: { rewrite: { match: '\r\n', with: '\n', flags: 'g' } } },
    ),
  )
  await using client = await RawClient.connect(ftp)
  expect((await client.expect(220)).lines).toEqual(['220-Hello', '220 there'])
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  expect((await client.command('MDTM a.txt', 213)).text).toMatch(/^213 \d{14}\.250$/)
  expect((await client.command('PWD', 257)).text).toContain("'/'")
  expect((await client.command('PWD', 257)).text).toContain('"/"')
  client.send('FEAT')
  expect(await client.line()).toMatch(/^211-.*\n TVFS\n.*\n211 End FEAT\.$/s)
  const faults = ftp.transcript.events.filter(({ type }) => type === 'fault')
  expect(faults.length).toBe(4)
})

test('rewrite: what is said in the end is what the time line has', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: { command: 'NOOP' }, then: { rewrite: { match: '^200', with: '250' } } }))
  await client.command('NOOP', 250)
  expect(ftp.transcript.events.findLast((event) => event.type === 'reply')).toMatchObject({
    code: 250,
    lines: ['NOOP ok.'],
  })
})

test('run: a function is called at its moment, and waited for', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(
    scenario({
      when: { command: 'RETR', phase: 'preliminary' },
      times: 1,
      then: async (exchange) => {
        expect(exchange.path).toBe('/a.txt')
        await exchange.say({ text: '299 Called.' })
      },
    }),
  )
  const data = await client.passive()
  data.resume().on('end', () => data.destroy())
  client.send('RETR a.txt')
  for (const code of [299, 125, 226]) await client.expect(code)
  expect((await client.fetch('RETR a.txt')).length).toBe(14)
})

test.each([{ rewrite: { match: '(', with: '' } }, { rewrite: { match: 'a', with: '', flags: 'Q' } }, { say: 'Hello' }])(
  'settings that make no sense are refused: %j',
  async (then) => {
    await using ftp = await stillFixture()
    expect(() => ftp.use(scenario({ then: then as { say: '200' } }))).toThrow(/rewrite|say/)
  },
)

test('what is said at the first byte is behind the preliminary reply, however long that takes', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  const slow: Rule = { when: { command: 'RETR', phase: 'preliminary' }, then: { delay: '1m' } }
  ftp.use(scenario(slow, { when: { command: 'RETR', phase: 'data-byte', at: 0 }, then: { say: '110 MARK 0 = 0' } }))
  const data = (await client.passive()).resume()
  client.send('RETR a.txt')
  await ftp.waitFor({ type: 'fault', fault: 'delay' })
  await ftp.clock.advance('1m')
  const codes = [await client.reply(), await client.reply(), await client.reply()].map(({ code }) => code)
  expect(codes).toEqual([125, 110, 226])
  data.destroy()
})
