import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WindowsAuthorizer } from '../../src/authorizers/index.ts'
import type { FtpEvent } from '../../src/handlers/events.ts'
import { FTPHandler } from '../../src/handlers/ftp-handler.ts'
import { FTPServer } from '../../src/servers/ftp-server.ts'
import { tempTree } from '../filesystems/temp-tree.ts'
import { RawClient } from '../support/raw-client.ts'
import { FakeWindows } from './fake-windows.ts'

const CALLS = [
  ...(['openSync', 'opendirSync', 'mkdirSync', 'rmdirSync', 'unlinkSync', 'renameSync', 'chmodSync'] as const),
  ...(['utimesSync', 'statSync', 'lstatSync', 'readlinkSync', 'realpathSync'] as const),
]

const { readlinkSync } = fs

/** Where a path leads that begins with a descriptor. */
function placeOf(hostPath: string): string {
  const descriptor = /^\/proc\/self\/fd\/\d+/.exec(hostPath)?.[0]
  return descriptor === undefined ? hostPath : readlinkSync(descriptor)
}

/** The calls that the server makes for files below a directory, each with the user it is made as. */
function watchFiles(system: FakeWindows, directory: string): Set<string> {
  const seen = new Set<string>()
  for (const name of CALLS) {
    const real = fs[name] as (...given: unknown[]) => unknown
    const watched = (...given: unknown[]) => {
      if (placeOf(String(given[0])).startsWith(directory)) seen.add(`${name} as ${system.acting}`)
      return real(...given)
    }
    vi.spyOn(fs, name).mockImplementation(Object.assign(watched, real) as never)
  }
  syncBuiltinESMExports()
  onTestFinished(() => {
    vi.restoreAllMocks()
    syncBuiltinESMExports()
  })
  return seen
}

async function setUp() {
  const home = await tempTree({ 'old.txt': 'old', 'sub/inner.txt': 'inner' })
  const users = { bob: { password: 'secret', profile: home }, carol: { password: 'secret', profile: home } }
  const system = new FakeWindows(users)
  return { home, system, authorizer: new WindowsAuthorizer(system) }
}

async function serve() {
  const { home, system, authorizer } = await setUp()
  const errors: string[] = []
  const onEvent = (event: FtpEvent) => {
    if (event.type === 'error') errors.push(String(event.error))
  }
  const server = await new FTPServer({ port: 0 }, FTPHandler, { authorizer, onEvent }).listen()
  return { home, system, authorizer, server, errors }
}

/** How often something is written in the diary. */
function count(system: FakeWindows, entry: string): number {
  return system.diary.filter((line) => line === entry).length
}

test('every call for a file is made as the user', async () => {
  const { home, system, server } = await serve()
  await using _ = server
  const seen = watchFiles(system, home)
  await using client = await RawClient.login(server.address, 'bob', 'secret')
  await client.store('STOR new.txt', 'new')
  await client.fetch('RETR new.txt')
  await client.fetch('LIST')
  await client.fetch('MLSD sub')
  for (const line of ['MKD made', 'CWD made', 'CDUP', 'RMD made', 'RNFR new.txt', 'RNTO newer.txt']) {
    expect((await client.command(line)).code, line).toBeLessThan(400)
  }
  for (const line of [
    'SITE CHMOD 600 newer.txt',
    'MFMT 20200101000000 newer.txt',
    'SIZE newer.txt',
    'DELE newer.txt',
  ]) {
    expect((await client.command(line)).code, line).toBeLessThan(400)
  }
  expect([...seen].filter((call) => !call.endsWith(' as bob'))).toEqual([])
  const names = [...seen].map((call) => call.split(' ')[0])
  expect(names).toEqual(expect.arrayContaining(['openSync', 'opendirSync', 'mkdirSync', 'rmdirSync', 'unlinkSync']))
  expect(names).toEqual(expect.arrayContaining(['renameSync', 'chmodSync', 'utimesSync', 'statSync']))
  expect(count(system, 'impersonate bob')).toBe(count(system, 'revert'))
  expect(count(system, 'logon bob')).toBe(1)
})

test('an operation that fails ends the impersonation too', async () => {
  const { system, server } = await serve()
  await using _ = server
  await using client = await RawClient.login(server.address, 'bob', 'secret')
  await client.command('RMD sub', 550)
  await client.command('SIZE missing.txt', 550)
  expect(system.acting).toBeUndefined()
  expect(count(system, 'impersonate bob')).toBeGreaterThan(1)
  expect(count(system, 'impersonate bob')).toBe(count(system, 'revert'))
})

describe('where Windows refuses', () => {
  test('to impersonate, the operation is not begun', async () => {
    const { home, system, server, errors } = await serve()
    await using _ = server
    await using client = await RawClient.login(server.address, 'bob', 'secret')
    const seen = watchFiles(system, home)
    system.refused.add('impersonate')
    await client.command('DELE old.txt', 451)
    await client.command('MKD made', 451)
    expect([...seen]).toEqual([])
    expect(fs.readdirSync(home).sort()).toEqual(['old.txt', 'sub'])
    expect(errors).toContainEqual(expect.stringContaining('impersonate failed with Windows error 5'))
  })

  test('to revert, the server says so and the next operation reverts again', async () => {
    const { system, server, errors } = await serve()
    await using _ = server
    await using client = await RawClient.login(server.address, 'bob', 'secret')
    system.refused.add('revert')
    await client.command('SIZE old.txt', 451)
    expect(system.acting).toBe('bob')
    expect(errors).toContainEqual(expect.stringContaining('revert failed with Windows error 5'))
    system.refused.delete('revert')
    await client.command('SIZE old.txt', 213)
    expect(system.acting).toBeUndefined()
  })
})

describe('a token', () => {
  test('is kept as long as the connection, and is nobody else’s', async () => {
    const { system, server } = await serve()
    await using _ = server
    const bob = await RawClient.login(server.address, 'bob', 'secret')
    const carol = await RawClient.login(server.address, 'carol', 'secret')
    expect(system.openTokens).toEqual(['bob', 'carol'])
    for (const [client, name] of [
      [bob, 'bob'],
      [carol, 'carol'],
      [bob, 'bob'],
    ] as const) {
      system.diary.length = 0
      await client.command('SIZE old.txt', 213)
      expect(new Set(system.diary)).toEqual(new Set([`impersonate ${name}`, 'revert']))
    }
    await bob.command('QUIT', 221)
    await vi.waitFor(() => expect(system.openTokens).toEqual(['carol']))
    await carol[Symbol.asyncDispose]()
    await vi.waitFor(() => expect(system.openTokens).toEqual([]))
  })

  test('outlives another connection of the same user', async () => {
    const { system, server } = await serve()
    await using _ = server
    const first = await RawClient.login(server.address, 'bob', 'secret')
    await using second = await RawClient.login(server.address, 'bob', 'secret')
    expect(system.openTokens).toEqual(['bob', 'bob'])
    await first[Symbol.asyncDispose]()
    await vi.waitFor(() => expect(system.openTokens).toEqual(['bob']))
    await second.command('SIZE old.txt', 213)
    expect(count(system, 'logon bob')).toBe(2)
  })

  test('is one only, however often a user logs in again', async () => {
    const { system, server } = await serve()
    await using _ = server
    await using client = await RawClient.login(server.address, 'bob', 'secret')
    for (let login = 0; login < 3; login++) {
      await client.command('USER bob', 331)
      await client.command('PASS secret', 230)
    }
    expect(system.openTokens).toEqual(['bob'])
    expect(count(system, 'logon bob')).toBe(4)
  })

  test('is not used for another password than its own', async () => {
    const { system, authorizer, server } = await serve()
    await using _ = server
    await using _client = await RawClient.login(server.address, 'bob', 'secret')
    expect(() => authorizer.impersonateUser('bob', 'wrong')).toThrow('LogonUserW failed')
    expect(system.acting).toBeUndefined()
  })

  test('is got anew for whoever has no connection any more', async () => {
    const { system, authorizer } = await setUp()
    authorizer.impersonateUser('bob', 'secret')
    expect(system.acting).toBe('bob')
    authorizer.terminateImpersonation('bob')
    expect(system.diary).toEqual(['logon bob', 'impersonate bob', 'revert', 'close bob'])
    system.refused.add('impersonate')
    expect(() => authorizer.impersonateUser('bob', 'secret')).toThrow('impersonate failed')
    expect(system.openTokens).toEqual([])
  })

  test('is not kept for a connection that closed during the login', async () => {
    const { system, authorizer } = await setUp()
    const handler = { signal: AbortSignal.abort() } as FTPHandler
    await authorizer.validateAuthentication('bob', 'secret', handler)
    expect(system.diary).toEqual(['logon bob', 'close bob'])
  })
})

describe('an impersonation within another one', () => {
  test('ends in the outer one, three deep', async () => {
    const { system, authorizer } = await setUp()
    const seen: (string | undefined)[] = []
    const note = () => seen.push(system.acting)
    const steps = ['bob', 'carol', 'bob']
    for (const name of steps) {
      authorizer.impersonateUser(name, 'secret')
      note()
    }
    for (const name of steps.toReversed()) {
      authorizer.terminateImpersonation(name)
      note()
    }
    expect(seen).toEqual(['bob', 'carol', 'bob', 'carol', 'bob', undefined])
  })

  test('leaves the outer one when it cannot begin', async () => {
    const { system, authorizer } = await setUp()
    authorizer.impersonateUser('bob', 'secret')
    system.refused.add('impersonate')
    expect(() => authorizer.impersonateUser('carol', 'secret')).toThrow('impersonate failed')
    expect([system.acting, system.openTokens]).toEqual(['bob', ['bob']])
    authorizer.terminateImpersonation('bob')
    expect(system.acting).toBeUndefined()
  })

  test('says so when the outer one cannot be had back, and stays no more than a user', async () => {
    const { system, authorizer } = await setUp()
    authorizer.impersonateUser('bob', 'secret')
    authorizer.impersonateUser('carol', 'secret')
    system.refused.add('impersonate')
    expect(() => authorizer.terminateImpersonation('carol')).toThrow('impersonate failed')
    expect(system.acting).toBe('carol')
    authorizer.terminateImpersonation('bob')
    expect(system.acting).toBeUndefined()
  })
})
