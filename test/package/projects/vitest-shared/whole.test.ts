import { connectFtpServer } from 'ftp-fixture'
import { expect, inject, test } from 'vitest'

test('the server is provided, and its control API', async () => {
  const { url, host, port, username, password, root, controlUrl } = inject('ftp')
  expect(url).toBe(`ftp://${username}:${password}@${host}:${port}`)
  await using ftp = await connectFtpServer(controlUrl)
  expect(ftp.root).toBe(root)
  expect(await ftp.files.read('shared.txt', 'utf8')).toBe('for all')
})
