import { Client } from 'basic-ftp'
import type { FtpFixture } from 'ftp-fixture'
import { FTPServer } from 'ftp-fixture/server'
import { fileTest, test as ownTest } from 'ftp-fixture/vitest'
import { describe, expect, test as plainTest } from 'vitest'

/** The user's own fixtures go on top. */
const test = ownTest.extend<{ client: Client }>({
  client: async ({ ftp }, use) => {
    const client = await login(ftp)
    await use(client)
    client.close()
  },
})

async function login({ host, port, username: user, password }: FtpFixture): Promise<Client> {
  const client = new Client()
  await client.access({ host, port, user, password })
  return client
}

test('a client lists what the config says', async ({ client, ftp }) => {
  expect((await client.list('pub')).map(({ name }) => name)).toContain('hello.txt')
  expect(ftp).toHaveReceivedInOrder(['USER', 'PASS', 'MLSD'])
  expect(ftp).not.toHaveReceived('STOR')
  expect(ftp.server).toBeInstanceOf(FTPServer)
})

describe('with other options', () => {
  test.override({ ftpOptions: { files: { 'a.txt': 'hello' }, users: [{ username: 'u', password: 'p' }] } })

  test('the server has them', async ({ ftp, client }) => {
    expect(ftp.username).toBe('u')
    expect(await client.size('a.txt')).toBe(5)
    await expect(ftp).toHaveFile('a.txt', 'hello')
  })
})

describe.concurrent('tests that run beside each other', () => {
  const seen = new Set<number>()
  for (const name of ['one', 'two', 'three']) {
    test(name, async ({ ftp, client, expect }) => {
      await client.send('NOOP')
      expect(ftp.transcript.commands({ verb: 'NOOP' })).toHaveLength(1)
      expect(seen).not.toContain(ftp.port)
      seen.add(ftp.port)
    })
  }
})

test('a transcript is a snapshot', async ({ ftp }) => {
  const client = new Client()
  await client.connect(ftp.host, ftp.port)
  await client.send('NOOP')
  client.close()
  await expect(ftp).toHaveNoOpenSessions()
  expect(ftp.transcript).toMatchSnapshot()
})

describe('one server for all tests of a file', () => {
  const ports: number[] = []
  fileTest.beforeEach(({ ftp }) => void ports.push(ftp.port))
  fileTest('the first', ({ ftp }) => ftp.files.write('left.txt', 'by the first'))
  fileTest('the second', async ({ ftp }) => {
    await expect(ftp).toHaveFile('left.txt', 'by the first')
    expect(new Set(ports).size).toBe(1)
  })
})

plainTest('tests of vitest itself stay what they are', ({ task }) => {
  expect(task.name).toMatch(/^tests of vitest/)
})
