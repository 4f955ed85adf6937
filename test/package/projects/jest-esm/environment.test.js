/** @ftp-files basic */
import { expect, test } from '@jest/globals'
import { Client } from 'basic-ftp'

test('the file has a server', async () => {
  const client = new Client()
  await client.access({ host: ftp.host, port: ftp.port, user: ftp.username, password: ftp.password })
  expect(await client.size('pub/hello.txt')).toBe(6)
  client.close()
  expect(ftp).toHaveReceived('SIZE', 'pub/hello.txt')
  await expect(ftp).toHaveNoOpenSessions()
})
