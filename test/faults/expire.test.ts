import { expect, test } from 'vitest'
import { protectedData, secured, trusting } from '../support/ftps.ts'
import { RawClient, readAll } from '../support/raw-client.ts'
import { Segments, scenario, stillFixture } from './control.ts'

const atByte = { command: 'RETR', phase: 'data-byte', at: '100KiB' } as const

test('421 and FIN so long after the moment, whatever is said meanwhile', async () => {
  await using ftp = await stillFixture({ timeout: '1h' })
  ftp.use(scenario({ when: { phase: 'greeted' }, times: 1, then: { expire: { after: '10m' } } }))
  await using client = await Segments.login(ftp)
  await ftp.clock.advance('599s')
  client.send('NOOP')
  await client.until('200 NOOP ok.\r\n')
  await ftp.clock.advance('1s')
  expect(await client.ended).toBe('FIN')
  expect(client.text).toBe('200 NOOP ok.\r\n421 Session timed out; closing control connection.\r\n')
  await using next = await RawClient.login(ftp)
  await ftp.clock.advance('4m')
  await next.command('NOOP', 200)
})

test('a command under way is cut off, with a text of your own', async () => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(
    scenario({ when: { command: 'NOOP' }, then: { expire: { after: '1s', with: '426 Over.' }, delay: 'forever' } }),
  )
  client.send('NOOP')
  await ftp.waitFor({ type: 'fault', fault: 'delay' })
  await ftp.clock.advance('1s')
  expect(await client.ended).toBe('FIN')
  expect(client.text).toBe('426 Over.\r\n')
})

test.each([false, true])('421 and FIN during a transfer, which finishes (TLS: %s)', async (tls) => {
  await using ftp = await stillFixture({ tls })
  await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
  ftp.use(
    scenario({ when: { command: 'RETR' }, then: { expire: { after: '1m' } } }, { when: atByte, then: { delay: '5m' } }),
  )
  const data = tls ? await protectedData(client, trusting(ftp)) : await client.passive()
  const bytes = readAll(data)
  await client.command('RETR big.bin', 125)
  await ftp.waitFor({ type: 'fault', fault: 'delay' })
  await ftp.clock.advance('1m')
  await client.expect(421)
  expect(await client.line()).toBeUndefined()
  await ftp.clock.advance('4m')
  expect((await bytes).length).toBe(300 * 1024)
  expect(await ftp.waitFor({ type: 'transfer' })).toMatchObject({ outcome: 'completed' })
  await ftp.waitFor({ type: 'disconnect' })
})

test('a session that has not expired when the scenario ends does not any more', async () => {
  await using ftp = await stillFixture({ timeout: '1h' })
  ftp.use(scenario({ when: { phase: 'greeted' }, optional: true, then: { expire: { after: '10m' } } }))
  await using client = await RawClient.login(ftp)
  ftp.reset()
  await ftp.clock.advance('10m')
  await client.command('NOOP', 200)
})

test('the timer is gone with the session', async () => {
  await using ftp = await stillFixture()
  ftp.use(scenario({ when: { command: 'NOOP' }, then: { expire: { after: '1h' } } }))
  await using client = await RawClient.login(ftp)
  await client.command('NOOP', 200)
  await client.command('NOOP', 200)
  await client.command('QUIT', 221)
  await client.closed()
  await ftp.waitFor({ type: 'disconnect' })
  expect(ftp.server.ioloop.pending).toBe(0)
})

test.each([{}, { after: 'soon' }, { after: '1s', with: 'Bye.' }, '1s'])(
  'settings that make no sense are refused: %j',
  async (expire) => {
    await using ftp = await stillFixture()
    expect(() => ftp.use(scenario({ then: { expire: expire as { after: '1s' } } }))).toThrow(/expire/)
  },
)
