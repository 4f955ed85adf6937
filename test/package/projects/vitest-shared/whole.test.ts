import { connectFtpServer } from 'ftp-fixture'
import { expect, inject, test } from 'vitest'
import { upload } from './upload.ts'

test('the server is provided, and its control API; each run finds it as new', async () => {
  const { url, host, port, username, password, root, controlUrl } = inject('ftp')
  expect(url).toBe(`ftp://${username}:${password}@${host}:${port}`)
  await using ftp = await connectFtpServer(controlUrl)
  expect(ftp.root).toBe(root)
  expect(await ftp.files.read('shared.txt', 'utf8')).toBe('for all')
  expect(await ftp.files.exists('left.txt')).toBe(false)
  expect(ftp).not.toHaveReceived('STOR', 'left.txt')
  expect(ftp.scenario).toBeUndefined()
  await upload(inject('ftp'), 'left.txt', 'by the run before')
  expect(ftp).toHaveReceived('STOR', 'left.txt')
  ftp.use('abort-download-midway')
})
