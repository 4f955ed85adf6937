import { once } from 'node:events'
import { connect } from 'node:net'
import { Client } from 'basic-ftp'
import { expect, test, vi } from 'vitest'
import type { EventOf, FtpHandle, Scenario, StartFtpServerOptions, StopReport } from '../../src/index.ts'
import { RawClient } from './raw-client.ts'

/** A hold on a server that the suite may stop, and what ends all of it. */
export interface Held extends AsyncDisposable {
  readonly ftp: FtpHandle
  /** Ends the server, whoever else uses it. */
  end(): Promise<StopReport>
}

const refusing: Scenario = {
  name: 'refusing',
  rules: [{ when: { command: 'NOOP' }, times: 2, then: { reply: '500 No.' } }],
}

/** What a hold on a server can do, wherever the server runs. */
export function handleSuite(start: (options?: StartFtpServerOptions) => Promise<Held>): void {
  test('a client finds the server by what the hold says, and a world in it', async () => {
    await using held = await start({ files: { 'a.txt': 'hello\n' }, users: [{ username: 'ann', password: 'p@ss' }] })
    const { ftp } = held
    expect(ftp).toMatchObject({ host: '127.0.0.1', username: 'ann', password: 'p@ss', ca: undefined })
    expect(ftp.url).toBe(`ftp://ann:p%40ss@127.0.0.1:${ftp.port}`)
    const client = new Client()
    await client.access({ host: ftp.host, port: ftp.port, user: ftp.username, password: ftp.password })
    expect((await client.list()).map(({ name }) => name)).toEqual(['a.txt'])
    expect(ftp.transcript.commands({ verb: 'MLSD' })).toHaveLength(1)
    client.close()
    await ftp.waitFor({ type: 'disconnect' })
    expect(ftp.transcript.transfers()).toMatchObject([{ verb: 'MLSD', outcome: 'completed' }])
  })

  test('the authority of a server with TLS is known', async () => {
    await using held = await start({ tls: true })
    expect(held.ftp.ca).toMatch(/^-----BEGIN CERTIFICATE-----/)
  })

  test('files are written, read, listed, removed and put back', async () => {
    await using held = await start({ files: { 'a.txt': 'hello\n' } })
    const { files, root } = held.ftp
    const bytes = Buffer.from([0, 255, 13, 10, 128])
    await files.write('sub/ü b%.bin', bytes)
    expect(await files.read('sub/ü b%.bin')).toEqual(bytes)
    expect(await files.read('a.txt', 'utf8')).toBe('hello\n')
    expect(await files.list()).toEqual(['a.txt', 'sub'])
    expect(await files.list('sub')).toEqual(['ü b%.bin'])
    expect(files.path('/sub')).toBe(`${root}/sub`)
    expect([await files.exists('sub'), await files.exists('sup')]).toEqual([true, false])
    await files.remove('a.txt')
    await files.remove('a.txt')
    expect(await files.exists('a.txt')).toBe(false)
    await files.reset()
    expect(await files.list()).toEqual(['a.txt'])
  })

  test('what is wrong with a file is said in the same way', async () => {
    await using held = await start()
    const { files } = held.ftp
    await expect(files.read('none')).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(files.list('none')).rejects.toMatchObject({ code: 'ENOENT' })
    const outside = { name: 'FtpFixtureError', code: 'ERR_FILE_OUTSIDE_ROOT' }
    await expect(files.read('../up')).rejects.toMatchObject(outside)
    await expect(files.write('../up', '')).rejects.toMatchObject(outside)
    await expect(files.exists('../up')).rejects.toMatchObject(outside)
    await expect(files.remove('/')).rejects.toMatchObject(outside)
    await expect(files.write('a', undefined as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' })
    expect(await files.exists('a')).toBe(false)
    expect(() => files.path('../up')).toThrow('"../up" is outside the server\'s root')
  })

  test('a scenario is put on, gets a rule more, is explained and taken off, each at once', async () => {
    await using held = await start()
    const { ftp } = held
    await using client = await RawClient.login(ftp)
    expect(ftp.scenario).toBeUndefined()
    expect(ftp.explain()).toMatchObject({ scenario: '', rules: [] })
    ftp.use(refusing)
    await client.command('NOOP', 500)
    expect(ftp.scenario).toBe('refusing')
    ftp.add({ name: 'no-syst', when: { command: 'SYST' }, then: { reply: '502 Added.' } })
    await client.command('SYST', 502)
    expect(ftp.explain().rules).toMatchObject([
      { rule: 'rules[0]', applied: 1 },
      { rule: 'no-syst', applied: 1 },
    ])
    expect(String(ftp.explain())).toContain('applied 1 time: NOOP in session 1')
    ftp.reset()
    await client.command('NOOP', 200)
    expect(ftp.scenario).toBeUndefined()
    ftp.use('abort-download-midway')
    expect(ftp.scenario).toBe('abort-download-midway')
  })

  test('a wrong scenario throws what it is, with its place', async () => {
    await using held = await start()
    const { ftp } = held
    const wrong = { name: 'wrong', rules: [{ then: { dealy: 5 } }] } as unknown as Scenario
    const error = caught(() => ftp.use(wrong))
    expect(error).toMatchObject({ name: 'ScenarioError', code: 'ERR_SCENARIO_INVALID' })
    expect(error).toMatchObject({ place: { file: "scenario 'wrong'", path: 'rules[0].then.dealy' } })
    expect(error.message).toMatch(/^scenario 'wrong': rules\[0\]\.then\.dealy: unknown key; did you mean "delay"\?/)
    const unknown = caught(() => ftp.use('slow-donwload'))
    expect(unknown).toMatchObject({ name: 'FtpFixtureError', code: 'ERR_SCENARIO_UNKNOWN' })
    expect(() => ftp.use(Promise.resolve() as never)).toThrow('expected an object')
    expect(() => ftp.add({ then: { dealy: 5 } } as never)).toThrow('rule: then.dealy: unknown key')
    expect(caught(() => ftp.use({ options: { tls: true } }))).toMatchObject({ code: 'ERR_SCENARIO_UNFIT' })
    expect(ftp.scenario).toBeUndefined()
  })

  test('what a client has done is held against what is expected', async () => {
    await using held = await start()
    const { ftp } = held
    await using client = await RawClient.login(ftp)
    await ftp.verify({ commands: ['USER', 'PASS'] })
    ftp.use(refusing)
    const error = await ftp.verify({ commands: ['RETR a.bin'] }).catch((reason: Error) => reason)
    expect(error).toMatchObject({ name: 'ExpectationError', code: 'ERR_EXPECTATION_FAILED' })
    expect(error).toMatchObject({ failures: [expect.stringContaining('RETR a.bin')] })
    expect((error as Error).message).toContain('C: USER user')
    expect(error).toMatchObject({ dialogue: expect.stringContaining('C: USER user') })
    await expect(ftp.verify()).rejects.toThrow(/refusing.*never applied/s)
    await client.command('NOOP', 500)
    await ftp.verify()
    await expect(ftp.verify({ comands: [] } as never)).rejects.toMatchObject({ name: 'ScenarioError' })
  })

  test('the transcript is never behind', async () => {
    await using held = await start()
    const { ftp } = held
    await using client = await RawClient.login(ftp)
    for (let count = 1; count <= 20; count++) {
      await client.command(`SIZE ${count}`, 550)
      expect(ftp.transcript.commands({ verb: 'SIZE' })).toHaveLength(count)
    }
    const [first] = ftp.transcript.events
    await client.command('NOOP', 200)
    expect(ftp.transcript.events[0]).toBe(first)
    expect(ftp.transcript.replies({ code: 550 })).toHaveLength(20)
    expect(String(ftp.transcript)).toMatch(/^# session 1 connected|C: SIZE 20\nS: 550/s)
    expect(JSON.stringify(ftp.transcript)).toContain('"verb":"NOOP"')
    expect(() => ftp.transcript.commands({ verv: 'NOOP' } as object)).toThrow('verv: unknown option')
  })

  test('the transcript is cleared, and events stay numbered', async () => {
    await using held = await start()
    const { ftp } = held
    await using client = await RawClient.login(ftp)
    const login = await ftp.waitFor({ type: 'login' })
    const before = ftp.transcript.events.length
    ftp.transcript.clear()
    expect(ftp.transcript.events).toEqual([])
    expect(ftp.transcript.forgotten).toBe(before)
    await client.command('NOOP', 200)
    expect(ftp.transcript.commands()).toMatchObject([{ verb: 'NOOP' }])
    await expect(ftp.waitFor({ type: 'reply' }, { after: login })).rejects.toThrow(/^after: expected an event/)
  })

  test('secrets are masked, unless they are asked for', async () => {
    await using held = await start()
    const { ftp } = held
    await using client = await RawClient.login(ftp)
    expect(ftp.transcript.commands({ verb: 'PASS' })).toMatchObject([{ line: 'PASS ***' }])
    const revealed = ftp.transcript.commands({ verb: 'pass', secrets: true })
    expect(revealed).toMatchObject([{ verb: 'PASS', argument: '12345', line: 'PASS 12345' }])
    expect(ftp.transcript.commands({ secrets: true }).map(({ verb }) => verb)).toEqual(['USER', 'PASS', 'TYPE'])
    expect(JSON.stringify(ftp.transcript)).not.toContain('12345')
    await client.command('NOOP', 200)
  })

  waiting(start)
  ending(start)
}

function waiting(start: (options?: StartFtpServerOptions) => Promise<Held>): void {
  test('what is waited for may be on record or to come, behind an event or not, told by fields or a function', async () => {
    await using held = await start()
    const { ftp } = held
    const connecting = ftp.waitFor({ type: 'connect' })
    await using first = await RawClient.login(ftp)
    const connect = await connecting
    expect(connect.remoteAddress).toBe('127.0.0.1')
    expect(await ftp.waitFor({ type: 'connect' })).toBe(connect)
    expect(ftp.transcript.events[0]).toBe(connect)
    const login = await ftp.waitFor((event): event is EventOf<'login'> => event.type === 'login')
    const next = ftp.waitFor({ type: 'login' }, { after: login })
    await using second = await RawClient.login(ftp)
    expect(await next).toMatchObject({ username: 'user', session: 2 })
    expect(await ftp.waitFor((event) => event.type === 'login', { after: login })).toBe(await next)
    expect(ftp.transcript.events).toContain(await next)
    for (const client of [first, second]) await client.command('NOOP', 200)
  })

  test('a function is asked once about each event, in order', async () => {
    await using held = await start()
    const { ftp } = held
    const types: string[] = []
    const waited = ftp.waitFor((event) => types.push(event.type) > 2)
    await using client = await RawClient.login(ftp)
    expect(await waited).toMatchObject({ type: 'command' })
    expect(types).toEqual(['connect', 'reply', 'command'])
    await client.command('NOOP', 200)
  })

  test('who listens hears what happens from then on, until he has heard enough', async () => {
    await using held = await start()
    const { ftp } = held
    await using client = await RawClient.login(ftp)
    const heard: string[] = []
    const all: string[] = []
    const stop = ftp.transcript.listen((event) => heard.push(event.type))
    ftp.transcript.listen((event) => all.push(event.type))
    await client.command('NOOP', 200)
    await vi.waitFor(() => expect(heard).toEqual(['command', 'reply']))
    stop()
    await client.command('NOOP', 200)
    await vi.waitFor(() => expect(all).toHaveLength(4))
    expect(heard).toHaveLength(2)
  })

  test('waiting in vain says what happened, and where it was asked for', async () => {
    await using held = await start()
    const { ftp } = held
    await using client = await RawClient.login(ftp)
    const error = await ftp.waitFor({ type: 'logout' }, { timeout: 30 }).catch((reason: Error) => reason)
    expect(error).toMatchObject({ name: 'FtpFixtureError', code: 'ERR_WAIT_TIMEOUT' })
    expect((error as Error).message).toContain("waited 30 ms in vain for { type: 'logout' }")
    expect((error as Error).message).toContain('C: USER user')
    expect((error as Error).stack).toContain('handle-suite.ts')
    await expect(ftp.waitFor({ type: 'replay' } as never)).rejects.toThrow('condition.type: expected')
    await expect(ftp.waitFor({ type: 'login' }, { timeOut: 1 } as object)).rejects.toThrow('timeOut: unknown option')
    const mistake = new TypeError('my mistake')
    const throwing = () => {
      throw mistake
    }
    await expect(ftp.waitFor(throwing)).rejects.toBe(mistake)
    await client.command('NOOP', 200)
  })

  test('waiting is given up by a signal', async () => {
    await using held = await start()
    const { ftp } = held
    const given = new AbortController()
    const types: string[] = []
    const waited = expect(
      ftp.waitFor(({ type }) => types.push(type) < 0, { timeout: '1h', signal: given.signal }),
    ).rejects.toThrow('enough')
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    // What comes behind something that was looked at already is told of while it happens.
    await vi.waitFor(() => expect(types).toContain('reply'))
    await client.command('NOOP', 200)
    await vi.waitFor(() => expect(types).toContain('command'))
    given.abort(new Error('enough'))
    await waited
    await expect(ftp.waitFor({ type: 'connect' }, { signal: given.signal })).rejects.toThrow('enough')
    const early = new AbortController()
    const wanted = expect(ftp.waitFor({ type: 'logout' }, { timeout: '1h', signal: early.signal })).rejects.toThrow(
      'early',
    )
    early.abort(new Error('early'))
    await wanted
  })

  test('sessions are told of, and ended', async () => {
    await using held = await start()
    const { ftp } = held
    expect(ftp.sessions).toEqual([])
    await using client = await RawClient.login(ftp)
    const remotePort = client.socket.localPort
    expect(ftp.sessions).toEqual([
      { session: 1, remoteAddress: '127.0.0.1', remotePort, username: 'user', isEncrypted: false, transfer: '' },
    ])
    expect(await ftp.kick(7)).toBe(false)
    expect(await ftp.kick(1)).toBe(true)
    expect(await client.line()).toBeUndefined()
    expect(ftp.sessions).toEqual([])
  })

  test('a manual clock stands still until it is advanced', async () => {
    await using held = await start({ clock: 'manual', timeout: '5m' })
    const { ftp } = held
    await using client = await RawClient.login(ftp)
    const before = ftp.clock.now()
    expect(ftp.clock.now()).toBe(before)
    await ftp.clock.advance('5m')
    expect(ftp.clock.now()).toBe(before + 300_000)
    await client.expect(421)
    await expect(ftp.clock.advance('5 parsecs' as never)).rejects.toThrow(/^by: expected/)
  })

  test('a real clock is not advanced', async () => {
    await using held = await start()
    const { ftp } = held
    await expect(ftp.clock.advance('5m')).rejects.toMatchObject({ code: 'ERR_CLOCK_NOT_MANUAL' })
    expect(Math.abs(ftp.clock.now() - Date.now())).toBeLessThan(5000)
  })
}

function ending(start: (options?: StartFtpServerOptions) => Promise<Held>): void {
  test('stopping says what it cut, frees the port, and leaves the transcript', async () => {
    await using held = await start({ scenario: refusing })
    const { ftp } = held
    await using client = await RawClient.login(ftp)
    const { port } = ftp
    const report = await held.end()
    expect(report).toMatchObject({ sessions: 1, transfers: 0, unfired: [expect.stringContaining('rules[0]')] })
    expect(await ftp.stop()).toEqual(report)
    expect(await client.line()).toBeUndefined()
    const socket = connect({ port, host: '127.0.0.1' })
    expect(await once(socket, 'error')).toMatchObject([{ code: 'ECONNREFUSED' }])
    expect(ftp.transcript.commands().map(({ verb }) => verb)).toEqual(['USER', 'PASS', 'TYPE'])
    expect(ftp.sessions).toEqual([])
    const stopped = { name: 'FtpFixtureError', code: 'ERR_STOPPED' }
    expect(caught(() => ftp.use('slow-download'))).toMatchObject(stopped)
    expect(caught(() => ftp.reset())).toMatchObject(stopped)
    expect(caught(() => ftp.files.path('a'))).toMatchObject(stopped)
    await expect(ftp.waitFor({ type: 'logout' })).rejects.toMatchObject(stopped)
  })

  test('who waits when it stops is told', async () => {
    await using held = await start()
    const { ftp } = held
    const waiting = expect(ftp.waitFor({ type: 'login' })).rejects.toMatchObject({ code: 'ERR_STOPPED' })
    await using client = await RawClient.connect(ftp)
    await ftp.waitFor({ type: 'connect' })
    await held.end()
    await waiting
    expect(await client.expect(220)).toMatchObject({ code: 220 })
  })
}

function caught(action: () => void): Error {
  try {
    action()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}
