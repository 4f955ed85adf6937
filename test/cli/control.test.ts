import { expect, test } from 'vitest'
import { connectFtpServer } from '../../src/index.ts'
import { RunningCli } from '../support/cli.ts'
import { requireTool } from '../support/clients.ts'
import { RawClient } from '../support/raw-client.ts'
import { RunningTerminal } from '../support/running-terminal.ts'

/** The URL of the control API, with its token. */
function controlUrl(output: string): string {
  return /^ {2}control +(\S+)$/m.exec(output)?.[1] ?? ''
}

test('--control: the introduction says where the API is; what it changes holds, and it can stop the program', async () => {
  await using cli = new RunningCli(['--control'])
  const { port } = await cli.address()
  const url = controlUrl(cli.output)
  expect(url).toMatch(/^http:\/\/ftp:[\w-]{20,}@127\.0\.0\.1:\d+$/)
  const ftp = await connectFtpServer(url)
  expect(ftp.port).toBe(port)
  ftp.use('abort-download-midway')
  const client = await cli.login()
  await client.command('QUIT', 221)
  expect((await fetch(new URL(url).origin)).status).toBe(401)
  await ftp.shutdown()
  expect(await cli.status()).toBe(0)
  expect(cli.output).toContain('control API: stopping\n')
  expect(cli.output).toMatch(/! warning: scenario abort-download-midway: .* never applied/)
  expect(cli.output).toContain('Stopped. The temp directory is removed.\n')
})

test('--control-port', async () => {
  await using first = new RunningCli(['--control', '--control-port', '0'])
  await first.address()
  const { port } = new URL(controlUrl(first.output))
  const second = new RunningCli(['--control', '--control-port', port])
  expect(await second.status()).toBe(1)
  expect(second.errors).toBe(`ftp-fixture: cannot listen on 127.0.0.1 port ${port}: the port is taken\n`)
})

test.each([
  [['--control-port', '1'], /--control-port goes with --control/],
  [['--control', '--control-port', 'x'], /--control-port: expected a whole number from 0 to 65535, found "x"/],
  [['--control', '--concurrency', 'multi-thread'], /--control goes with --concurrency async/],
])('mistakes: %j', async (args, message) => {
  const cli = new RunningCli(args)
  expect(await cli.status()).toBe(2)
  expect(cli.errors).toMatch(message)
})

test('no API unless it is asked for', async () => {
  await using cli = new RunningCli([])
  await cli.address()
  expect(controlUrl(cli.output)).toBe('')
})

requireTool('script')

test('a scenario that the API puts on is on the last line at once', async () => {
  await using terminal = new RunningTerminal('PROGRAM --control')
  await terminal.url()
  await using ftp = await connectFtpServer(controlUrl(terminal.output.replaceAll('\r', '')))
  ftp.use('slow-download')
  await terminal.status('slow-download · 0 sessions')
  ftp.reset()
  await terminal.status('no scenario · 0 sessions')
})

test('of a lane that is there for long, the last events are kept, as of the server', async () => {
  await using cli = new RunningCli(['--control'])
  const { host, port } = await cli.address()
  await using ftp = await connectFtpServer(controlUrl(cli.output))
  await using lane = await ftp.lane('a')
  await using client = await RawClient.login({ host, port }, 'a')
  for (let time = 0; time < 6; time++) {
    client.send('NOOP\r\n'.repeat(1000).trimEnd())
    for (let reply = 0; reply < 1000; reply++) await client.expect(200)
  }
  expect(ftp.transcript.forgotten).toBeGreaterThan(10_000)
  expect(lane.transcript.forgotten).toBeGreaterThan(10_000)
})

test('stopped by the API, the program gives the terminal back', async () => {
  await using terminal = new RunningTerminal(
    'before=$(stty -g); PROGRAM --control; [ "$before" = "$(stty -g)" ] && echo "[same]"',
  )
  await terminal.url()
  const ftp = await connectFtpServer(controlUrl(terminal.output.replaceAll('\r', '')))
  await ftp.shutdown()
  await terminal.ended()
  expect(terminal.screen.lines).toContain('control API: stopping')
  expect(terminal.screen.lines).toContain('[same]')
})
