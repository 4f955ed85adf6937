import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import path from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import { expect, test, vi } from 'vitest'
import { randomBytes } from '../../src/index.ts'
import { CERTIFICATE, type Model, ModelServer, quit } from './models.ts'
import { overTls, RawClient, readAll } from './raw-client.ts'

const trusting = (host: string): ConnectionOptions => ({
  ca: readFileSync(CERTIFICATE),
  host,
  checkServerIdentity: () => undefined,
})

/** What a session on the wire is, whatever it runs in. */
export function wireSuite(model: Model): void {
  test('a login, listings, downloads and uploads', async () => {
    const big = randomBytes('3MiB', { seed: 5 })
    await using ftp = await ModelServer.start(model, { files: { 'a.txt': 'hello\n', sub: null } })
    await using client = await RawClient.login(ftp)
    expect(String(await client.fetch('NLST'))).toBe('a.txt\r\nsub\r\n')
    expect(String(await client.fetch('RETR a.txt'))).toBe('hello\n')
    await client.store('STOR big.bin', big)
    expect(big.equals(readFileSync(path.join(ftp.root, 'big.bin')))).toBe(true)
    expect(big.equals(await client.fetch('RETR big.bin'))).toBe(true)
    await client.command('REST 4', 350)
    expect(String(await client.fetch('RETR a.txt'))).toBe('o\n')
    await client.store('APPE a.txt', 'more')
    expect(String(await client.fetch('RETR a.txt'))).toBe('hello\nmore')
    await client.command('CWD sub', 250)
    await client.command('NOPE', 500)
    await client.command('PASS x', 503)
    await quit(client)
  })

  test('an active data connection, ABOR amid a download, and what comes after', async () => {
    await using ftp = await ModelServer.start(model, { files: { 'big.bin': 'x'.repeat(20_000_000) } })
    await using client = await RawClient.login(ftp)
    const active = await client.active()
    const listing = readAll(active)
    await client.command('NLST', 125, 150)
    expect(String(await listing)).toBe('big.bin\r\n')
    await client.expect(226)
    const data = await client.passive()
    data.pause()
    await client.command('RETR big.bin', 125, 150)
    await client.command('ABOR', 426)
    await client.expect(226)
    data.destroy()
    await client.command('SIZE big.bin', 213)
  })

  test('many commands in one segment, fed in pieces, and an end before the replies', async () => {
    await using ftp = await ModelServer.start(model)
    const socket = connect({ host: ftp.host, port: ftp.port, allowHalfOpen: true })
    for (const piece of ['US', 'ER user\r', '\nPASS 12345\r\n', `${'NOOP\r\n'.repeat(2000)}QUIT\r\n`])
      socket.write(piece)
    socket.end()
    const codes = String(await readAll(socket))
      .trimEnd()
      .split('\r\n')
      .map((line) => line.slice(0, 3))
    expect(codes.slice(0, 3)).toEqual(['220', '331', '230'])
    expect(codes.slice(3)).toEqual([...Array.from({ length: 2000 }, () => '200'), '221'])
  })

  test('a client that reads no replies is not read from either, and gets them all when it does', async () => {
    await using ftp = await ModelServer.start(model)
    await using client = await RawClient.login(ftp)
    client.socket.pause()
    const count = 40_000
    const sent = new Promise((resolve) => client.socket.write('HELP\r\n'.repeat(count), resolve))
    client.socket.write('QUIT\r\n')
    await ftp.event('command')
    client.socket.resume()
    await sent
    let helps = 0
    for (let line = await client.line(); line !== undefined; line = await client.line()) {
      if (line.startsWith('214 ')) helps++
    }
    expect(helps).toBe(count)
  })

  test('IPv6', async () => {
    await using ftp = await ModelServer.start(model, { host: '::1', files: { 'a.txt': 'six' } })
    await using client = await RawClient.login(ftp)
    const data = readAll(await client.passive('EPSV'))
    await client.command('RETR a.txt', 125, 150)
    expect(String(await data)).toBe('six')
    await client.expect(226)
    expect(await ftp.event('connect')).toMatchObject({ remoteAddress: '::1', localPort: ftp.port, session: 1 })
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('AUTH TLS and PROT P with %s', async (version) => {
    await using ftp = await ModelServer.start(model, {
      tls: true,
      tlsControlRequired: true,
      files: { 'a.txt': 'secret' },
    })
    const options = { ...trusting(ftp.host), minVersion: version, maxVersion: version }
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    await client.command('USER user', 550)
    await client.secure(options)
    for (const [line, code] of [
      ['PBSZ 0', 200],
      ['PROT P', 200],
      ['USER user', 331],
      ['PASS 12345', 230],
    ] as const)
      await client.command(line, code)
    const data = await client.passive()
    await client.command('RETR a.txt', 125, 150)
    expect(String(await readAll(await overTls(data, options)))).toBe('secret')
    await client.expect(226)
    await quit(client)
  })

  test('TLS from the start, and a refusal over it', async () => {
    await using ftp = await ModelServer.start(model, { tls: true, implicitTls: true, maxCons: 1 })
    await using client = await RawClient.connect(ftp)
    await client.startTls(trusting(ftp.host))
    await client.expect(220)
    await using refused = await RawClient.connect(ftp)
    await refused.startTls(trusting(ftp.host))
    await refused.expect(421)
  })

  test('clients that go at once, in every way, leave no place taken', async () => {
    await using ftp = await ModelServer.start(model, { maxCons: 4 })
    const ways: ((socket: Socket) => void)[] = [
      (socket) => socket.destroy(),
      (socket) => socket.resetAndDestroy(),
      (socket) => socket.end('QUIT\r\n').resume(),
    ]
    for (const leave of ways) {
      const socket = connect(ftp)
      socket.on('error', () => {})
      await once(socket, 'connect')
      leave(socket)
      if (!socket.closed) await once(socket, 'close')
    }
    const clients = await vi.waitFor(
      async () => {
        const four = await Promise.all([1, 2, 3, 4].map(() => RawClient.connect(ftp)))
        const codes = await Promise.all(four.map(async (client) => (await client.expect(220, 421)).code))
        if (codes.every((code) => code === 220)) return four
        for (const client of four) await client[Symbol.asyncDispose]()
        throw new Error(`not yet: ${codes}`)
      },
      { timeout: 10_000 },
    )
    for (const client of clients) await quit(client)
    expect(ftp.events.filter(({ type }) => type === 'error')).toEqual([])
  })
}

/** Retries: a place that one worker gives back may be seen a moment later by another one. */
function eventually<T>(action: () => Promise<T>): Promise<T> {
  return vi.waitFor(action, { timeout: 5000, interval: 5 })
}

/** What a worker for each connection promises. */
export function isolationSuite(model: Model): void {
  test('code that blocks in one session does not delay another one', async () => {
    await using ftp = await ModelServer.start(model, { files: { 'a.txt': 'not blocked' } })
    await using blocked = await RawClient.login(ftp)
    await blocked.store('STOR block.txt', '')
    await vi.waitUntil(() => existsSync(path.join(ftp.root, 'blocked')))
    blocked.send('NOOP')
    await using other = await RawClient.login(ftp)
    expect(String(await other.fetch('RETR a.txt'))).toBe('not blocked')
    await quit(other)
    const at = (type: string, session: number) =>
      ftp.events.findIndex((event) => event.type === type && event.session === session)
    await ftp.event('disconnect', 2)
    writeFileSync(path.join(ftp.root, 'release'), '')
    await blocked.expect(200)
    const answered = ftp.events.findIndex((event) => event.type === 'reply' && event.verb === 'NOOP')
    await vi.waitUntil(() => ftp.events.some((event) => event.type === 'reply' && event.verb === 'NOOP'))
    expect(answered === -1 || answered > at('disconnect', 2)).toBe(true)
  })

  test('maxCons counts control and data connections of all workers', async () => {
    await using ftp = await ModelServer.start(model, { maxCons: 3 })
    await using first = await RawClient.login(ftp)
    await using second = await RawClient.login(ftp)
    await first.passiveAddress()
    await second.command('PASV', 425)
    await using third = await RawClient.connect(ftp)
    expect((await third.expect(421)).text).toContain('Too many connections')
    expect(ftp.server.dataConnections).toBe(1)
    await first.command('ABOR', 225)
    await eventually(() => second.passiveAddress())
    await first.command('PASV', 425)
    await quit(second)
    await ftp.event('disconnect', 2)
    await vi.waitUntil(() => ftp.server.dataConnections === 0)
    await using fourth = await RawClient.login(ftp)
    await fourth.passiveAddress()
    expect(ftp.events.filter(({ type }) => type === 'limit')).toMatchObject([{ limit: 'maxCons', session: 3 }])
  })

  test('maxConsPerIp counts the sessions of all workers', async () => {
    await using ftp = await ModelServer.start(model, { maxConsPerIp: 1 })
    await using first = await RawClient.login(ftp)
    await using refused = await RawClient.connect(ftp)
    expect((await refused.expect(421)).text).toContain('same IP address')
    await using elsewhere = await RawClient.connect(ftp, '127.0.0.2')
    await elsewhere.expect(220)
    await quit(first)
    await ftp.event('disconnect', 1)
    await using next = await RawClient.connect(ftp)
    await next.expect(220)
  })

  test.each(['throw.txt', 'exit.txt', ...(model === 'MultiprocessFTPServer' ? ['kill.txt'] : [])])(
    'a worker that dies of %s costs its session alone, gives its places back, and is told of',
    async (name) => {
      await using ftp = await ModelServer.start(model, { maxCons: 3 })
      await using other = await RawClient.login(ftp)
      await using doomed = await RawClient.login(ftp)
      const data = await doomed.passive()
      doomed.send(`STOR ${name}`)
      data.end()
      await doomed.closed()
      data.destroy()
      const { error } = await ftp.event('error', 2)
      const how = { 'throw.txt': 'exit code 1', 'exit.txt': 'exit code 7', 'kill.txt': 'SIGKILL' }[name]
      expect((error as Error).message).toBe(`it ended before its time (${how})`)
      if (name === 'throw.txt')
        expect((error as Error).cause).toMatchObject({ name: 'RangeError', message: 'thrown where nobody catches' })
      expect(await ftp.event('disconnect', 2)).toMatchObject({ error: `it ended before its time (${how})` })
      await other.passiveAddress()
      await using next = await RawClient.login(ftp)
      await next.command('NOOP', 200)
    },
  )

  test('closeAll ends sessions, and by force those that are blocked', async () => {
    const ftp = await ModelServer.start(model)
    await using idle = await RawClient.login(ftp)
    await using waiting = await RawClient.login(ftp)
    await waiting.passiveAddress()
    await using blocked = await RawClient.login(ftp)
    await blocked.store('STOR block.txt', '')
    await using spinning = await RawClient.login(ftp)
    await spinning.store('STOR spin.txt', '')
    await vi.waitUntil(() => existsSync(path.join(ftp.root, 'blocked')))
    await ftp.server.closeAll()
    for (const client of [idle, waiting, blocked, spinning]) await client.closed()
    const errors = ftp.events.filter((event) => event.type === 'error')
    expect(errors.map(({ session, error }) => `${session} ${error}`)).toEqual(
      [3, 4].map(
        (session) =>
          `${session} Error: a command or a callback was still running 1000 ms after the connection was closed`,
      ),
    )
    expect(
      ftp.events
        .filter(({ type }) => type === 'disconnect')
        .map(({ session }) => session)
        .sort(),
    ).toEqual([1, 2, 3, 4])
    expect(ftp.server.dataConnections).toBe(0)
  })

  test('close waits for the last session', async () => {
    const ftp = await ModelServer.start(model)
    await using client = await RawClient.login(ftp)
    let isClosed = false
    const closed = ftp.server.close().then(() => {
      isClosed = true
    })
    await expect(RawClient.connect(ftp)).rejects.toThrow('ECONNREFUSED')
    await client.store('STOR b.txt', 'still served')
    expect(isClosed).toBe(false)
    await quit(client)
    await closed
  })

  test('configure reaches sessions that are open, and those to come', async () => {
    await using ftp = await ModelServer.start(model, { banner: 'One.' })
    await using client = await RawClient.connect(ftp)
    expect((await client.expect(220)).text).toBe('220 One.')
    ftp.server.configure({ banner: 'Two.', encoding: 'latin1', maxLoginAttempts: 1, authFailedTimeout: 0 })
    await client.command('USER user', 331)
    await client.command('PASS wrong', 530)
    await client.closed()
    await using next = await RawClient.connect(ftp)
    expect((await next.expect(220)).text).toBe('220 Two.')
    await using afterwards = await RawClient.connect(ftp)
    expect((await afterwards.expect(220)).text).toBe('220 Two.')
    ftp.server.configure({ banner: undefined })
    await using last = await RawClient.connect(ftp)
    expect((await last.expect(220)).text).toMatch(/^220 ftp-fixture /)
    expect(() => ftp.server.configure({ banner: () => 'x' })).toThrow('banner: cannot be sent to a worker')
    expect(() => ftp.server.configure({ maxCons: 0 })).toThrow('maxCons')
  })

  test('events arrive where the server is, errors and secrets whole, in the order of the session', async () => {
    await using ftp = await ModelServer.start(model)
    const heard: string[] = []
    ftp.server.on('login', ({ username, session }) => heard.push(`${username} ${session}`))
    await using client = await RawClient.login(ftp)
    await client.store('STOR reject.txt', '')
    const { error } = await ftp.event('error')
    expect(error).toMatchObject({ name: 'TypeError', message: 'a callback that rejects', code: 'E_OWN' })
    expect((error as Error).stack).toContain('parts.mjs')
    await ftp.event('disconnect')
    expect(heard).toEqual(['user 1'])
    expect(ftp.events[0]?.type).toBe('connect')
    expect(ftp.events.at(-1)?.type).toBe('disconnect')
    const pass = ftp.events.find((event) => event.type === 'command' && event.verb === 'PASS')
    expect(JSON.stringify(pass)).toContain('***')
    expect(Object.getOwnPropertySymbols(pass).map((symbol) => Reflect.get(pass ?? {}, symbol))).toEqual(['12345'])
  })
}
