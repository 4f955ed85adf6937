import { expect, test, vi } from 'vitest'
import { startSharedThread } from '../../src/harness/shared-thread.ts'
import { temporaryFile } from '../../src/harness/temporary-file.ts'
import { startShared } from '../../src/jest/shared.ts'

vi.mock('../../src/harness/shared-thread.ts')
vi.mock('../../src/harness/temporary-file.ts')

test('a server whose certificate cannot be written is stopped', async () => {
  const control = { url: 'http://127.0.0.1:1', token: 't', urlWithToken: 'http://ftp:t@127.0.0.1:1' }
  const ftp = {
    url: 'ftp://127.0.0.1:2',
    host: '127.0.0.1',
    port: 2,
    username: 'u',
    password: 'p',
    root: '/',
    ca: 'pem',
  }
  const stop = vi.fn(async () => {})
  vi.mocked(startSharedThread).mockResolvedValue({ address: { ...ftp, control }, renew: async () => {}, stop })
  vi.mocked(temporaryFile).mockRejectedValue(new Error('the disk is full'))
  await expect(startShared({ tls: true })).rejects.toThrow('the disk is full')
  expect(stop).toHaveBeenCalledOnce()
})
