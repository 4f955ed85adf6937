import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { WindowsAuthorizer, type WindowsAuthorizerOptions } from '../../src/authorizers/index.ts'
import { FTPHandler } from '../../src/handlers/ftp-handler.ts'
import { FTPServer } from '../../src/servers/ftp-server.ts'
import { tempTree } from '../filesystems/temp-tree.ts'
import { RawClient } from '../support/raw-client.ts'
import { FakeWindows } from './fake-windows.ts'

/** Bob and Carol, whose profile directories are there, Dave who has none, and Guest without a password. */
async function windows(): Promise<FakeWindows> {
  const base = await tempTree({ 'bob/own.txt': 'bob', 'carol/own.txt': 'carol', 'guest/pub.txt': 'pub' })
  return new FakeWindows({
    bob: { password: 'secret', profile: path.join(base, 'bob') },
    carol: { password: 'hidden', profile: path.join(base, 'carol') },
    Guest: { password: '', profile: path.join(base, 'guest') },
    dave: { password: 'secret' },
  })
}

function serve(authorizer: WindowsAuthorizer): Promise<FTPServer> {
  return new FTPServer({ port: 0 }, FTPHandler, { authorizer, authFailedTimeout: 0, maxLoginAttempts: 9 }).listen()
}

/** Serves, connects, and gives the texts of the replies to some logins, one after the other. */
async function logins(authorizer: WindowsAuthorizer, ...attempts: readonly string[]): Promise<string[]> {
  await using server = await serve(authorizer)
  const texts: string[] = []
  for (const attempt of attempts) {
    await using client = await RawClient.connect(server.address)
    await client.expect(220)
    const [name, password] = attempt.split(':')
    await client.command(`USER ${name}`, 331)
    texts.push((await client.command(`PASS ${password}`)).text)
  }
  return texts
}

const WELCOME = '230 Login successful.'
const REFUSED = '530 Authentication failed.'

describe('a login', () => {
  test('takes the password that Windows takes, once for each connection', async () => {
    const system = await windows()
    const attempts = ['bob:secret', 'bob:wrong', 'bob:', 'nobody:secret', 'anonymous:guest']
    expect(await logins(new WindowsAuthorizer(system), ...attempts)).toEqual([
      WELCOME,
      REFUSED,
      REFUSED,
      REFUSED,
      '530 Anonymous access not allowed.',
    ])
    expect(system.diary).toEqual(['logon bob', 'close bob'])
  })

  test('needs a password, even where Windows needs none', async () => {
    const system = await windows()
    const authorizer = new WindowsAuthorizer(system, { anonymousUser: 'Guest', anonymousPassword: '' })
    expect(await logins(authorizer, 'Guest:', 'GUEST:', 'anonymous:')).toEqual([REFUSED, REFUSED, WELCOME])
    authorizer.overrideUser('Guest', { password: 'ftp-only', windowsPassword: '' })
    expect(await logins(authorizer, 'Guest:', 'Guest:ftp-only')).toEqual([REFUSED, WELCOME])
  })

  test('starts in the profile directory', async () => {
    const authorizer = new WindowsAuthorizer(await windows())
    await using server = await serve(authorizer)
    await using client = await RawClient.login(server.address, 'carol', 'hidden')
    await client.command('SIZE own.txt', 213)
    expect((await client.command('SIZE own.txt')).text).toBe('213 5')
  })

  test('needs a profile directory, or another home', async () => {
    const authorizer = new WindowsAuthorizer(await windows())
    expect(await logins(authorizer, 'dave:secret')).toEqual(['530 User dave has no home directory.'])
    expect(() => authorizer.getHomeDir('dave')).toThrow("no profile directory for user 'dave'")
    authorizer.overrideUser('dave', { homeDir: await tempTree() })
    expect(await logins(authorizer, 'dave:secret')).toEqual([WELCOME])
  })

  test('is refused by name, in whatever way the name is written', async () => {
    const authorizer = new WindowsAuthorizer(await windows(), { rejectedUsers: ['Bob'] })
    const attempts = ['bob', 'BOB', 'PC\\bob', '.\\bob', 'bob@pc', 'carol'].map((name) => `${name}:secret`)
    const texts = await logins(authorizer, ...attempts)
    expect(texts.map((text) => / is not allowed to login\.$/.test(text))).toEqual([true, true, true, true, true, false])
    expect(await logins(authorizer, 'carol:hidden')).toEqual([WELCOME])
    expect(authorizer.hasUser('PC\\bob')).toBe(false)
  })

  test('is for those allowed, in whatever way the name is written', async () => {
    const authorizer = new WindowsAuthorizer(await windows(), { allowedUsers: ['PC\\bob'] })
    expect(await logins(authorizer, 'BOB:secret', 'carol:hidden')).toEqual([
      WELCOME,
      '530 User carol is not allowed to login.',
    ])
  })

  test('is no login where something else than a refusal went wrong', async () => {
    class Broken extends FakeWindows {
      override logon(): never {
        throw new TypeError('not a function')
      }
    }
    const broken = new Broken({ bob: { password: 'secret', profile: '/' } })
    const login = new WindowsAuthorizer(broken).validateAuthentication('bob', 'secret', {} as FTPHandler)
    await expect(login).rejects.toThrow(TypeError)
  })
})

describe('anonymous', () => {
  const anonymous: WindowsAuthorizerOptions = { anonymousUser: 'Guest', anonymousPassword: '' }

  test('reads as the Windows user set for it, with any password', async () => {
    const system = await windows()
    const authorizer = new WindowsAuthorizer(system, anonymous)
    expect(system.diary).toEqual(['logon Guest', 'close Guest'])
    await using server = await serve(authorizer)
    await using client = await RawClient.login(server.address, 'anonymous', 'me@example.org')
    await client.command('SIZE pub.txt', 213)
    await client.command('MKD made', 550)
    expect(system.diary).toContain('impersonate Guest')
    expect(system.diary.some((line) => line.includes('bob'))).toBe(false)
  })

  test.each<[WindowsAuthorizerOptions, string]>([
    [{ anonymousUser: 'Guest' }, 'anonymousUser has to go with anonymousPassword'],
    [{ anonymousPassword: '' }, 'anonymousPassword has to go with anonymousUser'],
    [{ anonymousUser: 'Guest', anonymousPassword: 1 as unknown as string }, 'anonymousPassword: expected a string'],
    [{ anonymousUser: 'Guest', anonymousPassword: 'x' }, "'Guest' cannot log on to Windows: LogonUserW failed"],
    [{ anonymousUser: 'nobody', anonymousPassword: '' }, "no such user: 'nobody'"],
  ])('with %o is a mistake', async (options, message) => {
    const system = await windows()
    expect(() => new WindowsAuthorizer(system, options)).toThrow(message)
  })

  test('is refused when Windows no longer takes the password', async () => {
    const system = await windows()
    const authorizer = new WindowsAuthorizer(system, anonymous)
    system.refused.add('logon')
    expect(await logins(authorizer, 'anonymous:x')).toEqual([REFUSED])
  })

  test('moves to another user, whose password has to be right', async () => {
    const authorizer = new WindowsAuthorizer(await windows(), anonymous)
    expect(() => authorizer.overrideUser(undefined, { anonymousUser: 'bob' })).toThrow('anonymousPassword')
    const wrong = { anonymousUser: 'bob', anonymousPassword: 'wrong' }
    expect(() => authorizer.overrideUser(undefined, wrong)).toThrow("'bob' cannot log on to Windows")
    authorizer.overrideUser(undefined, { anonymousUser: 'bob', anonymousPassword: 'secret' })
    await using server = await serve(authorizer)
    await using client = await RawClient.login(server.address, 'anonymous', 'x')
    await client.command('SIZE own.txt', 213)
  })

  test('has nothing to do with a Windows user of that name', async () => {
    const base = await tempTree({ 'named/own.txt': 'named', 'guest/pub.txt': 'pub' })
    const system = new FakeWindows({
      Anonymous: { password: 'secret', profile: path.join(base, 'named') },
      Guest: { password: '', profile: path.join(base, 'guest') },
    })
    const refused = '530 Anonymous access not allowed.'
    expect(await logins(new WindowsAuthorizer(system), 'anonymous:secret')).toEqual([refused])
    const authorizer = new WindowsAuthorizer(system, anonymous)
    authorizer.overrideUser('Anonymous', { password: 'ftp-only', windowsPassword: 'secret' })
    authorizer.overrideUser('anonymous', { msgLogin: 'Hello, stranger.' })
    const attempts = ['anonymous:x', 'Anonymous:x', 'Anonymous:ftp-only']
    expect(await logins(authorizer, ...attempts)).toEqual(['230 Hello, stranger.', REFUSED, WELCOME])
  })
})

describe('overrideUser', () => {
  test('gives another password for clients, and Windows its own', async () => {
    const system = await windows()
    const authorizer = new WindowsAuthorizer(system)
    authorizer.overrideUser('bob', { password: 'ftp-only', windowsPassword: 'secret' })
    expect(await logins(authorizer, 'bob:secret')).toEqual([REFUSED])
    await using server = await serve(authorizer)
    await using client = await RawClient.login(server.address, 'BOB', 'ftp-only')
    await client.command('SIZE own.txt', 213)
    expect(system.diary).toContain('impersonate bob')
  })

  test('forgets the password with the next call', async () => {
    const authorizer = new WindowsAuthorizer(await windows())
    authorizer.overrideUser('bob', { password: 'ftp-only', windowsPassword: 'secret' })
    authorizer.overrideUser('PC\\bob', { msgLogin: 'Hello.' })
    expect(await logins(authorizer, 'bob:ftp-only', 'bob:secret')).toEqual([REFUSED, '230 Hello.'])
  })

  test.each([
    [{ password: 'ftp-only' }, 'password has to go with windowsPassword'],
    [{ windowsPassword: 'secret' }, 'windowsPassword has to go with password'],
    [{ password: 'ftp-only', windowsPassword: 'wrong' }, "'bob' cannot log on to Windows"],
    [{ password: 1 as unknown as string, windowsPassword: 'secret' }, 'password: expected a string'],
  ])('of %o is a mistake', async (override, message) => {
    const authorizer = new WindowsAuthorizer(await windows())
    expect(() => authorizer.overrideUser('bob', override)).toThrow(message)
    expect(await logins(authorizer, 'bob:secret', 'bob:ftp-only')).toEqual([WELCOME, REFUSED])
  })

  test('sets home, permissions and texts apart', async () => {
    const authorizer = new WindowsAuthorizer(await windows(), { msgLogin: 'Hi.', globalPerm: 'elr' })
    authorizer.overrideUser('bob', { homeDir: await tempTree({ 'here.txt': '' }), perm: 'elrm', msgQuit: 'So long.' })
    await using server = await serve(authorizer)
    await using client = await RawClient.login(server.address, 'bob', 'secret')
    await client.command('SIZE here.txt', 213)
    await client.command('MKD made', 257)
    expect((await client.command('QUIT')).text).toBe('221 So long.')
    expect(authorizer.getPerms('carol')).toBe('elr')
  })
})

test('an unknown option is named', async () => {
  const system = await windows()
  const options = { requireValidShell: true } as WindowsAuthorizerOptions
  expect(() => new WindowsAuthorizer(system, options)).toThrow('requireValidShell: unknown option')
})
