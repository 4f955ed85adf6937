import { Writable } from 'node:stream'
import { Client } from 'basic-ftp'
import { expect, test } from 'vitest'
import { type Rule, randomBytes, startFtpServer } from '../../src/index.ts'
import { ending, RawClient } from '../support/raw-client.ts'
import { scenario } from './control.ts'

const CONTENT = randomBytes('200KiB', { seed: 5 })
const RETR = { command: 'RETR' }
const EPSV = { command: 'EPSV' }

/** Faults that take a minute of the clock's, in a download by a client that waits as long as it takes. */
const slow: readonly Rule[] = [
  { when: RETR, then: { delay: '1m' } },
  { when: { ...RETR, phase: 'before-read' }, then: { delay: '1m' } },
  { when: { ...RETR, phase: 'preliminary' }, then: { delay: '1m' } },
  { when: { ...RETR, phase: 'data-byte', at: '100KiB' }, then: { delay: '1m' } },
  { when: { ...RETR, phase: 'data-end' }, then: { delay: '1m' } },
  { when: { ...RETR, phase: 'data-closed' }, then: { delay: '1m' } },
  { when: { ...RETR, phase: 'final' }, then: { delay: { for: '1m', jitter: 0 } } },
  { when: { ...EPSV, phase: 'data-listen' }, then: { delay: '1m' } },
  { when: { ...EPSV, phase: 'data-accept' }, then: { delay: '1m' } },
  { when: RETR, then: { blackHole: '1m' } },
  { when: { ...RETR, phase: 'data-byte', at: '100KiB' }, then: { blackHole: '1m' } },
  { when: RETR, then: { drip: { every: '1m', bytes: 100 } } },
  { when: RETR, then: { split: { at: [3], pause: '1m' } } },
  { when: RETR, then: { final: { late: '1m' } } },
  { when: EPSV, then: { accept: { after: '1m' } } },
  { when: RETR, then: { throttle: '4KiB/s' } },
  { when: RETR, then: { latency: '30s' } },
  { when: RETR, then: { slices: { bytes: '100KiB', every: '1m' } } },
  { when: RETR, then: { stall: { after: '100KiB', for: '1m' } } },
]

test('a reset that is under way is none, though the clock says meanwhile that nothing moves', async () => {
  const limits = { timeout: 0, dataTimeout: '5s' } as const
  await using ftp = await startFtpServer({ clock: 'manual', files: { 'a.bin': CONTENT }, ...limits })
  await using client = await RawClient.login(ftp)
  ftp.use(scenario({ when: RETR, then: { cut: { after: '100KiB', with: 'rst' } } }))
  const data = await client.passive()
  const end = ending(data)
  await client.command('RETR a.bin', 125)
  await ftp.waitFor({ type: 'fault' })
  await ftp.clock.advance('1m')
  expect(await end).toBe('RST')
  await client.expect(426)
  data.destroy()
})

test.each(slow)('$when $then: it is over when the clock says so', async (rule) => {
  const limits = { timeout: 0, dataTimeout: '5s', passiveTimeout: '5s' } as const
  await using ftp = await startFtpServer({ clock: 'manual', files: { 'a.bin': CONTENT }, ...limits })
  const client = new Client()
  await client.access({ host: ftp.host, port: ftp.port, user: 'user', password: '12345' })
  ftp.use(scenario({ times: 1, ...rule }))
  const chunks: Buffer[] = []
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  let isDone = false
  const done = client.downloadTo(sink, 'a.bin').finally(() => {
    isDone = true
  })
  await ftp.waitFor({ type: 'fault' })
  await ftp.clock.advance('20s')
  expect(isDone).toBe(false)
  for (let minute = 0; minute < 10 && !isDone; minute++) await ftp.clock.advance('1m')
  await done
  expect(Buffer.concat(chunks).equals(CONTENT)).toBe(true)
  client.close()
})
