import { constants } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { tlsChecks } from '../../src/handlers/tls-options.ts'
import { type FtpEvent, startFtpServer } from '../../src/index.ts'
import {
  commands,
  DTPHandler,
  DummyAuthorizer,
  FTPHandler,
  FTPServer,
  type FTPServerOptions,
  FtpFixtureError,
  type OptionChanges,
  TLS_FTPHandler,
} from '../../src/server.ts'
import { type ResolvedServerOptions, resolveServerOptions } from '../../src/servers/options.ts'
import { RawClient } from '../support/raw-client.ts'

/** A certificate with its key, for tests only. */
const CERTIFICATE = fileURLToPath(new URL('../support/certificate.pem', import.meta.url))

const DURATION = { good: [0, 10, '5s', '2m', '1h', '250ms'], bad: [-1, Number.NaN, '5', '5 parsecs', 'soon', null, {}] }
const SIZE = { good: [1, '64KiB', '1MB'], bad: [0, -1, 1.5, '64', '65MiB', 'big', null, []] }
const SWITCH = { good: [true, false], bad: [0, 1, 'yes', null] }
const PORTS = {
  good: [[2000], [2000, 2000, 2001], { from: 2000, to: 2000 }, { from: 1, to: 65_535 }],
  bad: [
    [],
    [0],
    [65_536],
    [1.5],
    ['2000'],
    2000,
    {},
    { from: 2000 },
    { from: 2001, to: 2000 },
    { from: 0, to: 9 },
    null,
  ],
}
const MAP = {
  good: [{}, { '127.0.0.1': '192.0.2.7' }],
  bad: [{ '127.0.0.1': 'example.org' }, { here: '192.0.2.7' }, '192.0.2.7', null],
}

const RATE = {
  good: [0, 1000, '64KiB/s', '1MB/s', '0.5kB/s'],
  bad: [-1, 1.5, '64', '64KiB', '1/s', 'KiB/s', '1.0001KiB/s', null, {}],
}
const VERSIONS = {
  good: ['TLSv1.2', 'TLSv1.3', { min: 'TLSv1.2' }, { max: 'TLSv1.2' }, { min: 'TLSv1.2', max: 'TLSv1.3' }, {}],
  bad: ['SSLv3', 'tls', 1.2, { min: 'SSLv3' }, { min: 'TLSv1.3', max: 'TLSv1.2' }, null],
}

/** For each option, values that will do and values that will not. */
const TABLE: { readonly [K in keyof ResolvedServerOptions]: { good: readonly unknown[]; bad: readonly unknown[] } } = {
  timeout: DURATION,
  banner: { good: ['', 'Hello.', () => 'Hello.'], bad: [1, null, {}] },
  maxLoginAttempts: { good: [1, 99], bad: [0, -1, 1.5, '3', null] },
  authFailedTimeout: DURATION,
  permitForeignAddresses: SWITCH,
  permitPrivilegedPorts: SWITCH,
  masqueradeAddress: { good: ['192.0.2.7'], bad: ['::1', '::ffff:192.0.2.7', 'example.org', '1.2.3', '', 1, null] },
  masqueradeAddressMap: MAP,
  passivePorts: PORTS,
  useGmtTimes: SWITCH,
  tcpNoDelay: SWITCH,
  encoding: { good: ['utf-8', 'UTF8', 'latin1', 'cp1252', 'Shift-JIS'], bad: ['klingon', 'utf-16', 1, null] },
  unicodeErrors: { good: ['replace', 'strict'], bad: ['ignore', true, null] },
  dataTimeout: DURATION,
  passiveTimeout: DURATION,
  activeTimeout: DURATION,
  receiveBufferSize: SIZE,
  sendBufferSize: SIZE,
  maxCons: { good: [1, 512], bad: [0, -1, 1.5, '512', Number.POSITIVE_INFINITY, null] },
  maxConsPerIp: { good: [0, 5], bad: [-1, 0.5, '5', null] },
  readLimit: RATE,
  writeLimit: RATE,
  useSendfile: SWITCH,
  logPrefix: { good: ['', '{remoteAddress} {session}', '{ {-} }', () => 'ftp'], bad: ['{ip}', '{}', 1, null, {}] },
  certfile: { good: [CERTIFICATE], bad: [1, null] },
  keyfile: { good: [CERTIFICATE], bad: [1, null] },
  sslContext: { good: [createSecureContext(), () => createSecureContext()], bad: ['context', {}, null] },
  sslProtocol: VERSIONS,
  sslOptions: { good: [0, constants.SSL_OP_NO_TICKET], bad: [-1, 1.5, 'NO_TICKET', null] },
  tlsControlRequired: SWITCH,
  tlsDataRequired: SWITCH,
  tlsCloseNotifyRequired: SWITCH,
  implicitTls: SWITCH,
  tlsHandshakeTimeout: DURATION,
  backlog: { good: [1, 100], bad: [0, -1, '100', null] },
}

function construct(options: object, handler = FTPHandler): FTPServer {
  return new FTPServer({}, handler, { authorizer: new DummyAuthorizer(), ...options } as FTPServerOptions)
}

/** A server on which an option may have any good value. */
function constructFor(name: string, value: unknown): FTPServer {
  if (!(name in tlsChecks)) return construct({ [name]: value })
  const certificate = name === 'sslContext' && value !== undefined ? {} : { certfile: CERTIFICATE }
  return construct({ ...certificate, [name]: value }, TLS_FTPHandler)
}

test('the table has every option', () => {
  expect(Object.keys(TABLE).sort()).toEqual(Object.keys(construct({}).options).sort())
})

for (const [name, { good, bad }] of Object.entries(TABLE)) {
  test(`${name}: takes what will do`, () => {
    for (const value of good) expect(() => constructFor(name, value)).not.toThrow()
    expect(construct({ [name]: undefined }).options).toEqual(construct({}).options)
  })

  test(`${name}: anything else throws at once and is named`, async () => {
    for (const value of bad) {
      let error: unknown
      try {
        construct({ [name]: value })
      } catch (thrown) {
        error = thrown
      }
      expect(error, String(value)).toBeInstanceOf(FtpFixtureError)
      expect(error).toMatchObject({ code: 'ERR_OPTION_INVALID' })
      expect((error as Error).message).toMatch(new RegExp(`^${name}\\b.*: expected .*, found `, 's'))
      await expect(startFtpServer({ [name]: value })).rejects.toMatchObject({ code: 'ERR_OPTION_INVALID' })
    }
  })

  test(`${name}: with a typo it is unknown, and the right name is offered`, async () => {
    const typo = `${name}x`
    expect(() => construct({ [typo]: 1 })).toThrow(`${typo}: unknown option; did you mean "${name}"?`)
    await expect(startFtpServer({ [typo]: 1 })).rejects.toMatchObject({ code: 'ERR_OPTION_UNKNOWN' })
  })
}

test('an option like no other is answered with all there are', () => {
  expect(() => construct({ quuxification: 1 })).toThrow(/^quuxification: unknown option; one of: .*\bmaxCons\b/)
})

test('the inner form: milliseconds, bytes, a list of ports', () => {
  const { options } = construct({
    timeout: '2m',
    sendBufferSize: '64KiB',
    passivePorts: { from: 2000, to: 2002 },
    maxCons: 7,
  })
  expect(options).toMatchObject({
    timeout: 120_000,
    sendBufferSize: 65_536,
    passivePorts: [2000, 2001, 2002],
    maxCons: 7,
  })
})

test('the defaults', () => {
  expect(resolveServerOptions({})).toMatchObject({
    timeout: 300_000,
    banner: expect.stringMatching(/^ftp-fixture \d+\.\d+\.\d+ ready\.$/),
    maxLoginAttempts: 3,
    authFailedTimeout: 3000,
    dataTimeout: 300_000,
    passiveTimeout: 30_000,
    activeTimeout: 30_000,
    maxCons: 512,
    maxConsPerIp: 0,
    backlog: 512,
    encoding: 'utf-8',
    passivePorts: undefined,
  })
})

test('an options object is copied: two servers made of one do not share it', () => {
  const given = { maxCons: 5, masqueradeAddressMap: {} }
  const one = construct(given)
  const other = construct(given)
  one.configure({ maxCons: 1 })
  expect(one.options.maxCons).toBe(1)
  expect(other.options.maxCons).toBe(5)
  expect(given.maxCons).toBe(5)
})

test('what changes on a running server is seen by the next use', async () => {
  await using ftp = await startFtpServer({ files: { 'a.txt': 'a' } })
  const change = (changes: OptionChanges) => ftp.server.configure(changes)
  await using client = await RawClient.login(ftp)

  change({ banner: 'Changed.' })
  await using second = await RawClient.connect(ftp)
  expect((await second.expect(220)).text).toBe('220 Changed.')
  change({ banner: () => 'Made.' })
  await using third = await RawClient.connect(ftp)
  expect((await third.expect(220)).text).toBe('220 Made.')

  change({ masqueradeAddress: '192.0.2.7' })
  expect((await client.command('PASV', 227)).text).toContain('(192,0,2,7,')
  change({ masqueradeAddressMap: { '127.0.0.1': '192.0.2.8' } })
  expect((await client.command('PASV', 227)).text).toContain('(192,0,2,8,')
  change({ masqueradeAddressMap: {} })
  change({ masqueradeAddress: undefined })

  await client.command('PORT 127,0,0,1,0,80', 501)
  change({ permitPrivilegedPorts: true })
  await client.command('PORT 127,0,0,1,0,80', 425)
  await client.command('PORT 127,0,0,2,250,250', 501)
  change({ permitForeignAddresses: true })
  await client.command('PORT 127,0,0,2,250,250', 425)

  change({ sendBufferSize: 3 })
  change({ receiveBufferSize: 2 })
  await client.store('STOR b.txt', 'a few bytes')
  expect(String(await client.fetch('RETR b.txt'))).toBe('a few bytes')

  change({ unicodeErrors: 'strict' })
  client.socket.write(Buffer.from([0x4d, 0x4b, 0x44, 0x20, 0xff, 0x0d, 0x0a]))
  await client.expect(501)

  change({ maxLoginAttempts: 1 })
  await second.command('USER user', 331)
  await second.command('PASS wrong', 530)
  await second.closed()
})

test('a change that will not do changes nothing, and is named', () => {
  const server = construct({ timeout: '1s' })
  const before = { ...server.options }
  expect(() => server.configure({ timeout: '2s', maxCons: 0 })).toThrow(/^maxCons: expected/)
  expect(() => server.configure({ tiemout: 1 } as object)).toThrow('tiemout: unknown option; did you mean "timeout"?')
  expect(() => server.configure({ authorizer: new DummyAuthorizer() } as object)).toThrow('authorizer: unknown option')
  expect(() => server.configure({ tlsDataRequired: true })).toThrow(/^tlsDataRequired: expected a TLS_FTPHandler/)
  expect(() => server.configure(undefined as unknown as object)).toThrow(/^changes: expected/)
  expect(server.options).toEqual(before)
  server.configure({ timeout: undefined })
  expect(server.options.timeout).toBe(300_000)
})

test('options are changed by configure only', () => {
  const { options } = construct({})
  expect(() => Object.assign(options, { timeout: 1 })).toThrow(TypeError)
})

test('the backlog is taken until the server listens, and refused from then on', async () => {
  await using server = construct({})
  server.configure({ backlog: 5 })
  await server.listen()
  expect(() => server.configure({ backlog: 6 })).toThrow(/^backlog: expected to be set before the server listens/)
})

test.each(Object.entries({ certfile: 'x', tlsControlRequired: true, implicitTls: true, tlsHandshakeTimeout: 1 }))(
  '%s without a handler that speaks TLS throws',
  (name, value) => {
    expect(() => construct({ [name]: value })).toThrow(new RegExp(`^${name}: expected a TLS_FTPHandler to go with it`))
  },
)

test('a limit of rate on data connections that have none throws', () => {
  expect(() => construct({ writeLimit: 1, dtpHandler: DTPHandler })).toThrow(
    /^writeLimit: expected 0, as the dtpHandler/,
  )
  expect(() => construct({ readLimit: 0, dtpHandler: DTPHandler })).not.toThrow()
})

test('passivePorts: one of them is taken, another one when all are busy', async () => {
  await using probe = await startFtpServer()
  await using ftp = await startFtpServer({ passivePorts: [probe.port] })
  await using client = await RawClient.login(ftp)
  const { port } = await client.passiveAddress()
  expect(port).not.toBe(probe.port)
  expect(ftp.transcript.events.filter(({ type }) => type === 'warning')).toHaveLength(1)
  await probe.stop()
  expect((await client.passiveAddress()).port).toBe(probe.port)
})

test.each([
  [
    'an address',
    ['127.0.0.1', FTPHandler, {}],
    /^address: expected { host, port }, { fd } or a net\.Server, found "127\.0\.0\.1"$/,
  ],
  ['a field of the address', [{ prot: 21 }, FTPHandler, {}], /^prot: unknown field of address; did you mean "port"\?$/],
  ['no options', [{}, FTPHandler], /^authorizer: expected an authorizer, a DummyAuthorizer say, found undefined$/],
  ['an authorizer', [{}, FTPHandler, { authorizer: {} }], /^authorizer: expected an authorizer/],
  ['no handler', [{}, undefined, {}], /^handler: expected FTPHandler, or a class that extends it, found undefined$/],
  ['a handler', [{}, class {}, {}], /^handler: expected FTPHandler/],
])('%s that will not do is named', (_what, args, message) => {
  expect(() => new FTPServer(...(args as ConstructorParameters<typeof FTPServer>))).toThrow(message)
})

test.each([
  [null, /^handler\.commands: expected a table of commands, found null$/],
  [{ noop: commands.NOOP }, /^handler\.commands\["noop"\]: expected a verb of one or two words in capitals/],
  [{ X: {} }, /^handler\.commands\["X"\]\.argument: expected 'none' or/],
  [
    { X: { ...commands.NOOP, argument: 'required' } },
    /^handler\.commands\["X"\]\.argument: expected .* found "required"$/,
  ],
  [{ X: { ...commands.NOOP, help: 1 } }, /^handler\.commands\["X"\]\.help: expected a string, found 1$/],
  [{ X: { ...commands.NOOP, run: 'NOOP' } }, /^handler\.commands\["X"\]\.run: expected a function, found "NOOP"$/],
])('a table of commands that cannot work is refused: %j', (table, message) => {
  class Handler extends FTPHandler {
    static override readonly commands = table as unknown as typeof commands
  }
  expect(() => new FTPServer({}, Handler, { authorizer: new DummyAuthorizer() })).toThrow(message)
})

test('an onEvent that is asynchronous and fails is told', async () => {
  const onEvent = (async (event: FtpEvent) => {
    if (event.type === 'login') throw new Error('oops')
  }) as (event: FtpEvent) => void
  const ftp = await startFtpServer({ onEvent })
  await using client = await RawClient.login(ftp)
  await client.command('NOOP', 200)
  await expect(ftp.stop()).rejects.toThrow('session 1 failed: Error: oops')
})
