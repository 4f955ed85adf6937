import { Writable } from 'node:stream'
import { Client } from 'basic-ftp'
import { startFtpServer } from 'ftp-fixture'

test('a client downloads', async () => {
  const ftp = await startFtpServer({ files: { 'a.txt': 'hello' } })
  const client = new Client()
  await client.access({ host: ftp.host, port: ftp.port, user: ftp.username, password: ftp.password })
  const chunks = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  await client.downloadTo(sink, 'a.txt')
  client.close()
  expect(Buffer.concat(chunks).toString()).toBe('hello')
  await ftp.stop()
})
