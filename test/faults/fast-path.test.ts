import { beforeEach, describe, expect, test, vi } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'
import { kernel } from '../support/sendfile-spy.ts'
import { download, once } from './data.ts'

vi.mock('../../src/native/sendfile.ts', async (importOriginal) => {
  const { kernel } = await import('../support/sendfile-spy.ts')
  return kernel.watch(await importOriginal())
})

const CONTENT = randomBytes('5MiB', { seed: 1 })
const files = { 'a.bin': CONTENT, 'b.bin': CONTENT }

beforeEach(() => kernel.reset())

describe.runIf(process.platform === 'linux')('files are the kernel’s to send', () => {
  test.each([
    ['where a rule applies that does nothing to the data', { delay: 1 }],
    ['where the fault is one of the final reply', { final: '226 Done.' }],
  ] as const)('%s', async (_name, then) => {
    await using ftp = await startFtpServer({ files })
    await using client = await RawClient.login(ftp)
    once(ftp, 'RETR', then)
    expect((await download(client, 'RETR a.bin')).bytes.equals(CONTENT)).toBe(true)
    expect(ftp.transcript.events.filter(({ type }) => type === 'fault')).toHaveLength(1)
    expect(kernel.bytes).toBeGreaterThan(0)
  })

  test('where no rule applies, and where none does any more', async () => {
    await using ftp = await startFtpServer({ files })
    await using client = await RawClient.login(ftp)
    ftp.use({ rules: [{ when: { path: '/b.bin' }, times: 1, then: { truncate: { after: 3 } } }] })
    expect((await download(client, 'RETR a.bin')).bytes.equals(CONTENT)).toBe(true)
    expect(kernel.bytes).toBeGreaterThan(0)
    kernel.reset()
    expect((await download(client, 'RETR b.bin')).bytes.length).toBe(3)
    expect(kernel.results).toEqual([])
    expect((await download(client, 'RETR b.bin')).bytes.equals(CONTENT)).toBe(true)
    expect(kernel.bytes).toBeGreaterThan(0)
  })
})
