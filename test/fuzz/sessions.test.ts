import { mkdirSync, rmSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, vi } from 'vitest'
import { DummyAuthorizer, FTPHandler, FTPServer } from '../../src/server.ts'
import { calls } from '../support/directory-calls-spy.ts'
import { kernel } from '../support/sendfile-spy.ts'
import { system } from '../support/sockets-spy.ts'
import { TempDirectory } from '../support/temp-directory.ts'
import { holds } from './runs.ts'
import { scripts } from './sessions/commands.ts'
import { expectBack, holdings } from './sessions/leaks.ts'
import { PASSWORD } from './sessions/model.ts'
import { playSession } from './sessions/play.ts'

vi.mock('../../src/native/sockets.ts', async (importOriginal) => {
  const { system } = await import('../support/sockets-spy.ts')
  return system.watch(await importOriginal())
})
vi.mock('../../src/ioloop/clock.ts', async (importOriginal) => {
  const { system } = await import('../support/sockets-spy.ts')
  return system.wait(await importOriginal())
})
vi.mock('../../src/native/sendfile.ts', async (importOriginal) => {
  const { kernel } = await import('../support/sendfile-spy.ts')
  return kernel.watch(await importOriginal())
})
vi.mock('../../src/native/directory-calls.ts', async (importOriginal) => {
  const { calls } = await import('../support/directory-calls-spy.ts')
  return calls.watch(await importOriginal())
})

const USERS = ['alice', 'bob', 'carol']
const directory = new TempDirectory()
let server: FTPServer

beforeAll(async () => {
  const authorizer = new DummyAuthorizer()
  for (const user of USERS) {
    mkdirSync(directory.at(user))
    authorizer.addUser(user, PASSWORD, directory.at(user), { perm: 'elradfmwMT' })
  }
  server = await new FTPServer({ host: '127.0.0.1' }, FTPHandler, { authorizer, authFailedTimeout: 0 }).listen()
})

afterAll(async () => {
  await server.closeAll()
  directory[Symbol.dispose]()
})

/** Which fast ways there are, and whether connections are left unwatched until a command comes. */
const ways = fc.record({ isCold: fc.boolean(), isPatient: fc.boolean() })

const scriptsOfAll = fc
  .tuple(fc.constantFrom(1, 1, 1, 2, 3), ...USERS.map((user) => scripts(user)))
  .map(([count, ...all]) => all.slice(0, count))

async function play(script: Parameters<typeof playSession>[0], user: string): Promise<string> {
  const root = directory.at(user)
  rmSync(root, { recursive: true })
  mkdirSync(root)
  return playSession(script, { server, user, root })
}

holds(
  'whole sessions, several at once, go as the protocol has them, and leave nothing behind',
  fc.asyncProperty(ways, scriptsOfAll, async ({ isCold, isPatient }, scripts) => {
    for (const spy of [system, kernel, calls]) spy.reset()
    system.isAbsent = kernel.isAbsent = calls.isAbsent = isCold
    system.isPatient = isPatient
    const before = holdings(server)
    try {
      const said = await Promise.all(scripts.map((script, index) => play(script, USERS[index] ?? '')))
      await expectBack(server, before, `left behind:\n${said.join('\n')}`)
    } finally {
      // What is left of one that fails must not be held against the next.
      for (const session of server.sessions) await session.close()
    }
  }),
  { runs: 150 },
)
