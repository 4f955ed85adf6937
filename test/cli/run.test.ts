import { existsSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { scenarioNames } from '../../src/scenario/catalogue.ts'
import { MAIN, RunningCli } from '../support/cli.ts'
import { requireTool, Tool } from '../support/clients.ts'
import { TempDirectory } from '../support/temp-directory.ts'

const NODE = process.execPath

/** Runs the program to its end. */
async function ran(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const cli = new RunningCli(['run', ...args], env)
  const status = await cli.status()
  return { status, output: cli.output, errors: cli.errors }
}

/** The rows of the table at the end, cell by cell, without durations. */
function rows(output: string): string[][] {
  const [, table = ''] = /\n {2}scenario +command +expectations +duration\n([\s\S]*?)\n\n/.exec(output) ?? []
  return table.split('\n').map((line) => line.trim().split(/ {2,}/).slice(0, 3))
}

const PYTHON = `
import ftplib, os, sys
ftp = ftplib.FTP()
ftp.connect(os.environ['FTP_HOST'], int(os.environ['FTP_PORT']), timeout=5)
ftp.login(os.environ['FTP_USER'], os.environ['FTP_PASSWORD'])
parts = []
ftp.retrbinary('RETR pub/file.bin', parts.append)
ftp.quit()
sys.exit(0 if len(b''.join(parts)) == 65536 else 3)
`

describe('Python', () => {
  requireTool('python3')

  test('a client in Python passes a scenario that it copes with, and fails one that it does not', async () => {
    const { status, output, errors } = await ran([
      'slow-commands',
      'abort-download-midway',
      '--',
      'python3',
      '-c',
      PYTHON,
    ])
    expect(status).toBe(1)
    expect(rows(output)).toEqual([
      ['✓ slow-commands', 'exit status 0', 'met'],
      ['✗ abort-download-midway', 'exit status 1', '1 missed'],
    ])
    expect(output).toMatch(/^✓ slow-commands {2}\d+ ms$/m)
    expect(output).toContain('    - transfers[0]: a transfer (of /pub/file.bin, complete): there was none')
    expect(output).toContain('    | ConnectionResetError')
    expect(output).toMatch(/ {4}\| >>> expected: complete\n {4}\| S: 426/)
    expect(output).toMatch(/^2 scenarios, 1 passed, 1 failed; [\d.]+ m?s$/m)
    expect(errors).toBe('')
  })
})

describe('curl', () => {
  requireTool('curl')

  test('curl finds the server, its authority and its control API in the environment', async () => {
    const script = `
      curl -sS --fail --ssl-reqd --cacert "$FTP_CA_FILE" "$FTP_URL/pub/hello.txt" || exit 2
      test "$(curl -sS --fail -u "x:$FTP_CONTROL_TOKEN" "$FTP_CONTROL_URL/file?path=pub/hello.txt")" = hello || exit 3
      test -f "$FTP_ROOT/pub/hello.txt" || exit 4
      test "$FTP_URL" = "ftp://$FTP_USER:$FTP_PASSWORD@$FTP_HOST:$FTP_PORT" || exit 5
      echo "$FTP_SCENARIO in $FTP_CA_FILE"`
    const { status, output } = await ran(['tls-no-close-notify', '--output', 'all', '--', 'sh', '-c', script])
    expect(output).toMatch(/ {4}\| hello\n {4}\| tls-no-close-notify in \/.*ca\.pem\n/)
    expect(status).toBe(0)
    const [, caFile = ''] = / in (\/.*ca\.pem)/.exec(output) ?? []
    expect(existsSync(caFile)).toBe(false)
  })
})

test('what it inherited tells a command of no other server', async () => {
  const inherited = { FTP_CA_FILE: '/elsewhere', FTP_URL: 'ftp://elsewhere', FTP_PROXY: 'kept' }
  const code = 'console.log(process.env.FTP_CA_FILE, process.env.FTP_URL, process.env.FTP_PROXY)'
  const { output } = await ran(['slow-commands', '-o', 'all', '--', NODE, '-e', code], inherited)
  expect(output).toMatch(/\| undefined ftp:\/\/user:12345@127\.0\.0\.1:\d+ kept\n/)
})

test('basic-ftp, with the users, files and texts that flags name', async () => {
  const code = `
    const { Client } = require('basic-ftp')
    const { FTP_HOST: host, FTP_PORT: port, FTP_USER: user, FTP_PASSWORD: password } = process.env
    const client = new Client()
    client.access({ host, port: Number(port), user, password }).then(async ({ message }) => {
      console.log(user, password, (await client.list('pub')).map(({ name }) => name).join())
      client.close()
    })`
  const flags = ['--username', 'eve', '--password', 'p', '--files', 'basic', '--output', 'all']
  const { status, output } = await ran([...flags, 'slow-commands', '--', NODE, '-e', code])
  expect(output).toMatch(/\| eve p .*file\.bin/)
  expect(status).toBe(0)
})

test('scenarios are named by name, by glob and by file, in this order, each once; without one, all are played', async () => {
  using directory = new TempDirectory()
  const file = directory.write(
    'own.yaml',
    'rules: [{ when: { command: NOOP }, optional: true, then: { delay: 1ms } }]\n',
  )
  directory.write('more/second.yml', 'rules: []\n')
  const glob = directory.at('**/*.yml')
  const some = await ran(['nat-masquerade', 'abort-*', file, glob, 'abort-upload-midway', '--', 'true'])
  expect(rows(some.output).map(([name]) => name)).toEqual([
    '✗ nat-masquerade',
    '✗ abort-download-midway',
    '✗ abort-upload-midway',
    `✓ ${file}`,
    `✓ ${directory.at('more/second.yml')}`,
  ])
  const all = await ran(['--jobs', '8', '--', 'true'])
  expect(rows(all.output).map(([name = '']) => name.slice(2))).toEqual(scenarioNames())
})

test('what stands behind -- is the command’s, options among it', async () => {
  const { status, output } = await ran(['slow-commands', '-o', 'all', '--', 'echo', '--jobs', '-x', '--', 'a b'])
  expect(output).toContain('    | --jobs -x -- a b\n')
  expect(status).toBe(1)
})

test('a scenario that is wrong is told before anything is played', async () => {
  using directory = new TempDirectory()
  const wrong = directory.write('wrong.yaml', 'rule: []\n')
  const { status, output, errors } = await ran(['slow-commands', wrong, '--', 'touch', directory.at('ran')])
  expect(errors).toBe(`ftp-fixture: ${wrong}:1:1: rule: unknown key; did you mean "rules"?\n`)
  expect([status, output, existsSync(directory.at('ran'))]).toEqual([2, '', false])
})

test('--bail stops at the first that fails, --jobs plays several at a time', async () => {
  const bailed = await ran(['slow-commands', 'abort-*', '--bail', '--', 'false'])
  expect(rows(bailed.output).map((cells) => cells.slice(0, 2))).toEqual([
    ['✗ slow-commands', 'exit status 1'],
    ['- abort-download-midway', 'not played'],
    ['- abort-upload-midway', 'not played'],
  ])
  expect(bailed.status).toBe(1)
  using directory = new TempDirectory()
  // Each waits for the other one: they have to run at once.
  const script = `touch ${directory.path}/$FTP_SCENARIO; while [ $(ls ${directory.path} | wc -l) -lt 2 ]; do sleep 0.02; done`
  const { output } = await ran(['abort-*', '--jobs', '2', '--timeout', '20s', '--', 'sh', '-c', script])
  expect(rows(output).map(([, command]) => command)).toEqual(['exit status 0', 'exit status 0'])
})

test.each([
  ['failed', [false, true]],
  ['all', [true, true]],
  ['none', [false, false]],
])('--output %s', async (which, shown) => {
  using directory = new TempDirectory()
  for (const name of ['good', 'bad']) directory.write(`${name}.yaml`, 'rules: []\n')
  const script = 'echo "wrote in $FTP_SCENARIO"; test $FTP_SCENARIO = good'
  const { output } = await ran(['--output', which, directory.path, '--', 'sh', '-c', script])
  expect(['good', 'bad'].map((name) => output.includes(`    | wrote in ${name}\n`))).toEqual(shown)
})

test('of a command that writes very much, the beginning and the end are shown', async () => {
  const code =
    'console.log("first"); process.stdout.write("x".repeat(9e6)); console.log("\\nlast"); process.exitCode = 1'
  const { output } = await ran(['slow-commands', '--', NODE, '-e', code])
  expect(output).toMatch(/\| first\n {4}\| x+\n {4}\| … \d+ bytes left out …\n {4}\| x+\n {4}\| last\n/)
  expect(output.length).toBeLessThan(100_000)
})

test('annotations come without being asked for in GitHub Actions', async () => {
  const { output } = await ran(['slow-commands', '--', 'false'], { GITHUB_ACTIONS: 'true' })
  expect(output).toMatch(/^✗ slow-commands$/m)
  expect(output).toMatch(/^::error title=ftp-fixture%3A slow-commands::exit status 1; rules\[0\]: /m)
  const chosen = await ran(['slow-commands', '--reporter', 'pretty', '--', 'false'], { GITHUB_ACTIONS: 'true' })
  expect(chosen.output).not.toContain('::error')
})

describe('on a terminal', () => {
  requireTool('script')

  test('a line tells how far it is; what passed is in the table alone', async () => {
    const command = `${NODE} ${MAIN} run slow-commands 'abort-d*' -- true`
    const script = new Tool('script', ['--quiet', '--return', '--command', command, '/dev/null'])
    script.end()
    const { stdout, status } = await script.finished
    const states = stdout.split('\r\x1b[K').filter((text) => text.startsWith('['))
    expect(states.map((text) => text.replace(/, [\d.]+ m?s\]/, ']'))).toEqual([
      '[0/2] slow-commands',
      '[1/2, 1 failed] ',
      '[1/2, 1 failed] abort-download-midway',
      '[2/2, 2 failed] ',
    ])
    expect(stripVTControlCharacters(stdout)).toMatch(/✗ slow-commands +exit status 0 +1 missed/)
    expect(status).toBe(1)
  })
})

test.each([
  [['slow-commands'], /^a command is missing: ftp-fixture run \[options\] \[scenario…\] -- command/],
  [['slow-commands', '--'], /^a command is missing/],
  [['slow-comands', '--', 'true'], /^no built-in scenario is named "slow-comands"; did you mean "slow-commands"\?$/],
  [['quux', '--', 'true'], /^no built-in scenario is named "quux"; "ftp-fixture scenarios" lists them$/],
  [['quux-*', '--', 'true'], /^no built-in scenario matches "quux-\*"$/],
  [['nowhere/*.yaml', '--', 'true'], /^no scenario file matches "nowhere\/\*\.yaml"$/],
  [['nowhere.yaml', '--', 'true'], /^nowhere\.yaml: cannot be read as a scenario: there is no such file/],
  [['--jobs', '0', '--', 'true'], /^--jobs: expected a whole number ≥ 1, found 0$/],
  [['--timeout', '60', '--', 'true'], /^--timeout: expected a time such as/],
  [['--output', 'some', '--', 'true'], /^--output: expected 'failed' or 'all' or 'none', found "some"$/],
  [
    ['--port', '2121', '--jobs', '2', '--', 'true'],
    /^--port and --jobs exclude each other: servers cannot share a port$/,
  ],
  [['--job', '2', '--', 'true'], /^unknown option --job; did you mean --jobs\?$/],
  [['--quuxification', '--', 'true'], /^unknown option --quuxification; run --help shows them all$/],
  [['--files', 'atlantis', 'slow-commands', '--', 'true'], /^--files: no world and no directory named "atlantis"/],
])('a mistake in the command line is told in a line: %j', async (args, message) => {
  const { status, output, errors } = await ran(args)
  expect(errors).toMatch(/^ftp-fixture: [^\n]*\n$/)
  expect(errors.slice('ftp-fixture: '.length, -1)).toMatch(message)
  expect(output).toBe('')
  expect(status).toBe(2)
})
