import { Client } from 'basic-ftp'
import type { FtpFixture } from 'ftp-fixture'
import { fileTest, test } from 'ftp-fixture/vitest'
import { expect } from 'vitest'

async function greet({ host, port }: FtpFixture): Promise<void> {
  const client = new Client()
  await client.connect(host, port)
  await client.send('NOOP')
  client.close()
}

let attempts = 0
test('each attempt has a server of its own', { retry: 2 }, async ({ ftp }) => {
  await greet(ftp)
  expect(ftp.transcript.commands({ verb: 'NOOP' })).toHaveLength(1)
  attempts++
  expect(attempts).toBe(3)
})

test.fails('a test that is to fail may', async ({ ftp }) => {
  await greet(ftp)
  expect(1 + 1).toBe(3)
})

fileTest('the server of a file is of no other file', ({ ftp }) => {
  expect(ftp.transcript.commands()).toEqual([])
})
