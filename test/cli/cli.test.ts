import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { RunningCli } from '../support/cli.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

/** What a program wrote of events, without what differs from run to run. */
function steady(cli: RunningCli): string[] {
  return cli.lines.map((line) =>
    line
      .replace(/^\d\d:\d\d:\d\d\.\d{3}/, 'TIME')
      .replaceAll(/127\.0\.0\.1:\d+/g, 'CLIENT')
      .replaceAll(/\d+(\.\d)? ms/g, 'N ms')
      .replaceAll(/\(127.*\)/g, '(N)'),
  )
}

/** Plays a short session to its end; `opened` is what the program says of its data connection. */
async function play(cli: RunningCli, opened?: string): Promise<void> {
  await using client = await cli.login()
  const data = await client.passive()
  if (opened !== undefined) await cli.shows(opened)
  await client.command('RETR pub/hello.txt', 125, 150)
  expect((await readAll(data)).toString()).toBe('hello\n')
  await client.expect(226)
  await client.command('MKD made', 257)
  await client.command('QUIT', 221)
  await cli.shows('disconnected')
}

test('serves a world, shows what clients do, and cleans up on Ctrl-C', async () => {
  await using cli = new RunningCli(['serve'])
  const url = await cli.url()
  expect([url.username, url.password]).toEqual(['user', '12345'])
  const root = await cli.root()
  expect(existsSync(path.join(root, 'pub', 'hello.txt'))).toBe(true)
  await play(cli)
  expect(steady(cli)).toEqual([
    'TIME CLIENT-[] = connected from CLIENT',
    'TIME CLIENT-[user] = user logged in',
    'TIME CLIENT-[user] = RETR sent 6 bytes of /pub/hello.txt (TYPE I) in N ms, completed',
    'TIME CLIENT-[user] > MKD made',
    'TIME CLIENT-[user] < 257 "/made" directory created.  (N ms)',
    'TIME CLIENT-[user] = user logged out',
    'TIME CLIENT-[] = disconnected after N ms',
  ])
  expect(cli.output).toContain('-D shows the whole dialogue')
  expect(await cli.stop('SIGINT')).toBe(0)
  expect(cli.output).toContain('SIGINT: stopping\nStopped. The temp directory is removed.\n')
  expect(cli.errors).toBe('')
  expect(existsSync(root)).toBe(false)
})

test.each(['-D', '--debug'])('%s shows the whole dialogue', async (flag) => {
  await using cli = new RunningCli([flag])
  await play(cli, 'data connection from')
  expect(steady(cli).map((line) => line.replace(/^TIME CLIENT-/, ''))).toEqual([
    '[] = connected from CLIENT',
    '[] < 220 ftp-fixture 0.1.0 ready.',
    '[] > USER user',
    '[] < 331 Username ok, send password.  (N ms)',
    '[] > PASS ***',
    '[user] = user logged in',
    '[user] < 230 Login successful.  (N ms)',
    '[user] > TYPE I',
    '[user] < 200 Type set to: Binary.  (N ms)',
    '[user] > PASV',
    '[user] = awaiting a data connection on CLIENT',
    '[user] < 227 Entering passive mode (N)',
    '[user] = data connection from CLIENT',
    '[user] > RETR pub/hello.txt',
    '[user] < 125 Data connection already open. Transfer starting.  (N ms)',
    '[user] = RETR sent 6 bytes of /pub/hello.txt (TYPE I) in N ms, completed',
    '[user] < 226 Transfer complete.  (N ms)',
    '[user] > MKD made',
    '[user] < 257 "/made" directory created.  (N ms)',
    '[user] > QUIT',
    '[user] = user logged out',
    '[] < 221 Goodbye.  (N ms)',
    '[] = disconnected after N ms',
  ])
  expect(cli.output).not.toContain('-D shows')
})

test('ends, and cleans up, when nobody reads its output any more', async () => {
  const cli = new RunningCli([])
  const address = await cli.address()
  const root = await cli.root()
  cli.child.stdout?.destroy()
  const client = await RawClient.connect(address)
  expect(await cli.status()).toBe(0)
  expect(cli.errors).toBe('')
  expect(existsSync(root)).toBe(false)
  await client.closed()
  client.socket.destroy()
})

test('control characters of clients do not reach the terminal', async () => {
  await using cli = new RunningCli(['-D'])
  await using client = await RawClient.connect(await cli.address())
  await client.expect(220)
  await client.command('SIZE \x1b[2J\u009b', 530)
  await client.command('USER \x1b[31m', 331)
  await client.command('PASS x', 530)
  await cli.shows('failed to log in')
  expect(await cli.stop()).toBe(0)
  expect(cli.output).not.toMatch(/[^\P{Cc}\n]/u)
  expect(cli.output).toContain('> SIZE \\x1b[2J\\x9b\n')
  expect(cli.output).toContain('= \\x1b[31m failed to log in\n')
})

test('says what it cut, and stops on SIGTERM too', async () => {
  const cli = new RunningCli(['--files', 'empty'])
  const client = await cli.login()
  const data = await client.passive()
  await client.command('STOR half', 125, 150)
  expect(await cli.stop('SIGTERM')).toBe(0)
  expect(cli.output).toContain('Stopped, 1 open session cut, 1 of them in a transfer. The temp directory')
  await client.closed()
  client.socket.destroy()
  data.destroy()
})

test('a second signal ends it hard', async () => {
  const cli = new RunningCli([])
  const root = await cli.root()
  // Both are there when it runs on, the second one before there was time to stop.
  for (const signal of ['SIGSTOP', 'SIGINT', 'SIGTERM', 'SIGCONT'] as const) cli.child.kill(signal)
  expect(await cli.status()).toBe(130)
  expect(cli.output).not.toContain('Stopped')
  rmSync(root, { recursive: true, force: true })
})
