import { expect, test } from 'vitest'
import { type FtpFixture, startFtpServer } from '../../src/index.ts'
import { FTPHandler } from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'

/** A server and the calls it makes, in their order, with how many replies had been sent by then. */
async function recorded(options: Parameters<typeof startFtpServer>[0] = {}) {
  const calls: string[] = []
  class Handler extends FTPHandler {
    override onConnect() {
      calls.push('connect')
    }
    override onDisconnect() {
      calls.push('disconnect')
    }
    override onLogin(...args: [string]) {
      calls.push(`login ${args.join()}`)
    }
    override onLoginFailed(...args: [string, string]) {
      calls.push(`login failed ${args.join()}`)
    }
    override onLogout(...args: [string]) {
      calls.push(`logout ${args.join()}`)
    }
    override onFileSent(path: string) {
      calls.push(`sent ${path}`)
    }
    override onFileReceived(path: string) {
      calls.push(`received ${path}`)
    }
    override onIncompleteFileSent(path: string) {
      calls.push(`incomplete sent ${path}`)
    }
    override onIncompleteFileReceived(path: string) {
      calls.push(`incomplete received ${path}`)
    }
  }
  const files = { 'a.txt': 'a', 'd/large.bin': { size: '32MiB' } } as const
  const ftp = await startFtpServer({
    handler: Handler,
    files,
    onEvent: (event) => {
      if (event.type === 'reply') calls.push(String(event.code))
    },
    ...options,
  })
  return { ftp, calls }
}

/** Logs in and forgets the calls up to there. */
async function loggedIn(ftp: FtpFixture, calls: string[]): Promise<RawClient> {
  const client = await RawClient.login(ftp)
  calls.length = 0
  return client
}

test('all of a session, each once, behind the reply it belongs to', async () => {
  const { ftp, calls } = await recorded()
  await using _ = ftp
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS wrong', 530)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  await client.command('TYPE I', 200)
  await client.command('CWD d', 250)
  await client.fetch('RETR ../a.txt')
  await client.store('STOR b.txt', 'b')
  await client.command('QUIT', 221)
  await ftp.waitFor({ type: 'disconnect' })
  expect(calls.filter((call) => !/^(125|150)$/.test(call))).toEqual([
    'connect',
    '220',
    '331',
    '530',
    'login failed user,wrong',
    '331',
    '230',
    'login user',
    '200',
    '250',
    '227',
    '226',
    'sent /a.txt',
    '227',
    '226',
    'received /d/b.txt',
    '221',
    'logout user',
    'disconnect',
  ])
})

test('APPE and STOU receive a file, listings send none', async () => {
  const { ftp, calls } = await recorded()
  await using _ = ftp
  await using client = await loggedIn(ftp, calls)
  await client.store('APPE a.txt', 'b')
  const { text } = await client.store('STOU', 'c')
  await client.fetch('LIST')
  await client.fetch('NLST')
  await client.fetch('MLSD')
  const unique = /FILE: (\S+)/.exec(text)?.[1]
  const told = calls.filter((call) => !/^\d+$/.test(call))
  expect(told).toEqual(['received /a.txt', `received /${unique}`])
})

test('what is refused is no transfer', async () => {
  const { ftp, calls } = await recorded()
  await using _ = ftp
  await using client = await loggedIn(ftp, calls)
  await client.command('RETR a.txt', 425)
  await client.passiveAddress()
  await client.command('RETR missing', 550)
  await client.passiveAddress()
  await client.command('STOR missing/b.txt', 550)
  await client.passiveAddress()
  await client.command('REST 99', 350)
  await client.command('RETR a.txt', 554)
  expect(calls).toEqual(['425', '227', '550', '227', '550', '227', '350', '554'])
})

test('a data connection that never comes makes a file incomplete', async () => {
  const { ftp, calls } = await recorded({ clock: 'manual' })
  await using _ = ftp
  await using client = await loggedIn(ftp, calls)
  await client.passiveAddress()
  await client.command('STOR b.txt', 150)
  await ftp.clock.advance('30s')
  await client.expect(425)
  expect(calls).toEqual(['227', '150', '425', 'incomplete received /b.txt'])
})

const directions = [
  { command: 'RETR d/large.bin', call: 'incomplete sent /d/large.bin' },
  { command: 'STOR b.txt', call: 'incomplete received /b.txt' },
]

for (const { command, call } of directions) {
  test(`ABOR makes a file incomplete, between its 426 and the 226 for ABOR: ${command}`, async () => {
    const { ftp, calls } = await recorded()
    await using _ = ftp
    await using client = await loggedIn(ftp, calls)
    const data = await client.passive()
    await client.command(command, 125, 150)
    calls.length = 0
    await client.command('ABOR', 426)
    await client.expect(226)
    data.destroy()
    expect(calls).toEqual(['426', call, '226'])
  })

  test(`so does a reset of the data connection: ${command}`, async () => {
    const { ftp, calls } = await recorded()
    await using _ = ftp
    await using client = await loggedIn(ftp, calls)
    const data = await client.passive()
    await client.command(command, 125, 150)
    calls.length = 0
    data.resetAndDestroy()
    await client.expect(426)
    await client.command('NOOP', 200)
    expect(calls).toEqual(['426', call, '200'])
  })

  for (const how of ['FIN', 'RST'] as const) {
    test(`so does the end of the control connection by ${how}, before onDisconnect: ${command}`, async () => {
      const { ftp, calls } = await recorded()
      await using _ = ftp
      await using client = await loggedIn(ftp, calls)
      const data = await client.passive()
      await client.command(command, 125, 150)
      calls.length = 0
      if (how === 'FIN') client.socket.end()
      else client.socket.resetAndDestroy()
      await ftp.waitFor({ type: 'disconnect' })
      data.destroy()
      expect(calls.filter((each) => !/^\d+$/.test(each))).toEqual([call, 'disconnect'])
    })
  }

  test(`so does stop(): ${command}`, async () => {
    const { ftp, calls } = await recorded()
    await using _ = ftp
    await using client = await loggedIn(ftp, calls)
    const data = await client.passive()
    await client.command(command, 125, 150)
    calls.length = 0
    expect(await ftp.stop()).toEqual({ sessions: 1, transfers: 1, unfired: [] })
    data.destroy()
    expect(calls).toEqual([call, 'disconnect'])
  })
}

test('paths are those of the user, wherever his home is', async () => {
  const { ftp, calls } = await recorded({ users: [{ username: 'user', password: '12345', home: 'd' }] })
  await using _ = ftp
  await using client = await loggedIn(ftp, calls)
  await client.store('STOR b.txt', 'b')
  expect(calls.at(-1)).toBe('received /b.txt')
  expect(await ftp.files.read('d/b.txt', 'utf8')).toBe('b')
})

test('a callback is told the path on the host too, of the user who asked', async () => {
  const hostPaths: string[] = []
  class Handler extends FTPHandler {
    override onFileReceived(_path: string, hostPath: string) {
      hostPaths.push(hostPath)
    }
    override onIncompleteFileSent(_path: string, hostPath: string) {
      hostPaths.push(hostPath)
    }
  }
  const users = [{ username: 'user', password: '12345', home: 'd' }]
  await using ftp = await startFtpServer({ handler: Handler, users, files: { 'd/large.bin': { size: '32MiB' } } })
  await using client = await RawClient.login(ftp)
  await client.store('STOR b.txt', 'b')
  const data = await client.passive()
  await client.command('RETR large.bin', 125, 150)
  await client.command('REIN', 230)
  data.resetAndDestroy()
  await client.expect(426)
  await client.command('NOOP', 200)
  expect(hostPaths).toEqual([ftp.files.path('d/b.txt'), ftp.files.path('d/large.bin')])
})

test('a handler knows who is there', async () => {
  const seen: unknown[] = []
  class Handler extends FTPHandler {
    override onConnect() {
      seen.push([this.id, this.username, this.remoteAddress, this.localAddress, this.remotePort > 0])
    }
    override onLogin() {
      seen.push([this.id, this.username, this.session.login.step])
    }
  }
  await using ftp = await startFtpServer({ handler: Handler })
  await using client = await RawClient.connect(ftp, '127.0.0.3')
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  expect(seen).toEqual([
    [1, '', '127.0.0.3', '127.0.0.1', true],
    [1, 'user', 'done'],
  ])
})

test('a callback may close the connection', async () => {
  class Handler extends FTPHandler {
    override onLogin() {
      void this.close()
    }
  }
  await using ftp = await startFtpServer({ handler: Handler })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER user', 331)
  client.send('PASS 12345')
  await client.closed()
  await ftp.waitFor({ type: 'disconnect' })
  expect(ftp.server.sessions.size).toBe(0)
})
