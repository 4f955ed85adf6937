import { Client } from 'basic-ftp'
import { fileTest, laneTest, test } from 'ftp-fixture/vitest'
import { expect } from 'vitest'

interface Server {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string
}

async function noop({ host, port, username: user, password }: Server): Promise<void> {
  const client = new Client()
  await client.access({ host, port, user, password })
  await client.send('NOOP')
  client.close()
}

test('an assertion', async ({ ftp }) => {
  await noop(ftp)
  expect(1 + 1).toBe(3)
})

test('a matcher', async ({ ftp }) => {
  await noop(ftp)
  expect(ftp).toHaveReceivedInOrder(['USER', 'STOR', 'NOOP'])
})

test('a wait', async ({ ftp }) => {
  await noop(ftp)
  await ftp.waitFor({ type: 'command', verb: 'STOR' }, { timeout: 1 })
})

fileTest('the server of the file', async ({ ftp }) => {
  await noop(ftp)
  expect(1 + 2).toBe(4)
})

fileTest('without it', () => {
  expect(1 + 3).toBe(5)
})

laneTest('a lane of nothing', ({ ftp }) => {
  expect(ftp).toBeDefined()
})
