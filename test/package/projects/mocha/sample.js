const assert = require('node:assert/strict')
const { Client } = require('basic-ftp')
const { startFtpServer } = require('ftp-fixture')
const { assertFtp } = require('ftp-fixture/matchers')

describe('a client', () => {
  let ftp
  beforeEach(async () => {
    ftp = await startFtpServer({ files: 'basic' })
  })
  afterEach(() => ftp.stop())

  it('asks for a size', async () => {
    const client = new Client()
    await client.access({ host: ftp.host, port: ftp.port, user: ftp.username, password: ftp.password })
    assert.equal(await client.size('pub/hello.txt'), 6)
    client.close()
    assertFtp(ftp).toHaveReceived('SIZE', 'pub/hello.txt')
  })
})
