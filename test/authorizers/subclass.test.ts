import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Authorizer } from '../../src/authorizers/authorizer.ts'
import { AuthenticationFailed, DummyAuthorizer } from '../../src/authorizers/index.ts'
import { FTPHandler } from '../../src/handlers/ftp-handler.ts'
import { FTPServer } from '../../src/servers/ftp-server.ts'
import { tempTree } from '../filesystems/temp-tree.ts'
import { RawClient } from '../support/raw-client.ts'

const derive = promisify<string, Buffer, number, Buffer>(scrypt)

interface Account {
  readonly salt: Buffer
  readonly hash: Buffer
  readonly home: string
}

/** Users of a database that takes its time and keeps no passwords. */
class AccountAuthorizer extends DummyAuthorizer {
  readonly #accounts = new Map<string, Account>()

  async register(username: string, password: string, home: string): Promise<void> {
    const salt = randomBytes(16)
    this.#accounts.set(username, { salt, hash: await derive(password, salt, 32), home })
  }

  override async validateAuthentication(username: string, password: string): Promise<void> {
    const account = await this.#find(username)
    if (account && timingSafeEqual(account.hash, await derive(password, account.salt, 32))) return
    throw new AuthenticationFailed()
  }

  override async hasUser(username: string): Promise<boolean> {
    return (await this.#find(username)) !== undefined
  }

  override async getHomeDir(username: string): Promise<string> {
    return (await this.#find(username))?.home ?? '/nowhere'
  }

  override async hasPerm(username: string, perm: string): Promise<boolean> {
    return (await this.getPerms(username)).includes(perm)
  }

  override async getPerms(username: string): Promise<string> {
    return (await this.hasUser(username)) ? 'elr' : ''
  }

  override async getMsgLogin(username: string): Promise<string> {
    await setImmediate()
    return `Welcome, ${username}.`
  }

  override async getMsgQuit(username: string): Promise<string> {
    await setImmediate()
    return `Farewell, ${username}.`
  }

  async #find(username: string): Promise<Account | undefined> {
    await setImmediate()
    return this.#accounts.get(username)
  }
}

function serve(authorizer: Authorizer): Promise<FTPServer> {
  return new FTPServer({ port: 0 }, FTPHandler, { authorizer, authFailedTimeout: 0 }).listen()
}

/** The text of the reply to a login. */
async function login(client: RawClient, username: string, password: string): Promise<string> {
  await client.command(`USER ${username}`, 331)
  return (await client.command(`PASS ${password}`)).text
}

async function connect(server: FTPServer): Promise<RawClient> {
  const client = await RawClient.connect(server.address)
  await client.expect(220)
  return client
}

describe('an asynchronous subclass with hashed passwords', () => {
  test('can be asked by itself', async () => {
    const authorizer = new AccountAuthorizer()
    await authorizer.register('carol', 'correct horse', '/')
    await expect(authorizer.validateAuthentication('carol', 'correct horse')).resolves.toBeUndefined()
    await expect(authorizer.validateAuthentication('carol', 'battery staple')).rejects.toThrow(AuthenticationFailed)
    await expect(authorizer.validateAuthentication('dave', 'correct horse')).rejects.toThrow(AuthenticationFailed)
    expect(await authorizer.hasUser('carol')).toBe(true)
    expect(await authorizer.hasUser('dave')).toBe(false)
  })

  test('lets its users into a server, with its texts and permissions', async () => {
    const authorizer = new AccountAuthorizer()
    await authorizer.register('carol', 'correct horse', await tempTree({ 'hello.txt': 'hello' }))
    await using server = await serve(authorizer)
    await using client = await connect(server)
    expect(await login(client, 'carol', 'correct horse')).toBe('230 Welcome, carol.')
    await client.command('TYPE I', 200)
    expect((await client.command('SIZE hello.txt')).text).toBe('213 5')
    await client.command('DELE hello.txt', 550)
    await client.command('SIZE hello.txt', 213)
    expect((await client.command('QUIT')).text).toBe('221 Farewell, carol.')
  })

  test('turns away a wrong password and an unknown user alike', async () => {
    const authorizer = new AccountAuthorizer()
    await authorizer.register('carol', 'correct horse', await tempTree())
    await using server = await serve(authorizer)
    await using client = await connect(server)
    expect(await login(client, 'carol', 'battery staple')).toBe('530 Authentication failed.')
    expect(await login(client, 'dave', 'correct horse')).toBe('530 Authentication failed.')
    expect(await login(client, 'carol', 'correct horse')).toBe('230 Welcome, carol.')
  })
})

test('a refusal of its own words reaches the client', async () => {
  class Closed extends DummyAuthorizer {
    override validateAuthentication(): never {
      throw new AuthenticationFailed('Closed on Sundays.')
    }
  }
  await using server = await serve(new Closed())
  await using client = await connect(server)
  expect(await login(client, 'alice', 'secret')).toBe('530 Closed on Sundays.')
})

test('a synchronous subclass may fall back on the users in memory', async () => {
  const home = await tempTree()
  class WithGuest extends DummyAuthorizer {
    override hasUser(username: string): boolean {
      return username === 'guest' || super.hasUser(username) === true
    }
    override validateAuthentication(username: string, password: string, handler: FTPHandler): void {
      if (username !== 'guest') void super.validateAuthentication(username, password, handler)
    }
    override getHomeDir(username: string): string {
      return username === 'guest' ? home : String(super.getHomeDir(username))
    }
    override getMsgLogin(): string {
      return 'Hello.'
    }
  }
  const authorizer = new WithGuest()
  authorizer.addUser('alice', 'secret', home)
  await using server = await serve(authorizer)
  await using client = await connect(server)
  expect(await login(client, 'alice', 'wrong')).toBe('530 Authentication failed.')
  expect(await login(client, 'guest', 'whatever')).toBe('230 Hello.')
})

test('something that is no DummyAuthorizer at all will do', async () => {
  const home = await tempTree()
  const everybody: Authorizer = {
    validateAuthentication: () => undefined,
    hasUser: () => true,
    hasPerm: async () => true,
    getPerms: () => 'elradfmwMT',
    getHomeDir: async () => home,
    getMsgLogin: () => 'In you go.',
    getMsgQuit: () => 'Out you go.',
    impersonateUser: () => undefined,
    terminateImpersonation: () => undefined,
  }
  await using server = await serve(everybody)
  await using client = await connect(server)
  expect(await login(client, 'anyone', 'anything')).toBe('230 In you go.')
  await client.command('MKD made', 257)
})

test('a user removed while he is logged in loses his permissions', async () => {
  const authorizer = new DummyAuthorizer()
  authorizer.addUser('alice', 'secret', await tempTree({ pub: null }), { perm: 'elradfmwMT' })
  await using server = await serve(authorizer)
  await using client = await connect(server)
  await login(client, 'alice', 'secret')
  await client.command('CWD pub', 250)
  authorizer.removeUser('alice')
  await client.command('CWD /', 550)
  await client.command('MKD made', 550)
  await client.command('QUIT', 221)
})

test('overridden permissions are those of where a link leads, and of its own place', async () => {
  const home = await tempTree({
    pub: null,
    closed: null,
    'to-pub': { link: 'pub' },
    'pub/to-closed': { link: '../closed' },
  })
  const authorizer = new DummyAuthorizer()
  authorizer.addUser('alice', 'secret', home)
  authorizer.overridePerm('alice', path.join(home, 'pub'), 'elrm', true)
  await using server = await serve(authorizer)
  await using client = await connect(server)
  await login(client, 'alice', 'secret')
  await client.command('MKD pub/made', 257)
  await client.command('MKD closed/made', 550)
  await client.command('MKD pub/to-closed/made', 550)
  await client.command('MKD to-pub/made-too', 550)
})
