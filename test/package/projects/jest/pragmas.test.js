/**
 * @ftp-scenario abort-download-midway
 * @ftp-tls
 */
const { Writable } = require('node:stream')
const { Client } = require('basic-ftp')

const sink = () => new Writable({ write: (_chunk, _encoding, done) => done() })

test('pragmas say how the server of this file is started', async () => {
  expect(ftp.scenario).toBe('abort-download-midway')
  const { host, port, username: user, password, ca } = ftp
  const client = new Client()
  await client.access({ host, port, user, password, secure: true, secureOptions: { ca } })
  await expect(client.downloadTo(sink(), 'pub/file.bin')).rejects.toThrow()
  client.close()
  expect(ftp).toHaveReceived('AUTH', 'TLS')
})
