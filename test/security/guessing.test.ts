import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { AuthenticationFailed, DummyAuthorizer, type FTPHandler } from '../../src/server.ts'
import { ftpsFixture, trusting } from '../support/ftps.ts'
import { RawClient } from '../support/raw-client.ts'

/** Looks long at the password of a user there is, whose hash has to be made. */
class Hashing extends DummyAuthorizer {
  override async validateAuthentication(username: string, _password: string, handler: FTPHandler): Promise<void> {
    if (username === 'known') await handler.server.ioloop.sleep(2000)
    throw new AuthenticationFailed()
  }
}

test('how long a password is looked at does not tell whether there is such a user (RFC 2577 §5)', async () => {
  await using ftp = await startFtpServer({ authorizer: new Hashing(), authFailedTimeout: '3s', clock: 'manual' })
  const texts: string[] = []
  for (const [index, username] of ['known', 'unknown'].entries()) {
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    await client.command(`USER ${username}`, 331)
    client.send('PASS guess')
    await ftp.waitFor({ type: 'command', verb: 'PASS', session: index + 1 })
    await ftp.clock.advance(2000)
    await ftp.clock.advance(999)
    expect(ftp.transcript.replies({ code: 530 }), username).toHaveLength(index)
    await ftp.clock.advance(1)
    texts.push((await client.expect(530)).text)
  }
  expect(texts[0]).toBe(texts[1])
})

test('AUTH does not start the count of failed logins anew', async () => {
  await using ftp = await ftpsFixture({ maxLoginAttempts: 3 })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  for (const _ of [1, 2]) {
    await client.command('USER user', 331)
    await client.command('PASS wrong', 530)
  }
  await client.secure(trusting(ftp))
  await client.command('USER user', 331)
  expect((await client.command('PASS wrong', 530)).text).toContain('Maximum login attempts')
  await client.closed()
})

test('REIN needs a login: it is no way to start the count anew', async () => {
  await using ftp = await startFtpServer({ maxLoginAttempts: 2 })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS wrong', 530)
  await client.command('REIN', 530)
  await client.command('USER user', 331)
  await client.command('PASS wrong', 530)
  await client.closed()
})
