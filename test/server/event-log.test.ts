import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { expect, test, vi } from 'vitest'
import { type FtpFixture, type StartFtpServerOptions, startFtpServer } from '../../src/index.ts'
import {
  type CommandTable,
  commands,
  DummyAuthorizer,
  FTPHandler,
  FTPServer,
  type FTPServerOptions,
  reply,
} from '../../src/server.ts'
import { EventLog } from '../../src/servers/event-log.ts'
import { resolveLog } from '../../src/servers/log-options.ts'
import { encrypted, ftpsFixture } from '../support/ftps.ts'
import { RawClient } from '../support/raw-client.ts'

type LogOptions = Exclude<NonNullable<StartFtpServerOptions['log']>, string>

/** A fixture that logs, and its lines. */
async function logging(log: LogOptions = {}, options: StartFtpServerOptions = {}) {
  const lines: string[] = []
  const files = { 'a.txt': 'text', 'b.txt': '' }
  const ftp = await startFtpServer({ files, ...options, log: { write: (line) => lines.push(line), ...log } })
  return { ftp, lines, [Symbol.asyncDispose]: () => ftp[Symbol.asyncDispose]() }
}

/** Lines without what differs from run to run. */
function steady(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line
      .replace(/^\d\d:\d\d:\d\d\.\d{3}/, 'TIME')
      .replaceAll(/127\.0\.0\.1:\d+/g, 'CLIENT')
      .replaceAll(/[\d.]+ ms/g, 'N ms'),
  )
}

/** Logs in badly, then well, changes files in every way, gets one, leaves. */
async function play(ftp: FtpFixture): Promise<void> {
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS wr0ng-secret', 530)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  await client.command('ACCT acc0unt-secret', 202, 502, 503)
  await client.command('TYPE I', 200)
  await client.command('CWD /', 250)
  await client.fetch('RETR a.txt')
  await client.store('STOR up.txt', 'upload')
  await client.command('RETR nothing', 425, 550)
  await client.command('MKD d', 257)
  await client.command('RMD d', 250)
  await client.command('RNFR b.txt', 350)
  await client.command('RNTO c.txt', 250)
  await client.command('MFMT 20200101000000 c.txt', 213)
  await client.command('SITE CHMOD 644 c.txt', 200)
  await client.command('DELE c.txt', 250)
  await client.command('DELE c.txt', 550)
  await client.command('QUIT', 221)
  await ftp.waitFor({ type: 'disconnect' })
}

test('info: who comes and goes, transfers, and commands that change files, with their replies', async () => {
  await using log = await logging()
  await play(log.ftp)
  expect(steady(log.lines)).toEqual([
    'TIME CLIENT-[] = connected from CLIENT',
    'TIME CLIENT-[] = user failed to log in',
    'TIME CLIENT-[user] = user logged in',
    'TIME CLIENT-[user] = RETR sent 4 bytes of /a.txt (TYPE I) in N ms, completed',
    'TIME CLIENT-[user] = STOR received 6 bytes of /up.txt (TYPE I) in N ms, completed',
    'TIME CLIENT-[user] > RETR nothing',
    'TIME CLIENT-[user] < 425 No data connection: use PASV, EPSV, PORT or EPRT first.  (N ms)',
    'TIME CLIENT-[user] > MKD d',
    'TIME CLIENT-[user] < 257 "/d" directory created.  (N ms)',
    'TIME CLIENT-[user] > RMD d',
    'TIME CLIENT-[user] < 250 Directory removed.  (N ms)',
    'TIME CLIENT-[user] > RNFR b.txt',
    'TIME CLIENT-[user] < 350 Ready for destination name.  (N ms)',
    'TIME CLIENT-[user] > RNTO c.txt',
    'TIME CLIENT-[user] < 250 Renaming ok.  (N ms)',
    'TIME CLIENT-[user] > MFMT 20200101000000 c.txt',
    'TIME CLIENT-[user] < 213 Modify=20200101000000; /c.txt  (N ms)',
    'TIME CLIENT-[user] > SITE CHMOD 644 c.txt',
    'TIME CLIENT-[user] < 200 SITE CHMOD successful.  (N ms)',
    'TIME CLIENT-[user] > DELE c.txt',
    'TIME CLIENT-[user] < 250 File removed.  (N ms)',
    'TIME CLIENT-[user] > DELE c.txt',
    'TIME CLIENT-[user] < 550 No such file or directory.  (N ms)',
    'TIME CLIENT-[user] = user logged out',
    'TIME CLIENT-[] = disconnected after N ms',
  ])
})

test.each(['text', 'json'] as const)('info: what is refused is told with its command: %s', async (format) => {
  const users = [{ username: 'reader', password: 'p', perm: 'elr' as const }]
  await using log = await logging({ format }, { users })
  await using client = await RawClient.login(log.ftp, 'reader', 'p')
  for (const command of ['STOR new', 'APPE a.txt', 'STOU']) await client.command(command, 550)
  await client.command('SIZE a.txt', 213)
  await client.command('CWD nowhere', 550)
  await client.command('NONSENSE', 500)
  const told = log.lines.slice(2)
  if (format === 'json') {
    const events = told.map((line) => JSON.parse(line) as { type: string; verb: string })
    expect(events.map(({ type, verb }) => `${type} ${verb}`)).toEqual(
      ['STOR', 'APPE', 'STOU', 'CWD'].flatMap((verb) => [`command ${verb}`, `reply ${verb}`]),
    )
    return
  }
  expect(steady(told)).toEqual([
    ...['STOR new', 'APPE a.txt', 'STOU'].flatMap((command) => [
      `TIME CLIENT-[reader] > ${command}`,
      'TIME CLIENT-[reader] < 550 Not enough privileges.  (N ms)',
    ]),
    'TIME CLIENT-[reader] > CWD nowhere',
    'TIME CLIENT-[reader] < 550 No such file or directory.  (N ms)',
  ])
})

test('info: an upload that was begun is a transfer, however it ends', async () => {
  await using log = await logging()
  await using client = await RawClient.login(log.ftp)
  const data = await client.passive()
  await client.command('STOR half', 125, 150)
  await client.command('ABOR', 225, 226, 426)
  await log.ftp.waitFor({ type: 'reply', verb: 'ABOR' })
  data.destroy()
  const told = steady(log.lines.slice(2))
  expect(told).toEqual([expect.stringMatching(/ = STOR received 0 bytes of \/half .*, aborted/)])
})

test('debug: all that happens, the whole dialogue', async () => {
  await using log = await logging({ level: 'debug' })
  await play(log.ftp)
  const text = log.lines.join('\n')
  for (const { line } of log.ftp.transcript.commands()) expect(text).toContain(`> ${line}`)
  for (const { code } of log.ftp.transcript.replies()) expect(text).toContain(`< ${code} `)
  expect(text).toContain('= awaiting a data connection')
  expect(text).toContain('= data connection from 127.0.0.1')
  expect(steady(log.lines).slice(0, 3)).toEqual([
    'TIME CLIENT-[] = connected from CLIENT',
    `TIME CLIENT-[] < ${log.ftp.transcript.replies()[0]?.code} ${log.ftp.transcript.replies()[0]?.lines[0]}`,
    'TIME CLIENT-[] > USER user',
  ])
})

test.each(['text', 'json'] as const)('passwords are in no line: %s', async (format) => {
  await using log = await logging({ level: 'debug', format })
  await play(log.ftp)
  const text = log.lines.join('\n')
  expect(log.ftp.transcript.commands({ secrets: true }).map(({ argument }) => argument)).toEqual(
    expect.arrayContaining(['wr0ng-secret', '12345', 'acc0unt-secret']),
  )
  expect(text).toContain('PASS ***')
  expect(text).not.toMatch(/wr0ng-secret|12345\b|acc0unt-secret/)
})

test.each(['info', 'debug'] as const)('JSON, %s: each line is an event with its time as text', async (level) => {
  await using log = await logging({ level, format: 'json' })
  await play(log.ftp)
  const events = log.lines.map((line) => JSON.parse(line) as { at: string; type: string; verb?: string })
  const all = log.ftp.transcript.toJSON().map((event) => ({ ...event, at: new Date(event.at).toISOString() }))
  if (level === 'debug') return expect(events).toEqual(all)
  expect(events.length).toBeLessThan(all.length)
  expect(all).toEqual(expect.arrayContaining(events))
  expect(events.filter(({ verb }) => verb === 'DELE').map(({ type }) => type)).toEqual([
    'command',
    'reply',
    'command',
    'reply',
  ])
})

test('an error is told with its name and message, as text in JSON too', async () => {
  class Handler extends FTPHandler {
    override onLogin(): void {
      throw new RangeError('oops')
    }
  }
  for (const format of ['text', 'json'] as const) {
    const log = await logging({ format }, { handler: Handler })
    await using client = await RawClient.connect(log.ftp)
    await client.expect(220)
    await client.command('USER user', 331)
    client.send('PASS 12345')
    await log.ftp.waitFor({ type: 'disconnect' })
    const line = log.lines.find((each) => each.includes('oops')) ?? ''
    if (format === 'json') expect(JSON.parse(line)).toMatchObject({ type: 'error', error: 'RangeError: oops' })
    else expect(steady([line])).toEqual(['TIME CLIENT-[user] ! error: RangeError: oops'])
    await expect(log.ftp.stop()).rejects.toThrow('oops')
  }
})

test('limits, refusals and warnings are told; what is no session has a plain prefix', async () => {
  await using log = await logging({}, { maxConsPerIp: 1 })
  await using client = await RawClient.login(log.ftp)
  await using second = await RawClient.connect(log.ftp)
  await second.expect(421)
  const stranger = connect({ ...(await client.passiveAddress()), localAddress: '127.0.0.2' })
  stranger.on('error', () => {})
  await log.ftp.waitFor({ type: 'data-refused' })
  stranger.destroy()
  log.ftp.server.emit({ type: 'warning', message: 'told by hand' })
  log.ftp.server.emit({ type: 'debug', message: 'of no interest' })
  const lines = steady(log.lines)
  expect(lines).toContain('TIME CLIENT-[] ! turned 127.0.0.1 away: maxConsPerIp is reached')
  expect(lines.join('\n')).toMatch(/\[user\] ! data connection from 127\.0\.0\.2:\d+ refused: /)
  expect(lines).toContain('TIME server ! warning: told by hand')
  expect(lines.join()).not.toContain('of no interest')
})

test('TLS: failures are told at info, details at debug', async () => {
  for (const level of ['info', 'debug'] as const) {
    const lines: string[] = []
    await using ftp = await ftpsFixture({ log: { level, write: (line) => lines.push(line) } })
    await using client = await encrypted(ftp)
    await client.command('NOOP', 200, 530)
    await using other = await RawClient.connect(ftp)
    await other.expect(220)
    await other.command('AUTH TLS', 234)
    other.send('this is no handshake')
    await ftp.waitFor({ type: 'tls-failed' })
    expect(lines.some((line) => line.includes('! control connection not encrypted'))).toBe(true)
    expect(lines.some((line) => line.includes('= control connection encrypted: TLSv1.3'))).toBe(level === 'debug')
  }
})

test('the table of the handler says which commands change files', async () => {
  class Handler extends FTPHandler {
    static override readonly commands: CommandTable = {
      ...commands,
      'SITE TOUCH': { argument: 'path', perm: 'T', help: '', run: () => reply(200, 'Touched.') },
      'SITE LOOK': { argument: 'path', perm: 'l', help: '', run: () => reply(200, 'Looked.') },
    }
  }
  await using log = await logging({}, { handler: Handler })
  await using client = await RawClient.login(log.ftp)
  await client.command('SITE TOUCH a.txt', 200)
  await client.command('SITE LOOK a.txt', 200)
  expect(log.lines.filter((line) => / [<>] /.test(line)).map((line) => line.split(/ [<>] /)[1])).toEqual([
    'SITE TOUCH a.txt',
    expect.stringMatching(/^200 Touched\./),
  ])
})

test('logPrefix: a template or a function, changed while the server runs', async () => {
  await using log = await logging({}, { logPrefix: '#{session} {username}@{remoteAddress}' })
  const last = () => steady(log.lines).at(-1)
  await using client = await RawClient.login(log.ftp)
  expect(last()).toBe('TIME #1 user@127.0.0.1 = user logged in')
  log.ftp.server.configure({ logPrefix: ({ username, session }) => `${username}/${session}` })
  await client.command('MKD one', 257)
  expect(last()).toBe('TIME user/1 < 257 "/one" directory created.  (N ms)')
  log.ftp.server.configure({ logPrefix: '' })
  await client.command('RMD one', 250)
  expect(last()).toBe('TIME  < 250 Directory removed.  (N ms)')
  log.ftp.server.configure({ logPrefix: undefined })
  await client.command('MKD two', 257)
  expect(last()).toBe('TIME CLIENT-[user] < 257 "/two" directory created.  (N ms)')
  const { localPort } = client.socket
  expect(log.lines.at(-1)).toContain(` 127.0.0.1:${localPort}-[user] `)
})

test('an unknown field of logPrefix is named at the start', async () => {
  await expect(startFtpServer({ logPrefix: '{session} {ip}' })).rejects.toThrow(
    'logPrefix: expected no other fields than {remoteAddress}, {remotePort}, {username}, {session} (there is no {ip}), ' +
      'found "{session} {ip}"',
  )
})

test.each(['text', 'json'] as const)('nothing that a client sends breaks a line: %s', async (format) => {
  await using log = await logging({ format, level: 'debug' }, { logPrefix: '{username}' })
  await using client = await RawClient.connect(log.ftp)
  await client.expect(220)
  const evil = 'e\x1b[2J\x07\u0085\u009b\u2028\u2029v'
  await client.command(`USER ${evil}`, 331)
  await client.command('PASS x', 530)
  expect(log.lines.join('')).toContain(format === 'text' ? 'e\\x1b[2J\\x07\\x85\\x9b\\u2028\\u2029v' : '\\u009b\\u2028')
  expect(log.lines.filter((line) => /[\p{Cc}\p{Zl}\p{Zp}]/u.test(line))).toEqual([])
  if (format === 'json') {
    const events = log.lines.map((line) => JSON.parse(line) as { type: string; username?: string })
    expect(events.find(({ type }) => type === 'login-failed')?.username).toBe(evil)
  }
})

test('control characters in the name of somebody who is logged in stay out of the prefix', async () => {
  const users = [{ username: 'a\x1bb', password: 'p' }]
  await using log = await logging({}, { users, logPrefix: ({ username }) => `<${username}>\n` })
  await using _client = await RawClient.login(log.ftp, 'a\x1bb', 'p')
  expect(steady(log.lines).at(-1)).toBe('TIME <a\\x1bb>\\x0a = a\\x1bb logged in')
})

test('the lines of a reply are lines of the log', async () => {
  await using log = await logging({ level: 'debug' })
  await using client = await RawClient.login(log.ftp)
  const { lines } = await client.command('FEAT', 211)
  const said = steady(log.lines)
    .filter((line) => line.includes(' < '))
    .slice(-lines.length)
  expect(said.map((line) => line.split(' < ')[1])).toEqual([...lines.slice(0, -1), `${lines.at(-1)}  (N ms)`])
})

test('a session is forgotten when it ends', () => {
  const lines: string[] = []
  const log = new EventLog(resolveLog({ write: (line: string) => lines.push(line) }, 'log'), {
    prefix: () => '{remoteAddress} {username}',
    commands,
  })
  const about = { at: 0, session: 7 }
  log.tell({ ...about, type: 'connect', remoteAddress: '192.0.2.1', remotePort: 1, localPort: 2 })
  log.tell({ ...about, type: 'login', username: 'eve' })
  log.tell({ ...about, type: 'warning', message: 'w' })
  log.tell({ ...about, type: 'disconnect', durationMs: 1 })
  log.tell({ ...about, type: 'login', username: 'mallory' })
  log.tell({ ...about, type: 'warning', message: 'w' })
  expect(lines.map((line) => line.slice(13))).toEqual([
    '192.0.2.1  = connected from 192.0.2.1:1',
    '192.0.2.1 eve = eve logged in',
    '192.0.2.1 eve ! warning: w',
    '192.0.2.1 eve = disconnected after 1.0 ms',
    'session 7 = mallory logged in',
    'session 7 ! warning: w',
  ])
})

test('colours only where they are asked for', async () => {
  for (const colour of [false, true]) {
    await using log = await logging({ colour })
    await using _client = await RawClient.login(log.ftp)
    expect(log.lines.join().includes('\x1b[')).toBe(colour)
  }
})

test('a level alone writes to standard error; without `log` nothing is written', async () => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    for (const log of [undefined, 'info', 'debug'] as const) {
      stderr.mockClear()
      await using ftp = await startFtpServer({ ...(log && { log }) })
      await using client = await RawClient.login(ftp)
      await client.command('NOOP', 200)
      const lines = stderr.mock.calls.map(([line]) => String(line))
      expect(lines.every((line) => line.endsWith('\n'))).toBe(true)
      expect(lines.some((line) => line.includes('= user logged in'))).toBe(log !== undefined)
      expect(lines.some((line) => line.includes('> NOOP'))).toBe(log === 'debug')
    }
  } finally {
    stderr.mockRestore()
  }
})

test('an FTPServer of your own logs too', async () => {
  const lines: string[] = []
  const authorizer = new DummyAuthorizer()
  authorizer.addUser('user', '12345', tmpdir())
  await using server = new FTPServer({}, FTPHandler, { authorizer, log: { write: (line) => lines.push(line) } })
  await server.listen()
  await using _client = await RawClient.login(server.address)
  expect(steady(lines)).toEqual(['TIME CLIENT-[] = connected from CLIENT', 'TIME CLIENT-[user] = user logged in'])
})

test('a `write` that throws is an error on the time line, and ends no session', async () => {
  const ftp = await startFtpServer({
    log: {
      write: () => {
        throw new Error('disk full')
      },
    },
  })
  await using client = await RawClient.login(ftp)
  await client.command('NOOP', 200)
  await expect(ftp.stop()).rejects.toThrow('disk full')
})

test('a `write` that throws keeps no session on record', () => {
  const lines: string[] = []
  const write = (line: string) => {
    lines.push(line)
    if (line.includes('disconnected')) throw new Error('disk full')
  }
  const log = new EventLog(resolveLog({ write }, 'log'), { prefix: () => '{remoteAddress}', commands })
  const about = { at: 0, session: 7 }
  log.tell({ ...about, type: 'connect', remoteAddress: '192.0.2.1', remotePort: 1, localPort: 2 })
  expect(() => log.tell({ ...about, type: 'disconnect', durationMs: 1 })).toThrow('disk full')
  log.tell({ ...about, type: 'warning', message: 'w' })
  expect(lines.at(-1)?.slice(13)).toBe('session 7 ! warning: w')
})

test.each([
  ['verbose', /^log: expected 'info', 'debug' or \{ level, format, write, colour, indent \}, found "verbose"$/],
  [null, /^log: expected/],
  [true, /^log: expected/],
  [{ levle: 'info' }, /^levle: unknown field of log; did you mean "level"\?$/],
  [{ level: 'trace' }, /^log\.level: expected 'info' or 'debug', found "trace"$/],
  [{ format: 'xml' }, /^log\.format: expected 'text' or 'json', found "xml"$/],
  [{ write: 'file' }, /^log\.write: expected a function/],
  [{ colour: 'red' }, /^log\.colour: expected true or false/],
])('log: %j is refused', async (log, message) => {
  const options = { authorizer: new DummyAuthorizer(), log } as FTPServerOptions
  expect(() => new FTPServer({}, FTPHandler, options)).toThrow(message)
  await expect(startFtpServer({ log } as StartFtpServerOptions)).rejects.toThrow(message)
})
