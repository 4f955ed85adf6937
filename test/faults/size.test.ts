import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'
import { effects, once, refused } from './data.ts'

test.each([
  [{ add: 10 }, '110'],
  [{ add: -1 }, '99'],
  [{ add: -200 }, '0'],
  [{ times: 2 }, '200'],
  [{ times: 0 }, '0'],
  [{ times: 0.333 }, '33'],
])('%j makes %s of 100, and only for SIZE', async (size, wrong) => {
  await using ftp = await startFtpServer({ files: { 'a.bin': Buffer.alloc(100) } })
  await using client = await RawClient.login(ftp)
  ftp.use({ rules: [{ times: 1, then: { size } }] })
  await client.command('MDTM a.bin', 213)
  expect((await client.command('MLST a.bin', 250)).text).toContain('size=100;')
  expect((await client.command('SIZE a.bin', 213)).text).toBe(`213 ${wrong}`)
  expect(effects(ftp)).toEqual([`said ${wrong} bytes, where there are 100`])
  expect((await client.command('SIZE a.bin', 213)).text).toBe('213 100')
})

test('a refusal stays one', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  once(ftp, 'SIZE', { size: { add: 1 } })
  await client.command('SIZE missing', 550)
  expect(effects(ftp)).toEqual([])
})

test.each([{}, 5, { add: 1.5 }, { times: -1 }, { add: 1, times: 2 }])('%j is refused', (settings) =>
  refused('size', settings),
)
