const { Readable } = require('node:stream')
const { Client } = require('basic-ftp')
const { connectFtpServer } = require('ftp-fixture')

let server
let lane
beforeAll(async () => {
  server = await connectFtpServer()
})
afterAll(async () => {
  await server.stop()
})
beforeEach(async () => {
  lane = await server.lane()
})
afterEach(async () => {
  await lane.stop()
})

test('uploads a report', async () => {
  const { host, port, username: user, password } = lane
  const client = new Client()
  await client.access({ host, port, user, password })
  await client.uploadFrom(Readable.from(Buffer.from('two')), 'report.txt')
  client.close()
  await expect(lane).toHaveFile('report.txt', 'two')
  expect(lane).toHaveReceived('STOR')
})

test('starts with the files of the config, and nothing else', async () => {
  await expect(lane).toHaveFile('pub/hello.txt')
  expect(await lane.files.exists('report.txt')).toBe(false)
})
