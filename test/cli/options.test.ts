import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { dir } from 'tmp-promise'
import { expect, test } from 'vitest'
import { closedPort } from '../../src/faults/closed-port.ts'
import { RunningCli } from '../support/cli.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

test.each(['-p', '--port'])('%s: the port it listens on', async (flag) => {
  const port = await closedPort('127.0.0.1')
  await using cli = new RunningCli([flag, String(port)])
  expect((await cli.url()).port).toBe(String(port))
  await using _client = await cli.login()
})

test.each(['-i', '--interface'])('%s: the address it listens on', async (flag) => {
  await using cli = new RunningCli([flag, '::1'])
  expect((await cli.url()).hostname).toBe('[::1]')
  await using _client = await cli.login()
  expect(cli.output).toMatch(/^Try: {2}curl 'ftp:\/\/user:12345@\[::1\]:\d+\/'$/m)
})

test.each(['-f', '--files'])('%s: a world, or a directory to copy', async (flag) => {
  await using world = new RunningCli([flag, 'empty'])
  await using client = await world.login()
  await client.command('SIZE pub/hello.txt', 550)
  const { path: directory, cleanup } = await dir({ unsafeCleanup: true })
  writeFileSync(path.join(directory, 'mine.txt'), 'mine')
  await using copy = new RunningCli([flag, directory])
  await using second = await copy.login()
  expect((await second.command('DELE mine.txt', 250)).code).toBe(250)
  expect(readFileSync(path.join(directory, 'mine.txt'), 'utf8')).toBe('mine')
  await cleanup()
})

test.each([
  ['-d', undefined],
  ['--directory', undefined],
  ['-d', '-w'],
  ['-d', '--write'],
])('%s %s: a directory of your own, for reading unless more is asked for', async (flag, write) => {
  const { path: directory, cleanup } = await dir({ unsafeCleanup: true })
  writeFileSync(path.join(directory, 'a.txt'), 'a')
  const cli = new RunningCli([flag, directory, '--anonymous', ...(write ? [write] : [])])
  for (const username of ['user', 'anonymous']) {
    await using client = await cli.login(username)
    await client.command(`MKD ${username}`, write && username === 'user' ? 257 : 550)
    await client.command('SIZE a.txt', 213)
  }
  expect(await cli.stop()).toBe(0)
  expect(cli.output).toMatch(/\nStopped\b/)
  expect(cli.output).not.toContain('removed')
  expect(readFileSync(path.join(directory, 'a.txt'), 'utf8')).toBe('a')
  await cleanup()
})

test.each([
  ['-u', '-P'],
  ['--username', '--password'],
])('%s and %s: who may log in', async (username, password) => {
  await using cli = new RunningCli([username, 'me', password, 'it is secret'])
  await using _client = await cli.login('me', 'it is secret')
  await using other = await RawClient.connect(await cli.address())
  await other.expect(220)
  await other.command('USER user', 331)
  await other.command('PASS 12345', 530)
})

test('--anonymous: to read', async () => {
  for (const flags of [[], ['--anonymous']]) {
    await using cli = new RunningCli(flags)
    await using client = await RawClient.connect(await cli.address())
    await client.expect(220)
    await client.command('USER anonymous', 331)
    await client.command('PASS me@', flags.length === 0 ? 530 : 230)
    if (flags.length > 0) await client.command('DELE pub/hello.txt', 550)
  }
})

test('--max-login-attempts', async () => {
  await using cli = new RunningCli(['--max-login-attempts', '1'])
  await using client = await RawClient.connect(await cli.address())
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS wrong', 530)
  await client.closed()
})

test.each(['Hello there.', ''])('--banner: %j', async (banner) => {
  await using cli = new RunningCli(['--banner', banner])
  await using client = await RawClient.connect(await cli.address())
  expect((await client.expect(220)).text).toBe(`220 ${banner}`)
})

test('--timeout', async () => {
  await using cli = new RunningCli(['--timeout', '200ms'])
  await using client = await cli.login()
  expect((await client.expect(421)).text).toContain('timed out')
})

test('--encoding', async () => {
  await using cli = new RunningCli(['--encoding', 'latin1', '--files', 'empty'])
  await using client = await cli.login()
  client.socket.write(Buffer.from('MKD \xe9\r\n', 'latin1'))
  await client.expect(257)
  expect(statSync(path.join(await cli.root(), 'é')).isDirectory()).toBe(true)
})

test.each([
  [[], '2020-01-01T00:00:00.000Z'],
  [['--use-localtime'], '2019-12-31T15:00:00.000Z'],
])('%j: whose time MFMT speaks of', async (flags, time) => {
  await using cli = new RunningCli(flags, { TZ: 'Asia/Tokyo' })
  await using client = await cli.login()
  await client.command('MFMT 20200101000000 pub/hello.txt', 213)
  expect(statSync(path.join(await cli.root(), 'pub', 'hello.txt')).mtime.toISOString()).toBe(time)
})

test.each([
  ['--max-cons', 'Too many connections. Service temporarily unavailable.'],
  ['--max-cons-per-ip', 'Too many connections from the same IP address.'],
])('%s', async (flag, text) => {
  await using cli = new RunningCli([flag, '1'])
  await using _client = await cli.login()
  await using second = await RawClient.connect(await cli.address())
  expect((await second.expect(421)).text).toBe(`421 ${text}`)
  await cli.shows('! turned 127.0.0.1 away')
})

test.each(['-n', '--nat-address'])('%s: the address that PASV announces', async (flag) => {
  await using cli = new RunningCli([flag, '192.0.2.7'])
  await using client = await cli.login()
  expect((await client.command('PASV', 227)).text).toContain('(192,0,2,7,')
})

test.each(['-r', '--range'])('%s: ports for passive data connections', async (flag) => {
  const port = await closedPort('127.0.0.1')
  await using cli = new RunningCli([flag, `${port}-${port}`])
  await using client = await cli.login()
  expect((await client.passiveAddress()).port).toBe(port)
})

test.each([
  ['--permit-foreign-addresses', 'PORT 127,0,0,2,250,250'],
  ['--permit-privileged-ports', 'PORT 127,0,0,1,0,80'],
])('%s', async (flag, command) => {
  for (const flags of [[], [flag]]) {
    await using cli = new RunningCli(flags)
    await using client = await cli.login()
    await client.command(command, flags.length === 0 ? 501 : 425)
  }
})

test('--read-limit and --write-limit', async () => {
  const bytes = Buffer.alloc(50_000)
  for (const flags of [[], ['--read-limit', '100kB/s', '--write-limit', '100000']]) {
    await using cli = new RunningCli(['--log', 'json', ...flags])
    await using client = await cli.login()
    await client.store('STOR up', bytes)
    expect((await client.fetch('RETR up')).equals(bytes)).toBe(true)
    await cli.shows(/"RETR".*"transfer"|"transfer".*"RETR"/)
    const transfers = cli.lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'transfer')
    expect(transfers.map(({ verb }) => verb)).toEqual(['STOR', 'RETR'])
    if (flags.length > 0) for (const { durationMs } of transfers) expect(durationMs).toBeGreaterThan(300)
  }
})

test.runIf(process.platform === 'linux')('--disable-sendfile: what calls sendfile(2) is not even loaded', async () => {
  const loaded: boolean[] = []
  for (const flags of [[], ['--disable-sendfile']]) {
    const { path: directory, cleanup } = await dir({ unsafeCleanup: true })
    mkdirSync(path.join(directory, 'd'))
    writeFileSync(path.join(directory, 'd', 'big.bin'), Buffer.alloc(3_000_000))
    await using cli = new RunningCli(['-d', directory, ...flags])
    await using client = await cli.login()
    const data = await client.passive()
    const [bytes] = await Promise.all([readAll(data), client.command('RETR d/big.bin', 125, 150)])
    await client.expect(226)
    expect(bytes.length).toBe(3_000_000)
    loaded.push(/koffi/.test(readFileSync(`/proc/${cli.child.pid}/maps`, 'utf8')))
    await cleanup()
  }
  expect(loaded[1]).toBe(false)
  if (!loaded[0]) console.warn('koffi is not installed: the option has nothing to turn off here')
})
