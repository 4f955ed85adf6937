import { once } from 'node:events'
import { expect, test } from 'vitest'
import { RawClient, readAll } from '../support/raw-client.ts'
import { Segments, scenario, stillFixture } from './control.ts'

test('a command waits, those behind it too, and the next time it does not', async () => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(scenario({ when: { command: 'NOOP' }, times: 1, then: { delay: '5m' } }))
  client.send('NOOP\r\nPWD')
  await ftp.waitFor({ type: 'fault', effect: 'delayed for 300000 ms at after-read' })
  await ftp.clock.advance(299_999)
  expect(client.text).toBe('')
  await ftp.clock.advance(1)
  await client.until('257 ')
  expect(client.text).toMatch(/^200 .*\r\n257 /)
  client.segments.length = 0
  client.send('NOOP')
  await client.until('200 NOOP ok.\r\n')
})

test('no time passes for the idle timeout, and a command that nobody waits for any more is not done', async () => {
  await using ftp = await stillFixture()
  ftp.use(scenario({ when: { command: 'DELE' }, then: { delay: 'forever' } }))
  await using client = await RawClient.login(ftp)
  client.send('DELE a.txt')
  await ftp.waitFor({ type: 'fault', fault: 'delay' })
  await ftp.clock.advance('2h')
  client.socket.destroy()
  await ftp.waitFor({ type: 'disconnect' })
  expect(await ftp.files.exists('a.txt')).toBe(true)
  expect(ftp.server.ioloop.pending).toBe(0)
})

test('stop ends what waits for ever', async () => {
  await using ftp = await stillFixture()
  ftp.use(scenario({ when: { phase: 'greeting' }, then: { delay: 'forever' } }))
  await using client = await RawClient.connect(ftp)
  await ftp.waitFor({ type: 'fault', fault: 'delay' })
  expect(await ftp.stop()).toMatchObject({ sessions: 1, transfers: 0 })
  expect(await client.line()).toBeUndefined()
})

test('without jitter, a time is that time', async () => {
  await using ftp = await stillFixture()
  ftp.use(scenario({ when: { command: 'NOOP' }, then: { delay: { for: '2s' } } }))
  await using client = await RawClient.login(ftp)
  client.send('NOOP')
  expect((await ftp.waitFor({ type: 'fault' })).effect).toBe('delayed for 2000 ms at after-read')
  await ftp.clock.advance('2s')
  await client.expect(200)
})

test('jitter is drawn within its bounds, and the same for the same seed', async () => {
  await using ftp = await stillFixture()
  const draw = async (seed: number) => {
    ftp.use({ ...scenario({ when: { command: 'NOOP' }, then: { delay: { for: '1s', jitter: '500ms' } } }), seed })
    await using client = await RawClient.login(ftp)
    const from = ftp.transcript.events.length
    for (let time = 0; time < 3; time++) {
      const last = ftp.transcript.events.at(-1)
      client.send('NOOP')
      await ftp.waitFor({ type: 'fault' }, { after: last })
      await ftp.clock.advance('1500ms')
      await client.expect(200)
    }
    const effects = ftp.transcript.events.slice(from).flatMap((event) => (event.type === 'fault' ? [event.effect] : []))
    return effects.map((effect) => Number(/\d+/.exec(effect)))
  }
  const [first, again, other] = [await draw(1), await draw(1), await draw(2)]
  expect(again).toEqual(first)
  expect(other).not.toEqual(first)
  expect(new Set(first).size).toBe(3)
  for (const ms of first) expect(Math.abs(ms - 1000)).toBeLessThanOrEqual(500)
})

test('until the transfer ends: NOOP and STAT are answered behind the 226, and at once without a transfer', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(
    scenario(
      { when: { command: ['NOOP', 'STAT'] }, then: { delay: { until: 'transfer-end' } } },
      { when: { command: 'RETR', phase: 'data-byte', at: '100KiB' }, then: { delay: '1m' } },
    ),
  )
  const data = readAll(await client.passive())
  await client.command('RETR big.bin', 125)
  await ftp.waitFor({ type: 'fault', fault: 'delay' })
  client.send('NOOP\r\nSTAT')
  await ftp.waitFor({ type: 'fault', effect: 'delayed until the transfer ends' })
  await ftp.clock.advance('1m')
  expect((await data).length).toBe(300 * 1024)
  for (const code of [226, 200, 211]) await client.expect(code)
  await client.command('NOOP', 200)
})

test('ABOR ends a delay amid the data', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: { command: 'STOR', phase: 'data-byte', at: 3 }, then: { delay: '1h' } }))
  const data = await client.passive()
  await client.command('STOR new.txt', 125)
  data.write('abcdef')
  await ftp.waitFor({ type: 'fault' })
  const closed = once(data, 'close')
  client.send('ABOR')
  await client.expect(426)
  await client.expect(226)
  data.destroy()
  await closed
})

test.each(['soon', -1, { jitter: '5s' }, { until: 'tomorrow' }, {}])(
  'what is no delay is refused: %j',
  async (delay) => {
    await using ftp = await stillFixture()
    expect(() => ftp.use(scenario({ then: { delay: delay as string as '5s' } }))).toThrow(/delay/)
  },
)
