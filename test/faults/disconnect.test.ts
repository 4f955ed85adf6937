import { once } from 'node:events'
import { expect, test } from 'vitest'
import { secured } from '../support/ftps.ts'
import { ending, RawClient, readAll } from '../support/raw-client.ts'
import { Segments, scenario, stillFixture } from './control.ts'

test.each([
  ['fin', 'FIN'],
  ['rst', 'RST'],
] as const)('%s: the command is not done, and the next session is served', async (end, seen) => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(scenario({ when: { command: 'DELE' }, times: 1, then: { disconnect: end } }))
  client.send('DELE a.txt\r\nDELE big.bin')
  expect(await client.ended).toBe(seen)
  expect(client.text).toBe('')
  await using next = await RawClient.login(ftp)
  await next.command('DELE a.txt', 250)
  expect(await ftp.files.exists('big.bin')).toBe(true)
})

test('rst: replies from before are read first', async () => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(scenario({ when: { command: 'NOOP', phase: 'replied' }, then: { disconnect: 'rst' } }))
  client.send('PWD\r\nNOOP')
  expect(await client.ended).toBe('RST')
  expect(client.text).toMatch(/^257 .*\r\n200 NOOP ok\.\r\n$/)
})

test.each([
  ['fin', 'FIN'],
  ['rst', 'RST'],
] as const)('%s at byte n: both connections end, and the transfer counts as aborted', async (end, seen) => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: { command: 'RETR', phase: 'data-byte', at: '100KiB' }, then: { disconnect: end } }))
  const ended = ending(client.socket)
  const data = await client.passive()
  const bytes = readAll(data)
  client.send('RETR big.bin')
  expect((await bytes).length).toBe(100 * 1024)
  expect(await ended).toBe(seen)
  expect(await ftp.waitFor({ type: 'transfer' })).toMatchObject({ outcome: 'aborted', bytes: 100 * 1024 })
  expect(ftp.transcript.events.filter((event) => event.type === 'reply').at(-1)).toMatchObject({ code: 125 })
})

test("with data: 'leave' the transfer goes on to its end, though its reply does not get out", async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  const rule = { when: { command: 'RETR', phase: 'data-byte', at: '100KiB' } } as const
  ftp.use(scenario({ ...rule, then: [{ disconnect: { with: 'fin', data: 'leave' } }, { delay: '1m' }] }))
  const bytes = readAll(await client.passive())
  await client.command('RETR big.bin', 125)
  expect(await client.line()).toBeUndefined()
  await ftp.waitFor({ type: 'fault', fault: 'delay' })
  await ftp.clock.advance('1m')
  client.socket.destroy()
  expect((await bytes).length).toBe(300 * 1024)
  expect(await ftp.waitFor({ type: 'transfer' })).toMatchObject({ outcome: 'completed' })
  await ftp.waitFor({ type: 'disconnect' })
})

test('stop ends a transfer that has outlived its control connection', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  const rule = { when: { command: 'STOR', phase: 'data-byte', at: 1 } } as const
  ftp.use(scenario({ ...rule, then: { disconnect: { with: 'rst', data: 'leave' } } }))
  const data = await client.passive()
  await client.command('STOR new.txt', 125)
  data.write('a')
  await client.closed()
  const closed = once(data.resume(), 'close')
  expect(await ftp.stop()).toMatchObject({ sessions: 1, transfers: 1 })
  data.destroy()
  await closed
})

test('half: the server has ended its side, and obeys on in silence', async () => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(scenario({ when: { command: 'NOOP' }, times: 1, then: { disconnect: 'half' } }))
  client.send('NOOP')
  expect(await client.ended).toBe('FIN')
  client.send('DELE a.txt\r\nMKD d')
  await ftp.waitFor({ type: 'command', verb: 'MKD' })
  client.send('QUIT')
  await once(client.socket.end(), 'close')
  expect(client.text).toBe('')
  expect(await ftp.files.exists('a.txt')).toBe(false)
  expect(await ftp.files.exists('d')).toBe(true)
  const behind = ftp.transcript.events.slice(ftp.transcript.events.findIndex(({ type }) => type === 'fault'))
  expect(behind.filter(({ type }) => type === 'reply')).toEqual([])
})

test.each([
  ['fin', 'FIN'],
  ['rst', 'RST'],
  ['half', 'FIN'],
] as const)('%s over TLS', async (end, seen) => {
  await using ftp = await stillFixture({ tls: true })
  await using client = await secured(ftp)
  ftp.use(scenario({ when: { command: 'NOOP' }, then: { disconnect: end } }))
  const ended = ending(client.socket)
  client.send('NOOP')
  expect(await ended).toBe(seen)
})

test.each(['close', { with: 'fin', data: 'keep' }, { data: 'leave' }])('what is no end is refused: %j', async (end) => {
  await using ftp = await stillFixture()
  expect(() => ftp.use(scenario({ then: { disconnect: end as 'fin' } }))).toThrow(/disconnect/)
})
