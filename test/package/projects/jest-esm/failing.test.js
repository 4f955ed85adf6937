import { Client } from 'basic-ftp'

test('a matcher', async () => {
  const client = new Client()
  await client.access({ host: ftp.host, port: ftp.port, user: ftp.username, password: ftp.password })
  client.close()
  expect(ftp).toHaveReceived('RETR')
})
