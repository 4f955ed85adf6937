import { expect, test } from 'vitest'
import { connectFtpServer } from '../../src/index.ts'
import { RunningCli } from '../support/cli.ts'
import { requireTool } from '../support/clients.ts'
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
  await ftp.stop()
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

test('stopped by the API, the program gives the terminal back', async () => {
  await using terminal = new RunningTerminal(
    'before=$(stty -g); PROGRAM --control; [ "$before" = "$(stty -g)" ] && echo "[same]"',
  )
  await terminal.url()
  const ftp = await connectFtpServer(controlUrl(terminal.output.replaceAll('\r', '')))
  await ftp.stop()
  await terminal.ended()
  expect(terminal.screen.lines).toContain('control API: stopping')
  expect(terminal.screen.lines).toContain('[same]')
})
