import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { MAIN, RunningCli } from '../support/cli.ts'
import { requireTool, Tool } from '../support/clients.ts'
import { RawClient } from '../support/raw-client.ts'

/** Every option, as a reader of the help should find it. */
const OPTIONS = `-i --interface -p --port --concurrency -f --files -d --directory -w --write -s --scenario -u --username
  -P --password --anonymous --max-login-attempts --banner --timeout --encoding --use-localtime --max-cons --max-cons-per-ip
  -n --nat-address -r --range --permit-foreign-addresses --permit-privileged-ports --read-limit --write-limit
  --disable-sendfile --tls --certfile --keyfile --ca-file --tls-control-required --tls-data-required --implicit-tls
  --control --control-port -D --debug --log --log-prefix -h --help -V --version`.split(/\s+/)

test.each(['-h', '--help'])('%s names every option and no other, in lines of at most 100 columns', async (flag) => {
  const help = new RunningCli([flag, '--port', '1', 'serve'])
  expect(await help.status()).toBe(0)
  expect(help.output).toMatch(/^Usage: ftp-fixture \[serve\] \[options\]\n/)
  expect(Math.max(...help.output.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  const rows = help.output.split('\n').filter((line) => /^ {2,6}-/.test(line))
  expect(rows.flatMap((row) => row.slice(0, 32).match(/(?<!\S)-{1,2}[A-Za-z][\w-]*/g) ?? [])).toEqual(OPTIONS)
  expect(help.errors).toBe('')
})

test.each(['-V', '--version'])('%s', async (flag) => {
  const version = new RunningCli([flag])
  expect(await version.status()).toBe(0)
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  expect(version.output).toBe(`${manifest.version}\n`)
})

test('--log json: standard output is JSON alone, the rest goes to standard error', async () => {
  const cli = new RunningCli(['--log', 'json', '-D'])
  {
    await using client = await cli.login()
    await client.command('NOOP', 200)
    await client.command('SIZE \x1b[2J\u009b', 550)
    await client.command('QUIT', 221)
  }
  await cli.shows('"disconnect"')
  expect(await cli.stop()).toBe(0)
  const events = cli.output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { at: string; type: string; verb?: string })
  expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['connect', 'login', 'logout', 'disconnect']))
  expect(events.some(({ type, verb }) => type === 'command' && verb === 'NOOP')).toBe(true)
  for (const { at } of events) expect(new Date(at).toISOString()).toBe(at)
  expect(cli.output).not.toMatch(/[^\P{Cc}\n]/u)
  expect(cli.errors).toContain('Try:  curl ftp://')
  expect(cli.errors).toContain('Stopped.')
})

describe('jq', () => {
  requireTool('jq')

  test('reads the JSON', async () => {
    const cli = new RunningCli(['--log', 'json'])
    {
      await using client = await cli.login()
      await client.command('MKD "d"', 257)
    }
    await cli.shows('"disconnect"')
    await cli.stop()
    const jq = new Tool('jq', ['-r', 'select(.type == "command") | .argument'])
    jq.end(cli.output)
    expect(await jq.finished).toEqual({ status: 0, stdout: '"d"\n', stderr: '' })
  })
})

test('--log text is the default; --log-prefix is what its lines begin with', async () => {
  await using cli = new RunningCli(['--log', 'text', '--log-prefix', '#{session} {username}'])
  await using _client = await cli.login()
  await cli.shows('logged in')
  expect(cli.lines.map((line) => line.slice(13))).toEqual([
    expect.stringMatching(/^#1 {2}= connected from /),
    '#1 user = user logged in',
  ])
})

test.each(['text', 'json'])('a password that was given is nowhere in the output: %s', async (format) => {
  const cli = new RunningCli(['-D', '--log', format, '--password', 's3cret-one'])
  await using client = await RawClient.connect(await cli.address())
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS s3cret-tw0', 530)
  await client.command('USER user', 331)
  await client.command('PASS s3cret-one', 230)
  await client.command('QUIT', 221)
  await cli.shows(/"disconnect"|disconnected/)
  expect(await cli.stop()).toBe(0)
  const all = cli.output + cli.errors
  expect(all).not.toMatch(/s3cret/)
  expect(all).toContain('PASS ***')
  expect(all).toMatch(/^ {2}URL {8}ftp:\/\/user@127\.0\.0\.1:\d+$/m)
  expect(all).toMatch(/^ {2}password {3}as you gave it$/m)
  expect(all).toMatch(/^Try: {2}curl --user user ftp:\/\/127\.0\.0\.1:\d+\/$/m)
})

test.each([
  ['b@c/d', 'p:q@r/s', 'b%40c%2Fd', 'b@c/d'],
  ["it's me", "it's secret", "it's%20me", "'it'\\''s me'"],
  ['me', '', 'me', 'me'],
])('the URL and the command line without a password: %j, %j', async (username, password, inUrl, inShell) => {
  await using cli = new RunningCli(['--username', username, '--password', password])
  const { host, port } = await cli.address()
  expect(cli.output).toContain(`  URL        ftp://${inUrl}@${host}:${port}\n`)
  expect(cli.output).toContain(`Try:  curl --user ${inShell} ftp://${host}:${port}/\n`)
})

test('the default password is shown, in a line to paste', async () => {
  await using cli = new RunningCli([])
  const { host, port } = await cli.address()
  expect(cli.output).toContain(`  URL        ftp://user:12345@${host}:${port}\n`)
  expect(cli.output).toContain('  password   12345\n')
  expect(cli.output).toContain(`Try:  curl ftp://user:12345@${host}:${port}/\n`)
})

describe('colours', () => {
  async function coloured(env: NodeJS.ProcessEnv): Promise<boolean> {
    await using cli = new RunningCli([], env)
    await using _client = await cli.login()
    await cli.shows('logged in')
    expect(cli.lines).toHaveLength(2)
    return cli.output.includes('\x1b[')
  }

  test.each([
    [{}, false],
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '' }, true],
    [{ FORCE_COLOR: '0' }, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ])('into a pipe, with %j', async (env, expected) => {
    expect(await coloured(env)).toBe(expected)
  })

  test('not in JSON', async () => {
    await using cli = new RunningCli(['--log', 'json'], { FORCE_COLOR: '1' })
    await using _client = await cli.login()
    await cli.shows('"login"')
    expect(cli.output).not.toContain('\x1b')
  })
})

describe('on a terminal', () => {
  requireTool('script')

  /** Runs the program on a terminal until somebody has logged in, then presses Ctrl-C; resolves with all that it showed. */
  async function shown(env: Readonly<Record<string, string>>): Promise<string> {
    const command = `unset FORCE_COLOR NO_COLOR; export TERM=xterm ${Object.entries(env)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}; exec '${process.execPath}' '${MAIN}'`
    const child = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'])
    let output = ''
    let pressed = false
    let client: Socket | undefined
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const [, port] = /URL .*:(\d+)\r?\n[\s\S]*Ctrl-C/.exec(output) ?? []
      if (port !== undefined && client === undefined) {
        client = connect(Number(port), '127.0.0.1').on('error', () => {})
        client.write('USER user\r\nPASS 12345\r\n')
      }
      if (!pressed && output.includes('logged in')) {
        pressed = true
        child.stdin.write('\x03')
      }
    })
    const [status] = await once(child, 'close')
    client?.destroy()
    expect(status, output).toBe(0)
    expect(output).toContain('SIGINT: stopping')
    return output
  }

  test.each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
    [{ NO_COLOR: '' }, true],
    [{ TERM: 'dumb' }, false],
    [{ FORCE_COLOR: '0' }, false],
  ])('colours, with %j', async (env, expected) => {
    const output = await shown(env)
    expect(output).toContain('user logged in')
    expect(output.includes('\x1b[36m')).toBe(expected)
  })
})
