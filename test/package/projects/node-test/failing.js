import { test } from 'node:test'
import { Client } from 'basic-ftp'
import { startFtpServer } from 'ftp-fixture'
import { assertFtp } from 'ftp-fixture/matchers'

test('a matcher', async (t) => {
  const ftp = await startFtpServer()
  t.after(() => ftp.stop())
  const client = new Client()
  await client.access({ host: ftp.host, port: ftp.port, user: ftp.username, password: ftp.password })
  client.close()
  assertFtp(ftp).toHaveReceivedInOrder(['USER', 'RETR'])
})
