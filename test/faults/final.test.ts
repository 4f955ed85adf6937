import { once } from 'node:events'
import { expect, test } from 'vitest'
import { RawClient, readAll } from '../support/raw-client.ts'
import { Segments, scenario, stillFixture } from './control.ts'

const RETR = { command: 'RETR' } as const

/** What stands on the control connection when the first byte of the data comes, and when the data ends. */
async function fetchObserved(client: RawClient, file: string) {
  const control: string[] = []
  const data = await client.passive()
  const seen = { first: -1, end: -1 }
  data.on('data', () => {
    if (seen.first === -1) seen.first = control.length
  })
  data.on('end', () => {
    seen.end = control.length
    data.destroy()
  })
  client.socket.on('data', (bytes) => control.push(String(bytes)))
  const closed = once(data, 'close')
  client.send(`RETR ${file}`)
  await closed
  return { seen, control }
}

test('preliminary: another one, several, or none, and the transfer is done', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(
    scenario(
      { when: RETR, times: 1, then: { preliminary: '150 Opening (99 bytes).' } },
      { when: RETR, skip: 1, times: 1, then: { preliminary: ['125 One.', '150 Two.'] } },
      { when: RETR, skip: 2, times: 1, then: { preliminary: 'none' } },
    ),
  )
  for (const codes of [[150, 226], [125, 150, 226], [226], [125, 226]]) {
    const data = readAll(await client.passive())
    client.send('RETR a.txt')
    for (const code of codes) await client.expect(code)
    expect(String(await data)).toBe('over the wire\n')
  }
})

test('final: another one, or none, though the command is done', async () => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(
    scenario(
      { when: { command: 'MKD' }, times: 1, then: { final: '250 Yes.' } },
      { when: { command: 'MKD' }, skip: 1, times: 1, then: { final: 'none' } },
      { when: { command: 'MKD' }, skip: 2, times: 1, then: { final: { repeat: 3 } } },
      { when: { command: 'MKD' }, skip: 3, times: 1, then: { final: { with: '257 "/d"', repeat: 2 } } },
    ),
  )
  client.send('MKD a\r\nMKD b\r\nMKD c\r\nMKD d\r\nMKD e')
  await client.until('"/e"')
  expect(client.text).toMatch(/^250 Yes\.\r\n(257 "\/c"[^\r]*\r\n){3}(257 "\/d"\r\n){2}257 "\/e"/)
  for (const name of 'abcde') expect(await ftp.files.exists(name)).toBe(true)
})

test('final: without a command named it is done to each, and to no greeting', async () => {
  await using ftp = await stillFixture()
  ftp.use(scenario({ then: { final: '299 Hm.' } }))
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('NOOP', 299)
  await client.command('PWD', 299)
})

test('final: 426 though every byte arrived, and 421 that closes', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(
    scenario(
      { when: RETR, times: 1, then: { final: '426 Aborted.' } },
      { when: RETR, skip: 1, then: { final: ['226 Done.', '421 Bye.'] } },
    ),
  )
  for (const code of [426, 226]) {
    const data = readAll(await client.passive())
    await client.command('RETR a.txt', 125)
    expect(String(await data)).toBe('over the wire\n')
    await client.expect(code)
  }
  await client.expect(421)
  expect(await client.line()).toBeUndefined()
})

test('early, before the preliminary reply', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: RETR, times: 1, then: { final: { early: 'before-preliminary' } } }))
  const { seen } = await fetchObserved(client, 'big.bin')
  expect(seen.first).toBeGreaterThan(0)
  await client.expect(226)
  await client.expect(125)
  expect((await client.fetch('RETR a.txt')).length).toBe(14)
})

test('early: the data waits for the preliminary reply, whatever holds that up', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(
    scenario(
      { when: RETR, then: { final: { early: 'before-preliminary' } } },
      { when: { phase: 'preliminary' }, then: { delay: '5s' } },
    ),
  )
  const data = await client.passive()
  let count = 0
  data.on('data', (bytes) => {
    count += bytes.length
  })
  data.on('end', () => data.destroy())
  const closed = once(data, 'close')
  client.send('RETR a.txt')
  await client.expect(226)
  await ftp.waitFor({ type: 'fault', fault: 'delay' })
  await ftp.clock.advance(4999)
  expect(count).toBe(0)
  await ftp.clock.advance(1)
  await client.expect(125)
  await closed
  expect(count).toBe(14)
})

test('early, in one segment with the preliminary reply, the data afterwards', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: RETR, times: 1, then: { final: { early: 'with-preliminary', with: '226 Too soon.' } } }))
  const { seen, control } = await fetchObserved(client, 'a.txt')
  expect(control.at(-1)).toMatch(/^125 .*\r\n226 Too soon\.\r\n$/)
  expect(seen.first).toBe(control.length)
  await client.expect(125)
  await client.expect(226)
  expect((await client.fetch('RETR a.txt')).length).toBe(14)
})

test('early, behind the last byte, before the connection is closed', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(
    scenario(
      { when: RETR, times: 1, then: { final: { early: 'data-end' } } },
      { when: { command: 'RETR', phase: 'data-end' }, times: 1, then: { delay: '5s' } },
    ),
  )
  const data = await client.passive()
  let isEnded = false
  const bytes = readAll(data).finally(() => {
    isEnded = true
  })
  client.send('RETR a.txt')
  await client.expect(125)
  await client.expect(226)
  await ftp.waitFor({ type: 'fault', fault: 'delay' })
  expect(isEnded).toBe(false)
  await ftp.clock.advance('5s')
  expect(String(await bytes)).toBe('over the wire\n')
  await client.command('NOOP', 200)
})

test('early: a transfer that is refused is refused as ever', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: RETR, then: { final: { early: 'with-preliminary' } } }))
  const data = await client.passive()
  await client.command('RETR missing.txt', 550)
  await client.command('NOOP', 200)
  data.destroy()
})

test('late: the next commands are read and answered meanwhile', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: { command: 'DELE' }, times: 1, then: { final: { late: '10s' } } }))
  client.send('DELE a.txt')
  await client.command('NOOP', 200)
  await client.command('SIZE a.txt', 550)
  await ftp.clock.advance('10s')
  expect((await client.expect(250)).text).toContain('removed')
  await client.command('DELE empty.bin', 250)
})

test('late: nothing is left of it when the session is over', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: { command: 'NOOP' }, then: { final: { late: '10s' } } }))
  client.send('NOOP')
  await client.command('QUIT', 221)
  expect(await client.line()).toBeUndefined()
  await ftp.waitFor({ type: 'disconnect' })
  expect(ftp.server.ioloop.pending).toBe(0)
})

test.each([{}, { early: 'now' }, { early: 'data-end', late: '5s' }, { repeat: 1 }, { late: 'soon' }])(
  'settings that make no sense are refused: %j',
  async (final) => {
    await using ftp = await stillFixture()
    expect(() => ftp.use(scenario({ when: RETR, then: { final: final as { late: '5s' } } }))).toThrow(/final/)
  },
)
