import { expect, test } from 'vitest'
import { connectFtpServer } from '../../src/index.ts'
import { ControlledServer } from '../support/controlled-server.ts'
import { RawClient } from '../support/raw-client.ts'

test('waiting for a server elsewhere ends when its signal says so', async () => {
  await using server = await ControlledServer.start()
  await using ftp = await connectFtpServer(server.url, { token: server.token })
  const leaving = new AbortController()
  const waiting = ftp.waitFor({ type: 'login' }, { timeout: '1h', signal: leaving.signal })
  await ftp.kick(1)
  leaving.abort(new Error('enough of this'))
  await expect(waiting).rejects.toThrow('enough of this')
  await expect(ftp.waitFor({ type: 'login' }, { signal: leaving.signal })).rejects.toThrow('enough of this')
  await using _client = await RawClient.login(ftp)
  const { signal } = new AbortController()
  expect(await ftp.waitFor({ type: 'login' }, { signal })).toMatchObject({ username: 'user' })
})
