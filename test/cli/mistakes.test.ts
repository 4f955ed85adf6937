import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { RunningCli } from '../support/cli.ts'

const CERTIFICATE = fileURLToPath(new URL('../support/certificate.pem', import.meta.url))

/** Checks that a command line ends with a status and with one line that is the message. */
async function refused(args: readonly string[], status: number, message: string | RegExp): Promise<void> {
  const cli = new RunningCli(args)
  expect(await cli.status()).toBe(status)
  expect(cli.errors).toMatch(/^ftp-fixture: [^\n]*\n$/)
  const said = cli.errors.slice('ftp-fixture: '.length, -1)
  if (typeof message === 'string') expect(said).toBe(message)
  else expect(said).toMatch(message)
  expect(cli.output).toBe('')
}

const DURATION = "expected a time such as '250ms', '5s', '2m' or '1h', or 0, found"
const RATE = "expected bytes per second, or a rate such as '64KiB/s' or '1MB/s', found"

test.each([
  [['--port', 'ftp'], '--port: expected a whole number from 0 to 65535, found "ftp"'],
  [['--port', '65536'], '--port: expected a whole number from 0 to 65535, found 65536'],
  [['--port=-1'], '--port: expected a whole number from 0 to 65535, found "-1"'],
  [
    ['--concurrency', 'fork'],
    "--concurrency: expected 'async' or 'pre-fork' or 'multi-thread' or 'multi-proc', found \"fork\"",
  ],
  [['--max-login-attempts', '0'], '--max-login-attempts: expected a whole number ≥ 1, found 0'],
  [['--max-cons', '0'], '--max-cons: expected a whole number ≥ 1, found 0'],
  [['--max-cons-per-ip', 'one'], '--max-cons-per-ip: expected a whole number ≥ 0, found "one"'],
  [['--timeout', '300'], `--timeout: ${DURATION} "300"`],
  [['--timeout', '90d'], `--timeout: ${DURATION} "90d"`],
  [
    ['--encoding', 'klingon'],
    "--encoding: expected an encoding that has ASCII in it, such as 'utf-8', 'latin1', 'cp1252' or 'shift-jis', found \"klingon\"",
  ],
  [['--nat-address', '::1'], '--nat-address: expected an IPv4 address, found "::1"'],
  [['--range', '8000'], '--range: expected two ports, such as \'8000-9000\', found "8000"'],
  [
    ['--range', '9000-8000'],
    '--range: expected a range whose "to" is not below its "from", found { from: 9000, to: 8000 }',
  ],
  [['--range', '0-10'], '--range.from: expected a whole number from 1 to 65535, found 0'],
  [['--read-limit', 'fast'], `--read-limit: ${RATE} "fast"`],
  [['--write-limit', '64KiB'], `--write-limit: ${RATE} "64KiB"`],
  [['--log', 'xml'], "--log: expected 'text' or 'json', found \"xml\""],
  [
    ['--log-prefix', '{ip}'],
    '--log-prefix: expected no other fields than {remoteAddress}, {remotePort}, {username}, {session} (there is no {ip}), found "{ip}"',
  ],
  [['--files', 'atlantis'], '--files: no world and no directory named "atlantis"; worlds: basic, empty, names'],
  [['--directory', '/nowhere'], '--directory: no such directory: "/nowhere"'],
])('a value that will not do: %j', async (args, message) => {
  await refused(args, 2, message)
})

test.each([
  [['--prot', '2121'], 'unknown option --prot; did you mean --port?'],
  [['--quuxification'], 'unknown option --quuxification; --help shows them all'],
  [['-x'], 'unknown option -x; --help shows them all'],
  [['--constructor'], 'unknown option --constructor; --help shows them all'],
  [['stray'], 'unexpected argument "stray"'],
  [['serve', '-p', '0', 'serve'], 'unexpected argument "serve"'],
  [['--', 'a\x1b\nb'], 'unexpected argument "a\\x1b\\x0ab"'],
  [['--port'], '--port needs a value: --port PORT'],
  [['-p'], '-p needs a value: -p PORT'],
  [['--username', '--anonymous'], '--username needs a value: --username NAME'],
  [['--directory', ''], '--directory needs a value: --directory PATH'],
  [['--write=yes', '-d', '.'], '--write takes no value, found "yes"'],
])('what is no option, or an option without its value: %j', async (args, message) => {
  await refused(args, 2, message)
})

test.each([
  [['--write'], '--write goes with --directory'],
  [['--files', 'basic', '--directory', '.'], '--files and --directory exclude each other'],
  [['--anonymous', '-u', 'anonymous'], '--anonymous and --username anonymous exclude each other'],
  [['--keyfile', 'k', '--tls'], '--keyfile goes with --certfile'],
  [['--ca-file', 'c'], '--ca-file goes with --tls'],
  [['--ca-file', 'c', '--tls', '--certfile', 'd'], '--ca-file and --certfile exclude each other'],
  [['--tls-control-required'], '--tls-control-required goes with --tls or --certfile'],
  [['--tls-data-required'], '--tls-data-required goes with --tls or --certfile'],
  [['--implicit-tls'], '--implicit-tls goes with --tls or --certfile'],
  [['--log', 'json', '--log-prefix', 'x'], '--log-prefix goes with --log text: JSON has the fields themselves'],
])('options that contradict each other, or lack another one: %j', async (args, message) => {
  await refused(args, 2, message)
})

test('what the machine does not let it do is no mistake in the command line', async () => {
  await refused(['-i', '192.0.2.1'], 1, 'cannot listen on 192.0.2.1 port 0: the machine has no such address')
})

test('a --ca-file that cannot be written is', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'no-ca-'))
  const file = path.join(directory, 'missing', 'ca.pem')
  const why = `ENOENT: no such file or directory, open '${file}'`
  await refused(['--tls', '--ca-file', file], 2, `--ca-file: cannot write "${file}": ${why}`)
  rmSync(directory, { recursive: true })
})

test.each(['async', 'pre-fork', 'multi-thread', 'multi-proc'])(
  'a file that is not there is named: %s',
  async (model) => {
    await refused(['--concurrency', model, '--certfile', '/nowhere'], 2, /^--certfile: .*\/nowhere/)
    await refused(
      ['--concurrency', model, '--certfile', CERTIFICATE, '--keyfile', '/nowhere'],
      2,
      /^--keyfile: .*\/nowhere/,
    )
  },
)
