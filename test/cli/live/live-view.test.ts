import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { dir } from 'tmp-promise'
import { describe, expect, test } from 'vitest'
import { requireTool, runTool } from '../../support/clients.ts'
import { RawClient } from '../../support/raw-client.ts'
import { RunningTerminal } from '../../support/running-terminal.ts'

requireTool('script')
requireTool('curl')

/** Gives the exit status of curl. */
async function curl(url: string, ...args: readonly string[]): Promise<number | null> {
  return (await runTool('curl', ['--silent', '--max-time', '20', ...args, url])).status
}

async function login(url: string): Promise<RawClient> {
  const { hostname, port, username, password } = new URL(url)
  return RawClient.login({ host: hostname, port: Number(port) }, username, password)
}

/** Lines of the transcript, without their times. */
function transcript({ screen }: RunningTerminal): string[] {
  return screen.lines.filter((line) => /^\d\d:\d\d:\d\d\.\d{3} /.test(line)).map((line) => line.slice(13))
}

test('the whole dialogue, told apart by session, what is of data further in; nothing else among the lines', async () => {
  await using terminal = new RunningTerminal('PROGRAM --scenario abort-download-midway', { columns: 200 })
  const url = await terminal.url()
  expect(await curl(`${url}/pub/file.bin`)).not.toBe(0)
  expect(await curl(`${url}/`)).toBe(0)
  await terminal.shows('#2 = disconnected')
  await terminal.status('abort-download-midway · 0 sessions')
  const lines = transcript(terminal)
  expect(lines).toEqual(
    expect.arrayContaining([
      '#1 > RETR file.bin',
      expect.stringMatching(/^#1 {3}= awaiting a data connection on/),
      expect.stringMatching(/^#1 \* abort-download-midway, rules\[0\]: .* cut after 32768 bytes by RST/),
      expect.stringMatching(/^#1 {3}= RETR sent 32768 bytes of .*, aborted/),
      expect.stringMatching(/^#1 < 426 /),
      expect.stringMatching(/^#2 {3}= LIST sent /),
    ]),
  )
  expect(lines.filter((line) => line.includes('? keys'))).toEqual([])
  expect(terminal.output).toContain('\x1b[36m#1\x1b[39m \x1b[1m> USER user')
  expect(terminal.output).toContain('\x1b[35m#2\x1b[39m \x1b[32m< 220 ')
  expect(terminal.output).toContain('\x1b[36m#1\x1b[39m \x1b[33m* abort')
  expect(terminal.output).toContain('\x1b[31m< 426 ')
})

describe('scenarios', () => {
  test('another one, found by some letters, is there for the next client; what is under way goes on', async () => {
    await using terminal = new RunningTerminal('PROGRAM --scenario slow-download')
    const url = await terminal.url()
    const { path: cwd, cleanup } = await dir({ unsafeCleanup: true })
    const slow = curl(`${url}/pub/file.bin`, '--output', `${cwd}/file.bin`)
    await terminal.status('slow-download · 1 session · 1 transfer')
    terminal.press('s')
    await terminal.status('[slow-download]')
    terminal.press('abort down')
    await terminal.status('[abort-download-midway]')
    expect(terminal.screen.beforeCursor).toBe('Scenario: abort down')
    terminal.press('\r')
    await terminal.shows('-- Misbehaves as abort-download-midway')
    await terminal.status('abort-download-midway · ')
    expect(await slow).toBe(0)
    expect((await readFile(`${cwd}/file.bin`)).length).toBe(65_536)
    expect(await curl(`${url}/pub/file.bin`)).not.toBe(0)
    terminal.press('e')
    await terminal.shows(/-- .*applied 1 time: RETR file\.bin/)
    terminal.press('r')
    await terminal.shows('-- Behaves: abort-download-midway is over')
    await terminal.status('no scenario')
    expect(await curl(`${url}/pub/file.bin`)).toBe(0)
    terminal.press('re')
    await terminal.shows('-- No scenario is in use')
    await terminal.shows('-- no scenario is in use')
    await cleanup()
  })

  test('a file; the arrows; none; Esc; what cannot be leaves the old one there', async () => {
    const { path: cwd, cleanup } = await dir({ unsafeCleanup: true })
    await writeFile(
      `${cwd}/own.yaml`,
      "name: my-own\nrules: [{ when: { command: NOOP }, then: { reply: '200 Mine.' } }]\n",
    )
    await writeFile(`${cwd}/bad.yaml`, 'rules: [{ then: { nothing: 1 } }]\n')
    await using terminal = new RunningTerminal('PROGRAM', { cwd })
    await using client = await login(await terminal.url())
    await terminal.status('no scenario · 1 session')
    terminal.press('s./own.yaml\r')
    await terminal.status('my-own · 1 session')
    expect(await client.command('NOOP', 200)).toMatchObject({ lines: ['200 Mine.'] })
    for (const [typed, complaint] of [
      ['./bad.yaml', /!! .*bad\.yaml.*nothing/],
      ['nowhere.yaml', /!! .*nowhere\.yaml/],
      ['nonsense', /!! no built-in scenario is named "nonsense"/],
      [
        'tls-resumption-required',
        /!! tls-resumption-required needs TLS, .* with it: {2}ftp-fixture --scenario tls-resum/,
      ],
    ] as const) {
      terminal.press(`s${typed}\r`)
      const told = () => terminal.screen.lines.map((line) => line.padEnd(100)).join('')
      await terminal.until(() => complaint.test(told()), String(complaint))
      await terminal.status('my-own')
    }
    terminal.press('s')
    await terminal.status('Scenario:')
    terminal.press('\x1b')
    await terminal.status('my-own')
    terminal.press('snone\r')
    await terminal.status('no scenario')
    terminal.press('s')
    await terminal.status('1/')
    terminal.press('\x1b[B\x1b[B\x1b[A')
    await terminal.status('2/')
    const name = /\[([\w-]+)\]/.exec(terminal.screen.cursorLine)?.[1]
    terminal.press('\r')
    await terminal.status(`${name} ·`)
    await cleanup()
  })

  test('not where sessions run elsewhere', async () => {
    await using terminal = new RunningTerminal('PROGRAM --concurrency multi-thread')
    await using _client = await login(await terminal.url())
    await terminal.shows('#1 = user logged in')
    terminal.press('sl')
    await terminal.shows('!! scenarios go with --concurrency async')
    await terminal.shows(/-- #1 {2}user, from 127\.0\.0\.1:\d+ since /)
  })
})

describe('the transcript', () => {
  test('a pause holds what happens, and it is there behind it', async () => {
    await using terminal = new RunningTerminal('PROGRAM')
    await using client = await login(await terminal.url())
    await terminal.shows('= user logged in')
    terminal.press('p')
    await terminal.status('paused')
    await client.command('NOOP', 200)
    await terminal.status('2 lines held')
    expect(terminal.screen.lines.join('\n')).not.toContain('NOOP')
    terminal.press('p')
    await terminal.shows('#1 > NOOP')
    await terminal.shows('#1 < 200')
    expect(terminal.screen.cursorLine).not.toContain('paused')
    terminal.press('p')
    await terminal.status('paused')
    await client.command('STAT', 211)
    terminal.press('q')
    expect(await terminal.ended()).toBe(0)
    expect(terminal.screen.lines.join('\n')).toContain('#1 > STAT')
  })

  test('is written to a new file, as it is since it was cleared', async () => {
    const { path: cwd, cleanup } = await dir({ unsafeCleanup: true })
    await writeFile(`${cwd}/there.txt`, 'mine')
    await using terminal = new RunningTerminal('PROGRAM', { cwd, columns: 130 })
    await using client = await login(await terminal.url())
    await terminal.shows('= user logged in')
    terminal.press('c')
    await terminal.until(({ lines }) => lines.length === 1)
    await client.command('NOOP', 200)
    await terminal.shows('> NOOP')
    terminal.press('w')
    await terminal.status('Write to: ftp-transcript-')
    terminal.press('\x15there.txt\r')
    await terminal.shows('!! there.txt is there already: choose another name')
    await terminal.status('Write to: there.txt')
    terminal.press('\x17a\x07b.txt\r')
    await terminal.shows('-- Written to ab.txt')
    expect(await readFile(`${cwd}/there.txt`, 'utf8')).toBe('mine')
    expect(await readFile(`${cwd}/ab.txt`, 'utf8')).toMatch(/^C: NOOP\nS: 200 .*\n$/)
    terminal.press('w\x15no/such/directory\r')
    await terminal.shows('!! ENOENT')
    terminal.press('\x1b')
    await terminal.status('? keys')
    await cleanup()
  })

  test('what clients say moves nothing', async () => {
    await using terminal = new RunningTerminal('PROGRAM')
    await using client = await login(await terminal.url())
    await client.command('SIZE \x1b[2J\x1b[H\u009b2J', 550)
    await terminal.shows('> SIZE \\x1b[2J\\x1b[H\\x9b2J')
  })
})

describe('the terminal', () => {
  const STATES =
    'before=$(stty -g); PROGRAM; code=$?; after=$(stty -g); [ "$before" = "$after" ] && echo "[same $code]"'

  test.each([
    ['q', 'q: stopping'],
    ['\x03', 'SIGINT: stopping'],
    ['\x04', 'Ctrl-D: stopping'],
    ['s\x03', 'SIGINT: stopping'],
    ['w\x04', 'Ctrl-D: stopping'],
    ['pq', 'q: stopping'],
  ])('is as it was before, behind %j', async (keys, told) => {
    await using terminal = new RunningTerminal(STATES)
    await terminal.url()
    expect(terminal.settings()).toContain('-icanon')
    terminal.press(keys)
    await terminal.ended()
    await terminal.shows('[same 0]')
    expect(terminal.screen.lines).toContain(told)
    expect(terminal.screen.lines).toContain('Stopped. The temp directory is removed.')
    expect(terminal.screen.lines.filter((line) => line.includes('? keys'))).toEqual([])
  })

  test.each([
    ['SIGTERM', '0'],
    ['SIGHUP', '0'],
    ['an error that nobody takes', '1'],
  ])('is as it was before, behind %s', async (signal, code) => {
    const { path: cwd, cleanup } = await dir({ unsafeCleanup: true })
    // A listener that throws, when it is too late for anybody to take it.
    await writeFile(`${cwd}/fails.mjs`, "process.on('SIGUSR2', () => { throw new Error('oops') })\n")
    const fails = signal.includes('error')
    const env = `NODE_OPTIONS="--import ${cwd}/fails.mjs"`
    await using terminal = new RunningTerminal(`echo "[shell $$]"; ${STATES}`, { env: fails ? env : '' })
    await terminal.url()
    const shell = /\[shell (\d+)\]/.exec(terminal.output)?.[1] ?? ''
    const { stdout } = await promisify(execFile)('pgrep', ['--parent', shell])
    process.kill(Number(stdout.trim()), fails ? 'SIGUSR2' : (signal as NodeJS.Signals))
    await terminal.ended()
    await terminal.shows(`[same ${code}]`)
    await cleanup()
  })

  test('Ctrl-Z gives it back to the shell, fg takes it again', async () => {
    await using terminal = new RunningTerminal("PS1='$ ' exec bash --norc --noprofile --noediting -i")
    await terminal.status('$')
    terminal.press('PROGRAM\r')
    const url = await terminal.url()
    terminal.press('\x1a')
    await terminal.shows('Stopped')
    terminal.press('echo $((6*7)).\r')
    await terminal.shows('42.')
    terminal.press('fg\r')
    await terminal.status('? keys')
    expect(await curl(`${url}/`)).toBe(0)
    await terminal.shows('= disconnected')
    terminal.press('q')
    await terminal.shows('q: stopping')
    terminal.press('exit\r')
    await terminal.ended()
  })

  test('in the background of a shell, it takes no keys, and is not stopped for it', async () => {
    await using terminal = new RunningTerminal("PS1='$ ' exec bash --norc --noprofile --noediting -i")
    await terminal.status('$')
    terminal.press('PROGRAM &\r')
    await terminal.shows('Stop: Ctrl-C')
    const url = /ftp:\/\/\S+/.exec(terminal.output)?.[0] ?? ''
    expect(await curl(`${url}/`)).toBe(0)
    await terminal.shows('#1 = disconnected')
    terminal.press('kill %1; wait; exit\r')
    await terminal.ended()
    await terminal.shows('SIGTERM: stopping')
  })

  test('gets narrower: the last line does too', async () => {
    await using terminal = new RunningTerminal('PROGRAM')
    await terminal.url()
    terminal.resize(20)
    await terminal.until(({ cursorLine }) => cursorLine === 'no scenario · 0 se…')
    terminal.press('s')
    await terminal.status('Scenario:   1/112')
  })

  test.each([
    ['exec PROGRAM', { env: 'TERM=dumb' }],
    ['exec PROGRAM </dev/null', {}],
    ['exec PROGRAM --log json', {}],
  ])('has no last line with %s, %j', async (shell, options) => {
    await using terminal = new RunningTerminal(shell, options)
    await terminal.shows('Stop: Ctrl-C')
    terminal.press('q\x03')
    expect(await terminal.ended()).toBe(0)
    expect(terminal.output).toContain('SIGINT: stopping')
    expect(terminal.output).not.toContain('q: stopping')
    expect(terminal.output).not.toContain('\x1b')
  })

  test('NO_COLOR: the same without colours', async () => {
    await using terminal = new RunningTerminal('PROGRAM', { env: 'NO_COLOR=1' })
    expect(await curl(`${await terminal.url()}/`)).toBe(0)
    await terminal.shows('#1   = LIST sent')
    for (const code of [1, 7, 36, 90]) expect(terminal.output).not.toContain(`\x1b[${code}m`)
  })

  test('keys are explained', async () => {
    await using terminal = new RunningTerminal('PROGRAM')
    await terminal.url()
    terminal.press('xyl?')
    await terminal.shows('-- No session is open')
    for (const key of 'srelpcw?q') await terminal.shows(`-- ${key}  `)
  })
})
