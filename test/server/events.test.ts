import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { DummyAuthorizer, FTPHandler, FTPServer, type FtpEvent } from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'

const NUMBER = expect.any(Number)
/** What every event carries. */
const base = { at: NUMBER, session: 1 }

const dataPort = expect.toSatisfy((port: number) => port > 1023 && port < 65_536)

test('the events of a whole session, in their order and with all their fields', async () => {
  await using ftp = await startFtpServer({ files: { 'a.txt': 'abc' } })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS wrong', 530)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  await client.command('TYPE I', 200)
  await client.command('REST 1', 350)
  await client.fetch('RETR a.txt')
  await client.command('QUIT', 221)
  await client.closed()
  await ftp.waitFor({ type: 'disconnect' })
  const reply = (code: number, verb: string, ...lines: unknown[]) => ({
    ...base,
    type: 'reply',
    code,
    verb,
    lines,
    durationMs: NUMBER,
  })
  const command = (line: string, verb = line.split(' ')[0], argument = line.slice(line.indexOf(' ') + 1)) => ({
    ...base,
    type: 'command',
    line,
    verb,
    argument: line === verb ? '' : argument,
  })
  const remotePort = client.socket.localPort
  expect(ftp.transcript.events).toEqual([
    { ...base, type: 'connect', remoteAddress: '127.0.0.1', remotePort: NUMBER, localPort: ftp.port },
    reply(220, '', expect.stringMatching(/^ftp-fixture .* ready\.$/)),
    command('USER user'),
    reply(331, 'USER', 'Username ok, send password.'),
    command('PASS ***'),
    { ...base, type: 'login-failed', username: 'user' },
    reply(530, 'PASS', 'Authentication failed.'),
    command('USER user'),
    reply(331, 'USER', 'Username ok, send password.'),
    command('PASS ***'),
    { ...base, type: 'login', username: 'user' },
    reply(230, 'PASS', 'Login successful.'),
    command('TYPE I'),
    reply(200, 'TYPE', 'Type set to: Binary.'),
    command('REST 1'),
    reply(350, 'REST', 'Restarting at position 1.'),
    command('PASV'),
    { ...base, type: 'data-listen', address: '127.0.0.1', port: dataPort },
    reply(227, 'PASV', expect.stringContaining('(127,0,0,1,')),
    { ...base, type: 'data-open', mode: 'passive', remoteAddress: '127.0.0.1', remotePort: dataPort },
    command('RETR a.txt'),
    reply(125, 'RETR', 'Data connection already open. Transfer starting.'),
    {
      ...base,
      type: 'transfer',
      verb: 'RETR',
      direction: 'sent',
      path: '/a.txt',
      bytes: 2,
      restartMarker: 1,
      representation: 'I',
      outcome: 'completed',
      durationMs: NUMBER,
    },
    reply(226, 'RETR', 'Transfer complete.'),
    command('QUIT'),
    { ...base, type: 'logout', username: 'user' },
    reply(221, 'QUIT', 'Goodbye.'),
    { ...base, type: 'disconnect', durationMs: NUMBER },
  ])
  expect(ftp.transcript.events[0]).toMatchObject({ remotePort: remotePort ?? NUMBER })
})

test('at is the clock of the server, and never runs backwards', async () => {
  await using ftp = await startFtpServer({ clock: 'manual' })
  await using client = await RawClient.login(ftp)
  const before = ftp.clock.now()
  await ftp.clock.advance('10s')
  await client.command('NOOP', 200)
  expect(ftp.transcript.commands({ verb: 'NOOP' })[0]?.at).toBe(before + 10_000)
  const times = ftp.transcript.events.map(({ at }) => at)
  expect(times).toEqual([...times].sort((one, other) => one - other))
})

test('data-open of an active connection, and an upload in TYPE A', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  await client.command('TYPE A', 200)
  const data = await client.active()
  await client.command('STOR b.txt', 125)
  data.end('a\r\nb\r\n')
  await client.expect(226)
  data.destroy()
  expect(await ftp.waitFor({ type: 'data-open' })).toEqual({
    ...base,
    type: 'data-open',
    mode: 'active',
    remoteAddress: '127.0.0.1',
    remotePort: dataPort,
  })
  expect(ftp.transcript.transfers()).toEqual([
    {
      ...base,
      type: 'transfer',
      verb: 'STOR',
      direction: 'received',
      path: '/b.txt',
      bytes: 6,
      restartMarker: 0,
      representation: 'A',
      outcome: 'completed',
      durationMs: NUMBER,
    },
  ])
})

test('a transfer that did not complete has a reason', async () => {
  await using ftp = await startFtpServer({ files: { 'a.bin': { size: '32MiB' } } })
  await using client = await RawClient.login(ftp)
  const aborted = await client.passive()
  await client.command('RETR a.bin', 125, 150)
  await client.command('ABOR', 426)
  await client.expect(226)
  aborted.destroy()
  const reset = await client.passive()
  await client.command('RETR a.bin', 125, 150)
  reset.resetAndDestroy()
  await client.expect(426)
  expect(ftp.transcript.transfers()).toMatchObject([
    { outcome: 'aborted', reason: 'Transfer aborted via ABOR.' },
    { outcome: 'failed', reason: 'Connection closed; transfer aborted.' },
  ])
})

test('listings are transfers too', async () => {
  await using ftp = await startFtpServer({ files: { 'd/a.txt': 'a' } })
  await using client = await RawClient.login(ftp)
  const listing = await client.fetch('NLST d')
  expect(ftp.transcript.transfers()).toMatchObject([
    { verb: 'NLST', direction: 'sent', path: '/d', bytes: listing.length, representation: 'A', outcome: 'completed' },
  ])
})

test('data-refused, limit, warning and error', async () => {
  const problem = new Error('oops')
  class Handler extends FTPHandler {
    override onLogout() {
      throw problem
    }
  }
  const ftp = await startFtpServer({ maxConsPerIp: 1, handler: Handler })
  await using client = await RawClient.login(ftp)
  const address = await client.passiveAddress()
  await using stranger = await RawClient.connect(address, '127.0.0.9')
  await stranger.closed()
  await using refused = await RawClient.connect(ftp)
  await refused.expect(421)
  ftp.server.configure({ passivePorts: [ftp.port] })
  await client.passiveAddress()
  await client.command('REIN')
  await client.closed()
  const find = (type: FtpEvent['type']) => ftp.transcript.events.filter((event) => event.type === type)
  expect(find('data-refused')).toEqual([
    { ...base, type: 'data-refused', remoteAddress: '127.0.0.9', remotePort: dataPort, reason: 'foreign address' },
  ])
  expect(find('limit')).toEqual([
    { ...base, session: 2, type: 'limit', limit: 'maxConsPerIp', remoteAddress: '127.0.0.1' },
  ])
  expect(find('warning')).toEqual([
    { ...base, type: 'warning', message: 'no port of passivePorts is free; took another one' },
  ])
  expect(find('error')).toEqual([{ ...base, type: 'error', error: problem }])
  await expect(ftp.stop()).rejects.toThrow('oops')
})

test('a connection that broke says why in its disconnect', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  client.socket.resetAndDestroy()
  expect(await ftp.waitFor({ type: 'disconnect' })).toEqual({
    ...base,
    type: 'disconnect',
    durationMs: NUMBER,
    error: 'read ECONNRESET',
  })
})

test('onEvent of a server is told the same as the transcript of a fixture', async () => {
  const events: FtpEvent[] = []
  const authorizer = new DummyAuthorizer()
  authorizer.addUser('user', '12345', process.cwd())
  const onEvent = (event: FtpEvent) => events.push(event)
  const server = await new FTPServer({}, FTPHandler, { authorizer, onEvent }).listen()
  await using client = await RawClient.login(server.address)
  await client.command('QUIT', 221)
  await client.closed()
  await server.closeAll()
  expect(events.map(({ type }) => type)).toEqual([
    'connect',
    'reply',
    'command',
    'reply',
    'command',
    'login',
    'reply',
    'command',
    'reply',
    'command',
    'logout',
    'reply',
    'disconnect',
  ])
  expect(JSON.stringify(events)).not.toContain('12345')
})
