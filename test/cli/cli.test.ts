import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { children, RunningCli } from '../support/cli.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

const MODELS = ['async', 'pre-fork', 'multi-thread', 'multi-proc']

/** The temp files and directories of a program that are still there. */
function leftBy(cli: RunningCli): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`ftp-fixture-${cli.child.pid}-`))
}

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

test.each(MODELS)('says what it cut, and stops on SIGTERM too: %s', async (model) => {
  const cli = new RunningCli(['--files', 'empty', '--concurrency', model, '-D'])
  const idle = await cli.login()
  const client = await cli.login()
  const data = await client.passive()
  await client.command('STOR half', 125, 150)
  await cli.shows(/< 1[25]/)
  expect(await cli.stop('SIGTERM')).toBe(0)
  expect(cli.output).toContain('Stopped, 2 open sessions cut, 1 of them in a transfer. The temp directory')
  for (const each of [idle, client]) {
    await each.closed()
    each.socket.destroy()
  }
  data.destroy()
})

test('a transfer that has ended is not cut', async () => {
  const cli = new RunningCli([])
  const client = await cli.login()
  await client.fetch('RETR pub/hello.txt')
  expect(await cli.stop()).toBe(0)
  expect(cli.output).toContain('Stopped, 1 open session cut. The temp directory')
  await client.closed()
  client.socket.destroy()
})

test.each(MODELS)('signals that come together are one wish: %s', async (model) => {
  const cli = new RunningCli(['--tls', '--concurrency', model])
  const root = await cli.root()
  // All are there when it runs on, the others before there was time to stop.
  for (const signal of ['SIGSTOP', 'SIGINT', 'SIGTERM', 'SIGHUP', 'SIGCONT'] as const) cli.child.kill(signal)
  expect(await cli.status()).toBe(0)
  expect(cli.output).toContain('Stopped. The temp directory is removed.')
  expect(cli.errors).toBe('')
  expect(existsSync(root)).toBe(false)
  expect(leftBy(cli)).toEqual([])
})

test.runIf(process.platform === 'linux')('when stopping takes long, another signal ends it hard', async () => {
  const cli = new RunningCli(['--tls', '--concurrency', 'multi-proc'])
  const client = await cli.login()
  await client.command('NOOP', 200)
  expect(leftBy(cli)).toHaveLength(3) // what it serves, the authority, and its certificate with the key
  const workers = children(cli.child.pid)
  for (const pid of workers) process.kill(pid, 'SIGSTOP')
  cli.child.kill('SIGINT')
  await cli.shows('SIGINT: stopping\n')
  cli.child.kill('SIGINT') // too early
  await cli.shows('Still stopping; another signal ends it hard\n')
  cli.child.kill('SIGTERM')
  await once(cli.child, 'exit') // its output ends with the last of them
  for (const pid of workers) if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL')
  expect(await cli.status()).toBe(130)
  expect(cli.output).not.toContain('Stopped')
  expect(cli.errors).toBe('')
  expect(leftBy(cli)).toEqual([])
  await client.closed()
  client.socket.destroy()
})

test('a temp file that cannot be removed is one line; all else is', async () => {
  const cli = new RunningCli(['--tls'])
  const root = await cli.root()
  const file = /clients have to trust (.*)$/m.exec(cli.output)?.[1] ?? ''
  rmSync(file)
  mkdirSync(path.join(file, 'in-its-place'), { recursive: true })
  expect(await cli.stop()).toBe(1)
  expect(cli.errors).toMatch(/^ftp-fixture: cannot remove the temp file "[^"]*ca\.pem": [^\n]*\n$/)
  expect(existsSync(root)).toBe(false)
  rmSync(file, { recursive: true })
})
