import { expect, test } from 'vitest'
import type { Rule } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'
import { scenario, stillFixture } from './control.ts'

const ABOR = { command: 'ABOR' }
const RETR = { command: 'RETR' }

/** The dialects of ABOR that servers speak, each with all that is answered to ABOR and the NOOP behind it. */
const dialects: readonly (readonly [name: string, rules: readonly Rule[], codes: readonly number[]])[] = [
  ['426, then 226', [], [426, 226, 200]],
  ['226 only', [{ when: RETR, then: { final: 'none' } }], [226, 200]],
  ['426 only', [{ when: ABOR, then: { final: 'none' } }], [426, 200]],
  ['the second answer behind the next one', [{ when: ABOR, then: { final: { late: '1s' } } }], [426, 200, 226]],
  ['read, and not answered: the transfer goes on', [{ when: ABOR, then: { reply: 'none' } }], [200, 226]],
  [
    'the data first, to its end',
    [{ when: ABOR, then: { delay: { until: 'transfer-end' }, reply: '226 Aborted.' } }],
    [226, 226, 200],
  ],
]

test.each(dialects)('%s', async (_name, rules, codes) => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  const halfway: Rule = { when: { ...RETR, phase: 'data-byte', at: '100KiB' }, then: { delay: '1m' } }
  ftp.use(scenario(halfway, ...rules))
  const data = await client.passive()
  data.on('end', () => data.destroy()).resume()
  await client.command('RETR big.bin', 125)
  await ftp.waitFor({ type: 'fault', fault: 'delay' })
  client.send('ABOR\r\nNOOP')
  await ftp.waitFor({ type: 'command', verb: 'ABOR' })
  await ftp.clock.advance('1m')
  const read: number[] = []
  while (read.length < codes.length) read.push((await client.reply()).code)
  expect(read).toEqual(codes)
  await client.command('QUIT', 221)
  expect(await client.line()).toBeUndefined()
})

test('the data first, to its end, though its reply takes its time', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  const halfway: Rule = { when: { ...RETR, phase: 'data-byte', at: '100KiB' }, then: { delay: '1m' } }
  const slow: Rule = { when: { ...RETR, phase: 'final' }, then: { delay: '1m' } }
  ftp.use(scenario(halfway, slow, { when: ABOR, then: { delay: { until: 'transfer-end' }, reply: '225 Nothing.' } }))
  const data = await client.passive()
  data.on('end', () => data.destroy()).resume()
  await client.command('RETR big.bin', 125)
  await ftp.waitFor({ type: 'fault', fault: 'delay' })
  client.send('ABOR')
  await ftp.waitFor({ type: 'command', verb: 'ABOR' })
  await ftp.clock.advance('2m')
  await client.expect(226)
  await client.expect(225)
})

test('a transfer that is told to wait for its own end does not', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: { ...RETR, phase: 'data-byte', at: 1 }, then: { delay: { until: 'transfer-end' } } }))
  expect((await client.fetch('RETR a.txt')).length).toBe(14)
})
