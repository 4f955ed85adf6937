import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { Tap, trusting } from '../support/ftps.ts'
import { Segments, scenario, stillFixture } from './control.ts'

test('drip: a reply comes byte by byte, each after its time, and the next one behind it', async () => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(scenario({ when: { command: 'NOOP' }, times: 1, then: { drip: '1s', reply: ['200 A', '250 B'] } }))
  client.send('NOOP')
  await ftp.waitFor({ type: 'fault', fault: 'drip' })
  const bytes = [...'200 A\r\n250 B\r\n']
  for (let count = 1; count <= bytes.length; count++) {
    await ftp.clock.advance(999)
    expect(client.segments.length).toBe(count - 1)
    await ftp.clock.advance(1)
    await client.until(bytes.slice(0, count).join(''))
  }
  expect(client.segments).toEqual(bytes)
  client.send('NOOP')
  await client.until('NOOP ok.\r\n')
  expect(client.segments.slice(bytes.length)).toEqual(['200 NOOP ok.\r\n'])
})

test('drip: so many bytes at a time', async () => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(scenario({ when: { command: 'NOOP' }, then: { drip: { every: '1s', bytes: 5 } } }))
  client.send('NOOP')
  await ftp.waitFor({ type: 'fault' })
  for (const part of ['200 N', 'OOP o', 'k.\r\n']) {
    await ftp.clock.advance('1s')
    await client.until(part)
    expect(client.segments.at(-1)).toBe(part)
  }
})

test('what another command is answered meanwhile waits for its turn', async () => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(
    scenario(
      { when: { command: 'NOOP' }, then: { final: { late: '2s' } } },
      { when: { command: 'PWD' }, then: { drip: '1s', reply: '257 "/"' } },
    ),
  )
  client.send('NOOP\r\nPWD')
  await ftp.waitFor({ type: 'fault', fault: 'drip' })
  await ftp.clock.advance('9s')
  await client.until('ok.\r\n')
  expect(client.text).toBe('257 "/"\r\n200 NOOP ok.\r\n')
})

test('split: a reply is cut at its places, with a pause at each', async () => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(scenario({ when: { command: 'NOOP' }, times: 1, then: { split: { at: [13, 2, 99], pause: '5s' } } }))
  client.send('NOOP')
  await client.until('20')
  await ftp.clock.advance(4999)
  expect(client.segments).toEqual(['20'])
  await ftp.clock.advance(1)
  await client.until('\r')
  await ftp.clock.advance('5s')
  await client.until('\n')
  expect(client.segments).toEqual(['20', '0 NOOP ok.\r', '\n'])
  client.send('NOOP')
  await client.until('\n200 NOOP ok.\r\n')
})

test('a greeting can be split too, and over TLS each piece is a record', async () => {
  await using ftp = await stillFixture({ tls: true })
  ftp.use(scenario({ then: { split: { at: [3], pause: '1s' } } }))
  const plain = connect({ host: ftp.host, port: ftp.port })
  const clear = new Segments(plain)
  await clear.until('220')
  await ftp.clock.advance('1s')
  await clear.until('\n')
  ftp.use(scenario({ when: { command: 'NOOP' }, then: { split: { at: [1, 2, 3], pause: '1s' } } }))
  clear.send('AUTH TLS')
  await clear.until('234 ')
  plain.removeAllListeners('data').pause()
  const tap = new Tap(plain)
  const client = new Segments(connectTls({ ...trusting(ftp), socket: tap }))
  await once(client.socket, 'secureConnect')
  client.send('NOOP')
  for (const text of ['2', '20', '200']) {
    await client.until(text)
    await ftp.clock.advance('1s')
  }
  await client.until('\n')
  expect(client.segments).toEqual(['2', '0', '0', ' NOOP ok.\r\n'])
  expect(tap.records.slice(-4)).toEqual([23, 23, 23, 23])
  client.socket.destroy()
  await once(tap, 'close')
})

test.each([
  { split: { at: [0], pause: '1s' } },
  { split: { at: [], pause: '1s' } },
  { split: { at: [1] } },
  { drip: { bytes: 2 } },
  { drip: { every: '1s', bytes: 0 } },
])('settings that make no sense are refused: %j', async (then) => {
  await using ftp = await stillFixture()
  expect(() => ftp.use(scenario({ then: then as { drip: '1s' } }))).toThrow(/split|drip/)
})
