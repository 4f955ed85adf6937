import { once } from 'node:events'
import { expect, test } from 'vitest'
import { encryptions, fetchOver, protectedData, secured, trusting } from '../support/ftps.ts'
import { RawClient, readAll } from '../support/raw-client.ts'
import { Segments, scenario, stillFixture } from './control.ts'

test('nothing is read or written for a time, and then all goes on', async () => {
  await using ftp = await stillFixture()
  await using client = await Segments.login(ftp)
  ftp.use(scenario({ when: { command: 'NOOP' }, times: 1, then: { blackHole: '10m' } }))
  client.send('NOOP')
  await ftp.waitFor({ type: 'fault' })
  client.send('PWD\r\nNOOP')
  await ftp.clock.advance('599s')
  expect(client.text).toBe('')
  expect(ftp.transcript.events.at(-1)).toMatchObject({ type: 'fault' })
  await ftp.clock.advance('1s')
  await client.until('NOOP ok.\r\n257 ')
  await client.until('current directory.\r\n200 ')
})

test.each(['preliminary', 'data-byte', 'data-end'] as const)(
  '%s: a download stands still, and the control connection too',
  async (phase) => {
    await using ftp = await stillFixture()
    await using client = await RawClient.login(ftp)
    const at = phase === 'data-byte' ? { at: '100KiB' as const } : {}
    ftp.use(scenario({ when: { command: 'RETR', phase, ...at }, times: 1, then: { blackHole: '10m' } }))
    const data = await client.passive()
    let count = 0
    let isEnded = false
    data.on('data', (bytes) => {
      count += bytes.length
    })
    data.on('end', () => {
      isEnded = true
      data.destroy()
    })
    client.send('RETR big.bin')
    if (phase !== 'preliminary') await client.expect(125)
    await ftp.waitFor({ type: 'fault' })
    client.send('NOOP')
    await ftp.clock.advance('599s')
    if (phase === 'data-byte') expect(count).toBeLessThanOrEqual(100 * 1024)
    if (phase === 'preliminary') expect(count).toBe(0)
    expect(isEnded).toBe(false)
    expect(ftp.transcript.events.some((event) => event.type === 'command' && event.verb === 'NOOP')).toBe(false)
    await ftp.clock.advance('1s')
    if (phase === 'preliminary') await client.expect(125)
    const codes = [(await client.reply()).code, (await client.reply()).code]
    expect(codes.sort()).toEqual([200, 226])
    expect(count).toBe(300 * 1024)
  },
)

test('data-byte: an upload stands still', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: { command: 'STOR', phase: 'data-byte', at: 3 }, times: 1, then: { blackHole: '10m' } }))
  const data = await client.passive()
  await client.command('STOR new.txt', 125)
  data.end('abcdef')
  await ftp.waitFor({ type: 'fault' })
  await ftp.clock.advance('599s')
  expect(await ftp.files.read('new.txt', 'utf8')).toBe('abc')
  await ftp.clock.advance('1s')
  await client.expect(226)
  data.destroy()
  expect(await ftp.files.read('new.txt', 'utf8')).toBe('abcdef')
})

test('for ever: no timeout of the server ends it, but the end of the client does', async () => {
  await using ftp = await stillFixture({ timeout: '1m', dataTimeout: '1m' })
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: { command: 'RETR', phase: 'data-byte', at: '1KiB' }, then: { blackHole: 'forever' } }))
  const data = await client.passive()
  data.resume()
  await client.command('RETR big.bin', 125)
  await ftp.waitFor({ type: 'fault' })
  await ftp.clock.advance('3h')
  expect(ftp.transcript.events.at(-1)).toMatchObject({ type: 'fault' })
  const closed = once(data, 'close')
  client.socket.destroy()
  await ftp.waitFor({ type: 'disconnect' })
  data.destroy()
  await closed
  expect(ftp.server.ioloop.pending).toBe(0)
})

test('for ever: a client that closes its data connection only hears nothing of it', async () => {
  await using ftp = await stillFixture({ timeout: '1m' })
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: { command: 'RETR', phase: 'data-byte', at: '1KiB' }, then: { blackHole: 'forever' } }))
  const data = await client.passive()
  await client.command('RETR big.bin', 125)
  await ftp.waitFor({ type: 'fault' })
  data.destroy()
  await ftp.waitFor({ type: 'transfer' })
  await ftp.clock.advance('3h')
  const behind = ftp.transcript.events.slice(ftp.transcript.events.findIndex(({ type }) => type === 'fault'))
  expect(behind.filter(({ type }) => type === 'reply' || type === 'disconnect')).toEqual([])
})

test('for ever: stop ends it', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: { command: 'STOR', phase: 'data-byte', at: 1 }, then: { blackHole: 'forever' } }))
  const data = await client.passive()
  await client.command('STOR new.txt', 125)
  data.write('abc')
  await ftp.waitFor({ type: 'fault' })
  expect(await ftp.stop()).toMatchObject({ sessions: 1, transfers: 1 })
  data.destroy()
})

test('what was to be closed meanwhile is closed behind it', async () => {
  await using ftp = await stillFixture({ timeout: '1m' })
  await using client = await Segments.login(ftp)
  ftp.use(
    scenario(
      { when: { command: 'NOOP' }, then: { expire: { after: '1m' } } },
      { when: { command: 'PWD' }, then: { blackHole: '5m' } },
    ),
  )
  client.send('NOOP\r\nPWD')
  await client.until('200 ')
  await ftp.waitFor({ type: 'fault', fault: 'blackHole' })
  await ftp.clock.advance('299s')
  expect(client.text).toBe('200 NOOP ok.\r\n')
  await ftp.clock.advance('1s')
  expect(await client.ended).toBe('FIN')
  expect(client.text).toMatch(/^200 NOOP ok\.\r\n421 /)
})

test('nor is a transfer waited for then, where the end of the session did not wait for it', async () => {
  await using ftp = await stillFixture({ timeout: '1h' })
  await using client = await RawClient.login(ftp)
  client.socket.allowHalfOpen = true
  ftp.use(
    scenario(
      { when: { command: 'RETR' }, then: { expire: { after: '1m' } } },
      { when: { command: 'RETR', phase: 'data-byte', at: '1KiB' }, then: [{ blackHole: '2m' }, { delay: '5m' }] },
    ),
  )
  const data = readAll(await client.passive())
  await client.command('RETR big.bin', 125)
  await ftp.waitFor({ type: 'fault', fault: 'blackHole' })
  await ftp.clock.advance('2m')
  await client.expect(421)
  expect(await client.line()).toBeUndefined()
  expect(ftp.transcript.events.some(({ type }) => type === 'transfer')).toBe(false)
  await ftp.clock.advance('5m')
  expect((await data).length).toBe(300 * 1024)
})

test('a data connection is not encrypted meanwhile', async () => {
  await using ftp = await stillFixture({ tls: true })
  await using client = await secured(ftp)
  ftp.use(scenario({ when: { command: 'PASV', phase: 'replied' }, times: 1, then: { blackHole: '2s' } }))
  const data = protectedData(client, trusting(ftp))
  await ftp.waitFor({ type: 'data-open' })
  await ftp.clock.advance(1999)
  expect(encryptions(ftp, 'data')).toEqual([])
  await ftp.clock.advance(1)
  expect(String(await fetchOver(client, await data, 'RETR a.txt'))).toBe('over the wire\n')
})

test('over TLS', async () => {
  await using ftp = await stillFixture({ tls: true })
  await using client = await secured(ftp)
  ftp.use(
    scenario({ when: { command: 'RETR', phase: 'data-byte', at: '100KiB' }, times: 1, then: { blackHole: '10m' } }),
  )
  const data = readAll(await protectedData(client, trusting(ftp)))
  await client.command('RETR big.bin', 125)
  await ftp.waitFor({ type: 'fault' })
  client.send('NOOP')
  await ftp.clock.advance('10m')
  const codes = [(await client.reply()).code, (await client.reply()).code]
  expect(codes.sort()).toEqual([200, 226])
  expect((await data).length).toBe(300 * 1024)
  ftp.use(scenario({ when: { command: 'NOOP' }, then: { blackHole: 'forever' } }))
  client.send('NOOP')
  await ftp.waitFor({ type: 'fault' }, { after: ftp.transcript.events.at(-1) })
  client.socket.destroy()
  await ftp.waitFor({ type: 'disconnect' })
})
