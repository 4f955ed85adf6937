import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { RunningCli } from '../support/cli.ts'
import { requireTool } from '../support/clients.ts'
import { TempDirectory } from '../support/temp-directory.ts'

const CURL = fileURLToPath(new URL('../clients/scorecard/curl.sh', import.meta.url))

/** Runs the program to its end. */
async function checked(...args: readonly string[]) {
  const cli = new RunningCli(['check', ...args])
  const status = await cli.status()
  return { status, output: cli.output, errors: cli.errors }
}

/** A client that says by its exit status, under each scenario, what it is told to. */
function saying(statuses: Readonly<Record<string, number>>): string[] {
  const cases = Object.entries(statuses).map(([scenario, status]) => `${scenario}) exit ${status} ;;`)
  return ['sh', '-c', `case $FTP_SCENARIO in ${cases.join(' ')} esac`]
}

describe('curl', () => {
  requireTool('curl')

  const EXPECTED = {
    'abort-download-midway': 'reported',
    'account-required': 'reported',
    'certificate-expired': 'reported',
    'disk-full': 'reported',
    'download-truncated': 'reported',
    'feat-refused': 'not met',
    'greeting-announced-by-120': 'gave up',
    'idle-session-closed': 'not met',
    'login-without-password': 'coped',
    'rest-ignored': 'fooled',
    'size-missing': 'coped',
    'unexpected-success-codes': 'coped',
  }

  test('has the verdicts that it deserves', async () => {
    using directory = new TempDirectory()
    const files = [
      '--json',
      directory.at('a.json'),
      '--markdown',
      directory.at('a.md'),
      '--badge',
      directory.at('a.svg'),
    ]
    const args = [...files, '--name', 'curl', '--min', '80', ...Object.keys(EXPECTED), '--', CURL]
    const { status, output, errors } = await checked(...args)
    const { scenarios, score } = JSON.parse(directory.read('a.json')) as {
      readonly scenarios: readonly { readonly scenario: string; readonly verdict: string }[]
      readonly score: number
    }
    expect(Object.fromEntries(scenarios.map(({ scenario, verdict }) => [scenario, verdict])), output).toEqual(EXPECTED)
    expect(score).toBe(80)
    expect(status).toBe(0)
    expect(output).toMatch(/^curl: 80 %\n\n {2}control connection {2} 0\/1 {2}1 not met\n/)
    expect(output).toMatch(/^fooled {3}rest-ignored: claims success, though: /m)
    expect(errors).toMatch(/^\[12\/12\] /m)
    expect(directory.read('a.md')).toMatch(/^## FTP scorecard of curl: 80 %\n/)
    expect(directory.read('a.svg')).toContain('>80 %</text>')
  })

  test('fails below the score that is asked for, 100 unless another one is', async () => {
    const scenarios = ['size-missing', 'greeting-announced-by-120']
    expect((await checked(...scenarios, '--', CURL)).status).toBe(1)
    expect((await checked(...scenarios, '--min', '51', '--', CURL)).status).toBe(1)
    expect((await checked(...scenarios, '--min', '50', '--', CURL)).status).toBe(0)
  })
})

test('a client that does not end in time hangs', async () => {
  const client = ['sh', '-c', 'test $FTP_SCENARIO = baseline || sleep 60']
  const { status, output } = await checked('--timeout', '1s', 'mdtm-in-local-time', '--', ...client)
  expect(output).toMatch(/^hung {5}mdtm-in-local-time: still running after 1 s$/m)
  expect(status).toBe(1)
})

test('an interrupted check has no score', async () => {
  const client = ['sh', '-c', 'case $FTP_SCENARIO in names-in-latin1) sleep 60 ;; esac']
  await using cli = new RunningCli(['check', '--jobs', '2', 'names-in-latin1', 'mdtm-in-local-time', '--', ...client])
  await cli.shows('[1/2] coped: mdtm-in-local-time')
  expect(await cli.stop('SIGINT')).toBe(130)
  expect(cli.output).toBe('')
})

test('a command that fails with a server that behaves is an error of its own', async () => {
  const client = ['sh', '-c', 'echo is missing; exit 7']
  const { status, output, errors } = await checked('--', ...client)
  expect(errors).toMatch(/^ {2}What the command wrote:\n {4}is missing\n {2}What happened:\n/)
  expect(errors).toMatch(/\nftp-fixture: the command fails with a server that behaves: .*\n$/)
  expect([status, output]).toEqual([1, ''])
})

test('a command that cannot be started is told once', async () => {
  const { status, errors } = await checked('--', '/no/such/client')
  expect(errors).toBe('ftp-fixture: cannot start "/no/such/client": there is no such command\n')
  expect(status).toBe(127)
})

test('who does not encrypt has not met what is about TLS; who does has to be right with a server that behaves', async () => {
  const { status, output } = await checked('-v', 'certificate-expired', '--', ...saying({ 'certificate-expired': 5 }))
  expect(output).toBe('sh: 0 %\n\n  TLS  -  1 not met\n  all  -  1 not met\n')
  expect(status).toBe(1)
  const code = `
    const { FTP_PORT: port, FTP_CA_FILE: ca } = process.env
    const socket = require('net').connect(port, '127.0.0.1').on('close', () => process.exit(ca ? 9 : 0))
    socket.resume().end(ca && 'AUTH TLS\\r\\nnonsense\\r\\n')`
  const broken = await checked('certificate-expired', '--', process.execPath, '-e', code)
  expect(broken.errors).toContain('ftp-fixture: the command fails with a server with TLS that behaves: ')
  expect(broken.status).toBe(1)
})

test('the command knows the scenario and what it is about', async () => {
  using directory = new TempDirectory()
  const client = ['sh', '-c', `echo "$FTP_THEME" > ${directory.path}/$FTP_SCENARIO`]
  directory.write('own.yaml', 'theme: my own\n')
  await checked('mdtm-in-local-time', directory.at('own.yaml'), '--', ...client)
  expect(directory.read('baseline')).toBe('\n')
  expect(directory.read('mdtm-in-local-time')).toBe('sizes and times\n')
  expect(directory.read('own')).toBe('my own\n')
})

test.each([
  [['--min', '101'], '--min: expected a whole number from 0 to 100, found 101'],
  [['--jobs', '0'], '--jobs: expected a whole number ≥ 1, found 0'],
  [['--json', '-', '--markdown', '-'], 'only one of --json, --markdown and --badge can have standard output'],
  [['slow-command'], 'no built-in scenario is named "slow-command"; did you mean "slow-commands"?'],
])('mistakes: %j', async (args, message) => {
  const { status, output, errors } = await checked(...args, '--', 'true')
  expect(errors).toBe(`ftp-fixture: ${message}\n`)
  expect([status, output]).toEqual([2, ''])
})

test('one of the files may be standard output, which then has nothing else', async () => {
  const { output } = await checked('--badge', '-', 'mdtm-in-local-time', '--', 'true')
  expect(output).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
})

test('a file that cannot be written is told before anything is played', async () => {
  const { status, output, errors } = await checked('disk-full', '--badge', '/nowhere/badge.svg', '--', 'true')
  expect(status).toBe(2)
  expect(output).toBe('')
  expect(errors).toMatch(/^ftp-fixture: --badge: cannot write "\/nowhere\/badge\.svg": ENOENT.*\n$/)
})

test('what a command writes that fails at once is shown, and no command to a CI', async () => {
  const client = ['sh', '-c', String.raw`printf 'one\r::error::two\n::error::three\n'; exit 1`]
  const { errors } = await checked('disk-full', '--', ...client)
  expect(errors).toContain('    one\\x0d::error::two\n    ::error::three\n')
})
