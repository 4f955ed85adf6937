import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Client } from 'basic-ftp'
import { startFtpServer } from 'ftp-fixture'
import { assertFtp } from 'ftp-fixture/matchers'

let ftp
before(async () => {
  ftp = await startFtpServer({ files: 'names' })
})
after(() => ftp.stop())

test('a client lists', async () => {
  const client = new Client()
  await client.access({ host: ftp.host, port: ftp.port, user: ftp.username, password: ftp.password })
  const names = (await client.list()).map(({ name }) => name)
  client.close()
  assert.ok(names.includes('日本語.txt'))
  assertFtp(ftp).toHaveReceived('MLSD')
  await assertFtp(ftp).toHaveNoOpenSessions()
})
