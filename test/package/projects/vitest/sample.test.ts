import { Client } from 'basic-ftp'
import { type FtpFixture, startFtpServer } from 'ftp-fixture'
import { FTPServer } from 'ftp-fixture/server'
import { afterAll, beforeAll, expect, test } from 'vitest'

let ftp: FtpFixture
beforeAll(async () => {
  ftp = await startFtpServer({ files: 'basic' })
})
afterAll(() => ftp.stop())

test('a client lists', async () => {
  const client = new Client()
  await client.access({ host: ftp.host, port: ftp.port, user: ftp.username, password: ftp.password })
  expect((await client.list('pub')).map(({ name }) => name)).toContain('hello.txt')
  await client.send('NOOP')
  client.close()
})

test('both entry points have the same classes', () => {
  expect(ftp.server).toBeInstanceOf(FTPServer)
})

test('fails on purpose', async () => {
  await ftp.waitFor({ type: 'command', verb: 'STOR' }, { timeout: 1 })
})
