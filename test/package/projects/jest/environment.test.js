const { Readable } = require('node:stream')
const { Client } = require('basic-ftp')

let client
beforeEach(async () => {
  client = new Client()
  await client.access({ host: ftp.host, port: ftp.port, user: ftp.username, password: ftp.password })
})
afterEach(async () => {
  client.close()
  await expect(ftp).toHaveNoOpenSessions()
  ftp.transcript.clear()
})

test('the file has a server, filled as the config says', async () => {
  expect((await client.list('pub')).map(({ name }) => name)).toContain('hello.txt')
  expect(ftp).not.toHaveReceived('STOR')
})

test('the matchers are there', async () => {
  await client.uploadFrom(Readable.from(Buffer.from('x')), 'up.txt')
  expect(ftp).toHaveReceived('STOR', 'up.txt')
  await expect(ftp).toHaveTransferred('up.txt', { bytes: 1, complete: true })
  await expect(ftp).toHaveFile('up.txt', 'x')
})

test('events are told apart by their fields', () => {
  expect(ftp.transcript.commands({ verb: 'USER' })).toMatchObject([{ argument: 'user' }])
})
