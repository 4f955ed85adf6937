const { Client } = require('basic-ftp')
const { startFtpServer } = require('ftp-fixture')
const { assertFtp } = require('ftp-fixture/matchers')

it('a matcher', async () => {
  const ftp = await startFtpServer()
  const client = new Client()
  try {
    await client.access({ host: ftp.host, port: ftp.port, user: ftp.username, password: ftp.password })
    assertFtp(ftp).toHaveReceivedInOrder(['USER', 'RETR'])
  } finally {
    client.close()
    await ftp.stop()
  }
})
