import type { ChildProcess } from 'node:child_process'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { UnixAuthorizer } from '../../src/authorizers/index.ts'
import type { FtpEvent } from '../../src/handlers/events.ts'
import { FTPHandler } from '../../src/handlers/ftp-handler.ts'
import { FTPServer } from '../../src/servers/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'
import { describeAsRoot, systemUsers } from '../support/system-users.ts'

/** Which programs hang, how much faster than real their time limit passes, and those that were started. */
const { system } = vi.hoisted(() => {
  const started: ChildProcess[] = []
  return { system: { hanging: new Set<string>(), speed: 1, started } }
})

vi.mock('node:child_process', async (original) => {
  const real = await original<typeof import('node:child_process')>()
  const hangs = (program: unknown) => system.hanging.has(path.basename(String(program)))
  const hurried = (options: { timeout?: number } = {}) => ({
    ...options,
    timeout: (options.timeout ?? 0) / system.speed,
  })
  const execFile = (program: string, args: string[], options: object, done: () => void) => {
    if (!hangs(program)) return real.execFile(program, args, options, done)
    const child = real.execFile('sleep', ['600'], hurried(options), done)
    system.started.push(child)
    return child
  }
  const spawnSync = (program: string, args: string[], options: object) =>
    hangs(program) ? real.spawnSync('sleep', ['5'], hurried(options)) : real.spawnSync(program, args, options)
  return { ...real, execFile, spawnSync }
})

afterEach(() => {
  system.hanging.clear()
  for (const child of system.started.splice(0)) child.kill('SIGKILL')
})

async function serve() {
  const errors: string[] = []
  const onEvent = (event: FtpEvent) => {
    if (event.type === 'error') errors.push(String(event.error))
  }
  const options = { authorizer: new UnixAuthorizer(), authFailedTimeout: 0, onEvent }
  return { errors, server: await new FTPServer({ port: 0 }, FTPHandler, options).listen() }
}

describeAsRoot('a program of the system that hangs', () => {
  const { alice } = systemUsers({ alice: {} })

  test.each([
    ['unix_chkpwd', () => alice.name, 230],
    ['id', () => alice.name, 230],
    ['getent', () => 'nosuchuser', 530],
  ])('ends, and with it the login: %s', async (program, username, later) => {
    const { errors, server } = await serve()
    await using _ = server
    await using client = await RawClient.connect(server.address)
    await client.expect(220)
    await client.command(`USER ${username()}`, 331)
    Object.assign(system, { speed: 200 }).hanging.add(program)
    await client.command('PASS secret', 451)
    expect(errors).toEqual([expect.stringMatching(`^AuthorizerError: .*${program} did not end within 10 seconds$`)])
    expect(system.started.map((child) => child.signalCode)).toEqual(['SIGKILL'])
    system.hanging.clear()
    await client.command('PASS secret', later)
  })

  test('ends where the server has to wait for it', () => {
    const authorizer = new UnixAuthorizer()
    Object.assign(system, { speed: 200 }).hanging.add('getent')
    expect(() => authorizer.hasUser('nosuchuser')).toThrow('getent did not end within 10 seconds')
  })

  type Leave = (client: RawClient, server: FTPServer) => unknown
  const reset: Leave = (client) => client.socket.resetAndDestroy()
  const shutDown: Leave = (_client, server) => server.closeAll()

  test.each<[string, string, () => string, Leave]>([
    ['unix_chkpwd', 'reset', () => alice.name, reset],
    ['id', 'reset', () => alice.name, reset],
    ['getent', 'reset', () => 'nosuchuser', reset],
    ['unix_chkpwd', 'closed by the server', () => alice.name, shutDown],
  ])('ends with the connection, which is no error: %s, %s', async (program, _how, username, leave) => {
    const { errors, server } = await serve()
    await using _ = server
    await using client = await RawClient.connect(server.address)
    await client.expect(220)
    await client.command(`USER ${username()}`, 331)
    Object.assign(system, { speed: 1 }).hanging.add(program)
    client.send('PASS secret')
    const child = await vi.waitUntil(() => system.started[0])
    await leave(client, server)
    await vi.waitUntil(() => child.signalCode === 'SIGKILL', { timeout: 5000 })
    await server.closeAll()
    expect(errors).toEqual([])
  })
})
