const assert = require('node:assert/strict')
const { Client } = require('basic-ftp')

async function noop() {
  const client = new Client()
  await client.access({ host: ftp.host, port: ftp.port, user: ftp.username, password: ftp.password })
  await client.send('NOOP')
  client.close()
}

test('an assertion', async () => {
  await noop()
  expect(1 + 1).toBe(3)
})

test('one of node:assert', async () => {
  await noop()
  assert.equal(1 + 2, 4)
})

test('a matcher', async () => {
  await noop()
  expect(ftp).toHaveReceivedInOrder(['USER', 'STOR', 'NOOP'])
})

test('without the server', () => {
  expect(1 + 3).toBe(5)
})
