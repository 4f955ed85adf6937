import { expect, test } from 'vitest'
import {
  AuthenticationFailed,
  AuthorizerError,
  UnixAuthorizer,
  type UnixAuthorizerOptions,
} from '../../src/authorizers/index.ts'
import { loadPasswordCheck } from '../../src/authorizers/unix-passwords.ts'
import { FTPHandler } from '../../src/handlers/ftp-handler.ts'
import { FTPServer } from '../../src/servers/ftp-server.ts'
import { RawClient, type WireReply } from '../support/raw-client.ts'
import { describeAsRoot, manage, SECRET, systemUsers, threadUserIds } from '../support/system-users.ts'

const FAILED = '530 Authentication failed.'

function serve(authorizer: UnixAuthorizer) {
  return new FTPServer({ port: 0 }, FTPHandler, { authorizer, authFailedTimeout: 0 }).listen()
}

async function logIn(authorizer: UnixAuthorizer, username: string, password: string): Promise<WireReply> {
  await using server = await serve(authorizer)
  await using client = await RawClient.connect(server.address)
  await client.expect(220)
  await client.command(`USER ${username}`, 331)
  return await client.command(`PASS ${password}`)
}

describeAsRoot('a user of the system', () => {
  const users = systemUsers({
    yescrypt: { hash: SECRET.yescrypt },
    sha512: { hash: SECRET.sha512 },
    sha256: { hash: SECRET.sha256 },
    bcrypt: { hash: SECRET.bcrypt },
    md5: { hash: SECRET.md5 },
    des: { hash: SECRET.des },
    locked: { hash: `!${SECRET.sha512}` },
    starred: { hash: '*' },
    empty: { hash: '' },
    expired: { expires: '2020-01-01' },
    noshell: { shell: '/usr/sbin/nologin' },
  })
  const { sha512: alice, md5: bob } = users
  const hashed = Object.keys(SECRET) as (keyof typeof SECRET)[]
  const shutOut = ['locked', 'starred', 'empty', 'expired'] as const

  test.each(hashed)('logs in with a password hashed by %s, and with no other', async (kind) => {
    const { name } = users[kind]
    expect(await logIn(new UnixAuthorizer(), name, 'secret')).toMatchObject({ text: '230 Login successful.' })
    expect(await logIn(new UnixAuthorizer(), name, 'Secret')).toMatchObject({ text: FAILED })
  })

  test.each(hashed)('is known by libcrypt too, where there is no helper: %s', async (kind) => {
    const check = await loadPasswordCheck([])
    const passwords = ['secret', 'Secret', '', 'secre', 'secret\0', 'secret\0more']
    const taken = await Promise.all(passwords.map((password) => check(users[kind].name, password)))
    expect(taken).toEqual([true, false, false, false, false, false])
  })

  test.each(shutOut)('does not log in when his account is %s', async (kind) => {
    const { name } = users[kind]
    const libcrypt = await loadPasswordCheck([])
    for (const password of ['secret', '', '*', '!', SECRET.sha512]) {
      expect(await logIn(new UnixAuthorizer(), name, password)).toMatchObject({ text: FAILED })
      expect(await libcrypt(name, password)).toBe(false)
    }
  })

  test('does not log in once his password is too old', async () => {
    const { name } = users.sha256
    const libcrypt = await loadPasswordCheck([])
    const helper = await loadPasswordCheck()
    expect([await helper(name, 'secret'), await libcrypt(name, 'secret')]).toEqual([true, true])
    await manage('chage', '-d', '2020-01-01', '-M', '10', name)
    expect([await helper(name, 'secret'), await libcrypt(name, 'secret')]).toEqual([false, false])
    await manage('chage', '-M', '-1', name)
  })

  test('gets no more from a NUL behind his password', async () => {
    const check = await loadPasswordCheck()
    expect([await check(alice.name, 'secret'), await check(alice.name, 'secret\0')]).toEqual([true, false])
  })

  test.each(['nosuchuser', '0', '-h', 'a:b', '..', 'root:x'])('is not one who is not there: %j', async (name) => {
    expect(await logIn(new UnixAuthorizer(), name, 'secret')).toMatchObject({ text: FAILED })
  })

  test.each(['root\0', '-', '', '\n', 'a/b'])('is not one whose name can be none: %j', async (name) => {
    const login = new UnixAuthorizer().validateAuthentication(name, 'secret', {} as FTPHandler)
    await expect(login).rejects.toThrow(AuthenticationFailed)
  })

  test('is lent to the main thread, and to no other that reads a file meanwhile', async () => {
    const authorizer = new UnixAuthorizer()
    await authorizer.validateAuthentication(alice.name, 'secret', {} as FTPHandler)
    authorizer.impersonateUser(alice.name, 'secret')
    const during = threadUserIds()
    authorizer.terminateImpersonation(alice.name)
    expect(during.filter((uid) => uid === alice.uid)).toHaveLength(1)
  })

  test('without a valid shell is told so only when his password is right', async () => {
    const { name } = users.noshell
    const refusal = `530 User ${name} doesn't have a valid shell.`
    expect(await logIn(new UnixAuthorizer(), name, 'secret')).toMatchObject({ text: refusal })
    expect(await logIn(new UnixAuthorizer(), name, 'wrong')).toMatchObject({ text: FAILED })
    expect(await logIn(new UnixAuthorizer({ requireValidShell: false }), name, 'secret')).toMatchObject({ code: 230 })
  })

  test('without a valid shell can be neither an allowed one nor one with overrides', () => {
    const { name } = users.noshell
    expect(() => new UnixAuthorizer({ allowedUsers: [name] })).toThrow(AuthorizerError)
    expect(() => new UnixAuthorizer().overrideUser(name, { perm: 'elr' })).toThrow('has no valid shell')
    new UnixAuthorizer({ allowedUsers: [name], requireValidShell: false }).overrideUser(name, { perm: 'elr' })
  })

  test('is let in by the lists', async () => {
    const only = (options: UnixAuthorizerOptions, name: string) => logIn(new UnixAuthorizer(options), name, 'secret')
    expect(await only({ allowedUsers: [alice.name] }, alice.name)).toMatchObject({ code: 230 })
    expect(await only({ rejectedUsers: [alice.name] }, bob.name)).toMatchObject({ code: 230 })
    const refusals = { [alice.name]: { rejectedUsers: [alice.name] }, [bob.name]: { allowedUsers: [alice.name] } }
    for (const [name, options] of Object.entries(refusals)) {
      expect(await only(options, name)).toMatchObject({ text: `530 User ${name} is not allowed to login.` })
    }
  })

  test('must exist to be named in an option', () => {
    for (const options of [{ allowedUsers: ['nosuchuser'] }, { rejectedUsers: ['0'] }, { anonymousUser: '-h' }]) {
      expect(() => new UnixAuthorizer(options)).toThrow('no such user')
    }
  })

  test('logs in with an overridden password instead of his own', async () => {
    const authorizer = new UnixAuthorizer()
    authorizer.overrideUser(alice.name, { password: 'other', msgLogin: 'Hello, Alice.' })
    expect(await logIn(authorizer, alice.name, 'secret')).toMatchObject({ text: FAILED })
    expect(await logIn(authorizer, alice.name, 'other')).toMatchObject({ text: '230 Hello, Alice.' })
    expect(await logIn(authorizer, bob.name, 'secret')).toMatchObject({ text: '230 Login successful.' })
  })

  test('serves anonymous, whatever the shell, and any password will do', async () => {
    const authorizer = new UnixAuthorizer({ anonymousUser: users.noshell.name })
    expect(await logIn(authorizer, 'anonymous', 'me@example.org')).toMatchObject({ code: 230 })
    expect(await authorizer.getHomeDir('anonymous')).toBe(users.noshell.home)
    expect(await logIn(new UnixAuthorizer(), 'anonymous', '')).toMatchObject({
      text: '530 Anonymous access not allowed.',
    })
  })

  test('starts in his home as it is in the password file, and in an overridden one', async () => {
    const authorizer = new UnixAuthorizer()
    expect(await authorizer.getHomeDir(alice.name)).toBe(alice.home)
    authorizer.overrideUser(alice.name, { homeDir: bob.home })
    expect(await authorizer.getHomeDir(alice.name)).toBe(bob.home)
    await expect(async () => authorizer.getHomeDir('nosuchuser')).rejects.toThrow("no such user: 'nosuchuser'")
  })

  test('cannot be impersonated before he has logged in', () => {
    expect(() => new UnixAuthorizer().impersonateUser(alice.name, 'secret')).toThrow('has not logged in')
  })
})
