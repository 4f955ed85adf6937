import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { UnixAuthorizer } from '../../src/authorizers/index.ts'
import type { FilesystemUser } from '../../src/filesystems/filesystem-user.ts'
import { UnixFilesystem } from '../../src/filesystems/index.ts'
import { FTPHandler } from '../../src/handlers/ftp-handler.ts'
import { FTPServer } from '../../src/servers/ftp-server.ts'
import { tempTree } from '../filesystems/temp-tree.ts'
import { RawClient } from '../support/raw-client.ts'
import { describeAsRoot, refused, systemUsers, type TestUser } from '../support/system-users.ts'

const SESSIONS = 3
const ROUNDS = 8

const { lent } = vi.hoisted(() => ({ lent: { thread: true } }))
vi.mock('../../src/native/thread-credentials.ts', async (original) => {
  const module = await original<typeof import('../../src/native/thread-credentials.ts')>()
  return { loadThreadCredentials: async () => (lent.thread ? module.loadThreadCredentials() : undefined) }
})

const identity = () => `${process.geteuid?.()} ${process.getegid?.()} ${process.getgroups?.()}`

/** Between any two steps of the server it has to be itself. */
async function identitiesUntil(done: Promise<unknown>): Promise<Set<string>> {
  const seen = new Set<string>()
  let going = true
  const stop = () => {
    going = false
  }
  done.then(stop, stop)
  for (; going; await setImmediate()) seen.add(identity())
  return seen
}

describeAsRoot('two users at once', () => {
  const { alice, bob } = systemUsers({ alice: {}, bob: {} })

  /** What one does with his own files must go well; with those of the other, and of root, it must not. */
  async function work(client: RawClient, me: TestUser, other: TestUser, own: string, root: string): Promise<void> {
    const content = `${me.name} ${own} `.repeat(2000)
    await client.command(`MKD ${own}`, 257)
    await client.command(`SITE CHMOD 700 ${own}`, 200)
    for (let round = 0; round < ROUNDS; round++) {
      await client.store(`STOR ${own}/file`, content)
      await client.command(`SITE CHMOD 600 ${own}/file`, 200)
      await refused(client, `STOR ${root}/new`)
      expect((await client.fetch(`RETR ${own}/file`)).toString()).toBe(content)
      await refused(client, `RETR ${root}/marker`)
      expect((await client.fetch(`LIST ${own}`)).toString()).toMatch(/ file\r\n/)
      await refused(client, `LIST ${other.home}/private`)
      await client.command(`DELE ${root}/marker`, 550)
      await client.command(`MKD ${other.home}/mine`, 550)
      await client.command(`RNFR ${own}/file`, 350)
      await client.command(`RNTO ${own}/file${round}`, 250)
      await client.command(`SITE CHMOD 777 ${root}/marker`, 550)
      await client.store(`APPE ${own}/file`, 'x')
      await client.command(`DELE ${own}/file`, 250)
    }
  }

  test.each(['thread', 'process'])('each stays himself, where a %s is lent', async (kind) => {
    lent.thread = kind === 'thread'
    const before = identity()
    const root = await tempTree({ marker: 'untouched' })
    writeFileSync(path.join(root, 'marker'), 'untouched', { mode: 0o600 })
    const tight = statSync(path.join(root, 'marker'))
    mkdirSync(path.join(alice.home, 'private'), { recursive: true, mode: 0o700 })
    mkdirSync(path.join(bob.home, 'private'), { recursive: true, mode: 0o700 })
    const options = { authorizer: new UnixAuthorizer(), abstractedFs: UnixFilesystem, maxConsPerIp: 0 }
    await using server = await new FTPServer({ port: 0 }, FTPHandler, options).listen()
    const session = async (me: TestUser, other: TestUser, number: number) => {
      await using client = await RawClient.login(server.address, me.name, 'secret')
      await work(client, me, other, `${kind}${number}`, root)
    }
    const numbers = Array.from({ length: SESSIONS }, (_, number) => number)
    const all = Promise.all(numbers.flatMap((number) => [session(alice, bob, number), session(bob, alice, number)]))
    expect(await identitiesUntil(all)).toEqual(new Set([before]))
    await all
    expect(identity()).toBe(before)
    expect(readdirSync(root)).toEqual(['marker'])
    expect(readFileSync(path.join(root, 'marker'), 'utf8')).toBe('untouched')
    expect(statSync(path.join(root, 'marker')).ctimeMs).toBe(tight.ctimeMs)
    for (const user of [alice, bob]) {
      const names = readdirSync(user.home, { recursive: true, encoding: 'utf8' })
      const owned = names.filter((name) => name.startsWith(kind)).map((name) => lstatSync(path.join(user.home, name)))
      expect(owned).toHaveLength(SESSIONS * (ROUNDS + 1))
      for (const { uid, gid } of owned) expect([uid, gid]).toEqual([user.uid, user.gid])
    }
  })

  test.each(['thread', 'process'])('an operation within an operation leaves the outer one his: %s', async (kind) => {
    lent.thread = kind === 'thread'
    class Marking extends UnixFilesystem {
      readonly #user: FilesystemUser

      constructor(root: string, user: FilesystemUser) {
        super(root, user)
        this.#user = user
      }

      override mkdir(name: string) {
        return this.#user.runAsCurrentUser(() => {
          const hostPath = this.ftp2fs(name)
          writeFileSync(`${hostPath}.before`, '')
          super.mkdir(name)
          writeFileSync(`${hostPath}/.keep`, '')
        })
      }
    }
    const before = identity()
    const options = { authorizer: new UnixAuthorizer(), abstractedFs: Marking }
    await using server = await new FTPServer({ port: 0 }, FTPHandler, options).listen()
    await using client = await RawClient.login(server.address, alice.name, 'secret')
    await client.command(`MKD marked-${kind}`, 257)
    const made = ['.before', '', '/.keep'].map((name) => lstatSync(path.join(alice.home, `marked-${kind}${name}`)))
    expect(made.map(({ uid, gid }) => [uid, gid])).toEqual(made.map(() => [alice.uid, alice.gid]))
    expect(identity()).toBe(before)
  })
})
