import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import path from 'node:path'
import { dir } from 'tmp-promise'
import { expect, test } from 'vitest'
import { RunningCli } from '../support/cli.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

function addressOf(url: URL): { host: string; port: number } {
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) }
}

test('serves a world, shows what clients do, and cleans up on Ctrl-C', async () => {
  const cli = new RunningCli([])
  const url = await cli.url()
  expect([url.username, url.password]).toEqual(['user', '12345'])
  const root = /in (\/.*)$/m.exec(cli.output)?.[1] ?? ''
  expect(existsSync(path.join(root, 'pub', 'hello.txt'))).toBe(true)
  await using client = await RawClient.login(addressOf(url))
  const data = await client.passive()
  await cli.shows('data connection from')
  await client.command('RETR pub/hello.txt', 125)
  expect((await readAll(data)).toString()).toBe('hello\n')
  await client.expect(226)
  await client.command('DELE nothing', 550)
  await client.command('QUIT', 221)
  await cli.shows('disconnected')
  const transcript = cli.output
    .slice(cli.output.indexOf('Ctrl-C'))
    .replaceAll(/\d\d:\d\d:\d\d\.\d{3}/g, 'TIME')
    .replaceAll(/\d+(\.\d)? ms/g, 'N ms')
    .replaceAll(/:\d+/g, ':N')
    .replaceAll(/\(127.*\)/g, '(N)')
  expect(transcript).toBe(`Ctrl-C

TIME #1 = connected from 127.0.0.1:N
TIME #1 < 220 ftp-fixture 0.1.0 ready.
TIME #1 > USER user
TIME #1 < 331 Username ok, send password.  (N ms)
TIME #1 > PASS ***
TIME #1 user = user logged in
TIME #1 user < 230 Login successful.  (N ms)
TIME #1 user > TYPE I
TIME #1 user < 200 Type set to: Binary.  (N ms)
TIME #1 user > PASV
TIME #1 user = awaiting a data connection on 127.0.0.1:N
TIME #1 user < 227 Entering passive mode (N)
TIME #1 user = data connection from 127.0.0.1:N
TIME #1 user > RETR pub/hello.txt
TIME #1 user < 125 Data connection already open. Transfer starting.  (N ms)
TIME #1 user = RETR sent 6 bytes of /pub/hello.txt (TYPE I) in N ms, completed
TIME #1 user < 226 Transfer complete.  (N ms)
TIME #1 user > DELE nothing
TIME #1 user < 550 No such file or directory.  (N ms)
TIME #1 user > QUIT
TIME #1 user = user logged out
TIME #1 user < 221 Goodbye.  (N ms)
TIME #1 = disconnected after N ms
`)
  expect(await cli.stop('SIGINT')).toBe(0)
  expect(cli.output).toContain('SIGINT: stopping\nStopped. The temp directory is removed.\n')
  expect(cli.errors).toBe('')
  expect(existsSync(root)).toBe(false)
})

test('ends, and cleans up, when nobody reads its output any more', async () => {
  const cli = new RunningCli([])
  const address = addressOf(await cli.url())
  const root = /in (\/.*)$/m.exec(cli.output)?.[1] ?? ''
  cli.child.stdout?.destroy()
  const client = await RawClient.connect(address)
  expect(await cli.status()).toBe(0)
  expect(cli.errors).toBe('')
  expect(existsSync(root)).toBe(false)
  await client.closed()
  client.socket.destroy()
})

test('control characters of clients do not reach the terminal', async () => {
  const cli = new RunningCli([])
  await using client = await RawClient.connect(addressOf(await cli.url()))
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
  const cli = new RunningCli(['--files', 'empty', '--username', 'me', '--password', 'pw'])
  const client = await RawClient.login(addressOf(await cli.url()), 'me', 'pw')
  expect(await cli.stop('SIGTERM')).toBe(0)
  expect(cli.output).toContain('Stopped, 1 open session and 0 running transfers cut.')
  await client.closed()
  client.socket.destroy()
})

test('a directory of your own is served for reading, with --write for writing too', async () => {
  const { path: directory, cleanup } = await dir({ unsafeCleanup: true })
  writeFileSync(path.join(directory, 'a.txt'), 'a')
  for (const write of [false, true]) {
    const cli = new RunningCli(['-d', directory, '-i', '::1', ...(write ? ['-w'] : [])])
    {
      await using client = await RawClient.login(addressOf(await cli.url()))
      await client.command('MKD made', write ? 257 : 550)
      await client.command('SIZE a.txt', 213)
    }
    expect(await cli.stop()).toBe(0)
    expect(cli.output).toMatch(/\nStopped\b/)
    expect(cli.output).not.toContain('removed')
  }
  expect(readFileSync(path.join(directory, 'a.txt'), 'utf8')).toBe('a')
  await cleanup()
})

test.each([
  [['--port', 'ftp'], 2, '--port: expected a number from 0 to 65535, found "ftp"'],
  [['--port', '65536'], 2, '--port: expected a number from 0 to 65535, found "65536"'],
  [['--prot'], 2, "Unknown option '--prot'"],
  [['stray'], 2, "Unexpected argument 'stray'"],
  [['--write'], 2, '--write goes with --directory'],
  [['--files', 'basic', '--directory', '.'], 2, '--files and --directory exclude each other'],
  [['--files', 'atlantis'], 1, 'files: no world and no directory named "atlantis"; worlds: basic, empty, names'],
  [['--directory', '/nowhere'], 1, 'root: no such directory: "/nowhere"'],
  [['--interface', '192.0.2.1'], 1, 'cannot listen on 192.0.2.1 port 0: the machine has no such address'],
])('%j ends with one line that says what is wrong', async (args, status, message) => {
  const cli = new RunningCli(args)
  expect(await cli.status()).toBe(status)
  expect(cli.errors).toMatch(/^ftp-fixture: [^\n]*\n$/)
  expect(cli.errors).toContain(message)
  expect(cli.output).toBe('')
})

test('a port that is taken is named', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const cli = new RunningCli(['-p', String(port)])
  expect(await cli.status()).toBe(1)
  expect(cli.errors).toBe(`ftp-fixture: cannot listen on 127.0.0.1 port ${port}: the port is taken\n`)
  other.close()
  await once(other, 'close')
})

test('--help and --version', async () => {
  const help = new RunningCli(['--help'])
  expect(await help.status()).toBe(0)
  expect(help.output).toMatch(/^Usage: ftp-fixture/)
  expect(Math.max(...help.output.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120)
  const version = new RunningCli(['-V'])
  expect(await version.status()).toBe(0)
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  expect(version.output).toBe(`${manifest.version}\n`)
})
