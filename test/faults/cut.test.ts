import { expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { ending, RawClient, readAll } from '../support/raw-client.ts'

test('a download is cut by RST behind the bytes asked for, and the next one is whole', async () => {
  await using ftp = await startFtpServer({ files: { 'a.bin': randomBytes('64KiB') } })
  ftp.use({
    name: 'x',
    rules: [{ when: { command: 'RETR' }, times: 1, then: { cut: { after: '10KiB', with: 'rst' } } }],
  })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  let bytes = 0
  data.on('data', (chunk) => {
    bytes += chunk.length
  })
  const end = ending(data)
  await client.command('RETR a.bin', 125, 150)
  expect(await end).toBe('RST')
  expect(bytes).toBe(10240)
  await client.expect(426)
  const again = await client.passive()
  const all = readAll(again)
  await client.command('RETR a.bin', 125, 150)
  expect((await all).length).toBe(65536)
  await client.expect(226)
  console.log(String(ftp.transcript))
})

test('delay and reply', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', files: { 'a.bin': randomBytes('64KiB') } })
  await using client = await RawClient.login(ftp)
  ftp.use({
    rules: [
      { when: { command: ['NOOP'] }, then: { delay: '300s', reply: ['550 Gone.', { raw: '200 \0x\r\n' }] } },
      { when: { phase: 'idle', after: '10m' }, then: (x) => x.say({ text: '421 bye' }) },
    ],
  })
  client.send('NOOP')
  await ftp.waitFor({ type: 'fault' })
  await ftp.clock.advance('300s')
  await client.expect(550)
  await client.expect(200)
  ftp.server.configure({ timeout: 0 })
  await client.command('SYST', 215)
  await ftp.clock.advance('10m')
  await client.expect(421)
  ftp.reset()
  await client.command('NOOP', 200)
  console.log(String(ftp.transcript))
})
