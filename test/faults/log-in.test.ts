import { expect, test } from 'vitest'
import { RawClient } from '../support/raw-client.ts'
import { scenario, stillFixture } from './control.ts'

test('logIn: 230 right behind USER', async () => {
  await using ftp = await stillFixture()
  ftp.use(scenario({ when: { command: 'USER' }, times: 1, then: { logIn: 'user', reply: '230 No password needed.' } }))
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER whoever', 230)
  await client.command('MDTM a.txt', 213)
  expect(ftp.transcript.events.some((event) => event.type === 'login' && event.username === 'user')).toBe(true)
  await client.command('USER user', 331)
  await client.command('MDTM a.txt', 530)
})

test('logIn: 230 for a greeting', async () => {
  await using ftp = await stillFixture()
  ftp.use(scenario({ when: { phase: 'greeting' }, times: 1, then: { logIn: 'user', reply: '230 You are in.' } }))
  await using client = await RawClient.connect(ftp)
  await client.expect(230)
  await client.command('MDTM a.txt', 213)
  await using next = await RawClient.connect(ftp)
  await next.expect(220)
  await next.command('MDTM a.txt', 530)
})

test('logIn: an account is asked for behind the password', async () => {
  await using ftp = await stillFixture()
  ftp.use(
    scenario(
      { when: { command: 'PASS' }, then: { reply: '332 Need account.' } },
      { when: { command: 'ACCT' }, then: { logIn: 'user', reply: '230 Logged in.' } },
    ),
  )
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 332)
  await client.command('MDTM a.txt', 530)
  await client.command('ACCT x', 230)
  await client.command('MDTM a.txt', 213)
})

test('logIn: a user that there is not is a mistake of the scenario, and makes stop reject', async () => {
  const ftp = await stillFixture()
  ftp.use(scenario({ when: { command: 'USER' }, then: { logIn: 'nobody', reply: '230 Fine.' } }))
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER x', 451)
  await expect(ftp.stop()).rejects.toThrow('logIn: there is no user "nobody"')
})

test('permissions: what needs others is refused for the rest of this session, and of no other', async () => {
  await using ftp = await stillFixture()
  await using client = await RawClient.login(ftp)
  await using other = await RawClient.login(ftp)
  ftp.use(scenario({ when: { command: 'CWD' }, times: 1, then: { permissions: 'el' } }))
  await client.command('DELE empty.bin', 250)
  await client.command('CWD /', 250)
  await client.command('PWD', 257)
  const data = await client.passive()
  await client.command('RETR a.txt', 550)
  data.destroy()
  await client.command('DELE a.txt', 550)
  expect((await client.fetch('NLST')).length).toBeGreaterThan(0)
  expect((await other.fetch('RETR a.txt')).length).toBe(14)
  ftp.reset()
  await client.command('DELE a.txt', 250)
})

test.each([{ logIn: '' }, { permissions: 'xyz' }])('settings that make no sense are refused: %j', async (then) => {
  await using ftp = await stillFixture()
  expect(() => ftp.use(scenario({ then: then as { logIn: 'user' } }))).toThrow(/logIn|permissions/)
})
