import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { FTPHandler } from '../../src/server.ts'
import { dialogue } from '../support/dialogue.ts'
import { RawClient } from '../support/raw-client.ts'

test('USER is answered with 331 for known and unknown users alike', async () => {
  await using ftp = await startFtpServer()
  await dialogue(
    ftp,
    `
    S: 220 ftp-fixture
    C: USER user
    S: 331 Username ok, send password.
    C: USER nobody
    S: 331 Username ok, send password.
    C: PASS 12345
    S: 530 Authentication failed.
    C: user user
    S: 331
    C: pass 12345
    S: 230 Login successful.`,
  )
})

test('PASS out of turn is a bad sequence', async () => {
  await using ftp = await startFtpServer()
  await dialogue(
    ftp,
    `
    S: 220
    C: PASS 12345
    S: 503 Login with USER first.
    C: USER user
    S: 331
    C: PASS 12345
    S: 230
    C: PASS 12345
    S: 503 User already authenticated.
    C: USER
    S: 501`,
  )
})

test('the third failed login closes the connection', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  for (const _ of [1, 2]) {
    await client.command('USER user', 331)
    await client.command('PASS wrong', 530)
    await client.command('PASS 12345', 503)
  }
  await client.command('USER user', 331)
  const { text } = await client.command('PASS wrong', 530)
  expect(text).toContain('Maximum login attempts')
  await client.closed()
})

test('a login in between starts the count of failures anew', async () => {
  await using ftp = await startFtpServer({ maxLoginAttempts: 2 })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  for (const _ of [1, 2]) {
    await client.command('USER user', 331)
    await client.command('PASS wrong', 530)
    await client.command('USER user', 331)
    await client.command('PASS 12345', 230)
  }
  await client.command('NOOP', 200)
})

test('a failed login waits, and nothing else is answered meanwhile', async () => {
  await using ftp = await startFtpServer({ authFailedTimeout: '3s', clock: 'manual' })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER user', 331)
  client.send('PASS wrong\r\nNOOP')
  await ftp.waitFor({ type: 'command', verb: 'PASS' })
  await ftp.clock.advance(2999)
  expect(ftp.transcript.replies({ code: 530 })).toHaveLength(0)
  expect(ftp.transcript.commands({ verb: 'NOOP' })).toHaveLength(0)
  await ftp.clock.advance(1)
  await client.expect(530)
  await client.expect(200)
})

test('a client may leave while its failed login waits', async () => {
  await using ftp = await startFtpServer({ authFailedTimeout: '1h' })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER user', 331)
  client.send('PASS wrong')
  await ftp.waitFor({ type: 'command', verb: 'PASS' })
  client.socket.resetAndDestroy()
  await ftp.waitFor({ type: 'disconnect' })
  expect(ftp.server.ioloop.pending).toBe(0)
  expect(ftp.transcript.events.filter(({ type }) => type === 'login-failed')).toEqual([])
})

test('USER again flushes the account and keeps parameters; REIN resets those too', async () => {
  await using ftp = await startFtpServer({ files: { 'd/': {} } })
  await dialogue(
    ftp,
    `
    S: 220
    C: REIN
    S: 530
    C: USER user
    S: 331
    C: PASS 12345
    S: 230
    C: CWD d
    S: 250
    C: TYPE I
    S: 200
    C: REST 5
    S: 350
    C: RNFR /d
    S: 350
    C: EPSV ALL
    S: 220
    C: USER user
    S: 331 Previous account
    C: PWD
    S: 530
    C: PASS 12345
    S: 230
    C: PWD
    S: 257 "/"
    C: REST 1
    S: 350
    C: RNTO /e
    S: 503
    C: PASV
    S: 501
    C: REIN x
    S: 501
    C: REIN
    S: 230 Ready for new user.
    C: USER user
    S: 331 Username ok
    C: PASS 12345
    S: 230
    C: REST 1
    S: 501
    C: PASV
    S: 227`,
  )
})

test('ACCT is superfluous, and needs an argument', async () => {
  await using ftp = await startFtpServer()
  await dialogue(
    ftp,
    `
    S: 220
    C: ACCT
    S: 501
    C: ACCT whatever
    S: 202 ACCT is superfluous at this site.`,
  )
})

test('QUIT says goodbye and closes, before and after a login', async () => {
  await using ftp = await startFtpServer({
    users: [{ username: 'a', password: 'b', msgLogin: 'Hello,\nyou.', msgQuit: 'See you.' }],
  })
  for (const login of [false, true]) {
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    if (login) {
      await client.command('USER a', 331)
      expect((await client.command('PASS b', 230)).lines).toEqual(['230-Hello,', '230 you.'])
    }
    await client.command('QUIT now', 501)
    expect((await client.command('QUIT', 221)).text).toBe(login ? '221 See you.' : '221 Goodbye.')
    await client.closed()
  }
})

test('anonymous logs in with any password, reading only', async () => {
  await using ftp = await startFtpServer({ anonymous: true, files: { 'a.txt': 'a' } })
  await dialogue(
    ftp,
    `
    S: 220
    C: USER anonymous
    S: 331
    C: PASS me@example.org
    S: 230
    C: DELE a.txt
    S: 550 Not enough privileges.
    C: MKD x
    S: 550 Not enough privileges.
    C: PASV
    S: 227
    C: STOR b.txt
    S: 550 Not enough privileges.`,
  )
  expect(await ftp.files.list()).toEqual(['a.txt'])
})

test('callbacks of a login come in order, each once', async () => {
  const calls: string[] = []
  class Handler extends FTPHandler {
    override onConnect() {
      calls.push('connect')
    }
    override onLogin(username: string) {
      calls.push(`login ${username}`)
    }
    override onLoginFailed(username: string, password: string) {
      calls.push(`failed ${username} ${password}`)
    }
    override onLogout(username: string) {
      calls.push(`logout ${username}`)
    }
    override onDisconnect() {
      calls.push('disconnect')
    }
  }
  await using ftp = await startFtpServer({ handler: Handler })
  await dialogue(
    ftp,
    `
    S: 220
    C: USER user
    S: 331
    C: PASS oops
    S: 530
    C: USER user
    S: 331
    C: PASS 12345
    S: 230
    C: USER user
    S: 331
    C: PASS 12345
    S: 230
    C: REIN
    S: 230
    C: USER user
    S: 331
    C: PASS 12345
    S: 230
    C: QUIT
    S: 221`,
  )
  await ftp.waitFor({ type: 'disconnect' })
  const login = ['login user', 'logout user']
  expect(calls).toEqual(['connect', 'failed user oops', ...login, ...login, ...login, 'disconnect'])
})

test('a mere disconnect is no logout', async () => {
  const calls: string[] = []
  class Handler extends FTPHandler {
    override onLogout() {
      calls.push('logout')
    }
    override onDisconnect() {
      calls.push('disconnect')
    }
  }
  await using ftp = await startFtpServer({ handler: Handler })
  const client = await RawClient.login(ftp)
  client.socket.destroy()
  await ftp.waitFor({ type: 'disconnect' })
  expect(calls).toEqual(['disconnect'])
})

test('the transcript tells who came in, who did not, and who left', async () => {
  await using ftp = await startFtpServer()
  await dialogue(
    ftp,
    `
    S: 220
    C: USER nobody
    S: 331
    C: PASS x
    S: 530
    C: USER user
    S: 331
    C: PASS 12345
    S: 230
    C: QUIT
    S: 221`,
  )
  await ftp.waitFor({ type: 'disconnect' })
  const told = ftp.transcript.events.filter(({ type }) => /^log/.test(type))
  expect(told).toMatchObject([
    { type: 'login-failed', username: 'nobody' },
    { type: 'login', username: 'user' },
    { type: 'logout', username: 'user' },
  ])
})
