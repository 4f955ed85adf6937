import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import {
  AuthenticationFailed,
  AuthorizerError,
  SystemAuthorizer,
  type SystemAuthorizerOptions,
} from '../../src/authorizers/index.ts'
import type { FTPHandler } from '../../src/handlers/ftp-handler.ts'
import { FtpFixtureError } from '../../src/options/error.ts'
import { tempTree } from '../filesystems/temp-tree.ts'

const handler = {} as FTPHandler

/** A system with a few users, who write their names in any case and have them for passwords. */
class SmallSystem extends SystemAuthorizer {
  readonly asked: string[] = []

  constructor(base: string, options: SystemAuthorizerOptions = {}, ownOptions?: readonly string[]) {
    const names = ['alice', 'bob', 'guest', 'homeless']
    const users = {
      has: (username: string) => names.includes(username.toLowerCase()),
      plainName: (username: string) => username.toLowerCase(),
      homeDir: (username: string) => path.join(base, username),
    }
    super(users, options, ownOptions)
  }

  protected override async checkPassword(username: string, password: string): Promise<boolean> {
    this.asked.push(username)
    await setImmediate()
    return username.toLowerCase() === password
  }

  override impersonateUser(): void {}
  override terminateImpersonation(): void {}
}

async function small(options?: SystemAuthorizerOptions) {
  const base = await tempTree({ alice: null, bob: null, guest: null, other: null, link: { link: 'other' } })
  return { base, authorizer: new SmallSystem(base, options) }
}

const validate = (authorizer: SystemAuthorizer, username: string, password: string) =>
  authorizer.validateAuthentication(username, password, handler)

describe('options', () => {
  const mistakes: readonly (readonly [SystemAuthorizerOptions, string])[] = [
    [{ globalPerm: 'elx' }, "no such permission 'x', expected letters of elradfmwMT"],
    [{ allowedUsers: ['alice'], rejectedUsers: ['bob'] }, 'allowedUsers and rejectedUsers exclude each other'],
    [{ allowedUsers: ['anonymous'] }, "'anonymous' cannot be listed: see anonymousUser"],
    [{ rejectedUsers: ['anonymous'] }, "'anonymous' cannot be listed: see anonymousUser"],
    [{ allowedUsers: ['alice', 'carol'] }, "no such user: 'carol'"],
    [{ rejectedUsers: ['carol'] }, "no such user: 'carol'"],
    [{ anonymousUser: 'carol' }, "no such user: 'carol'"],
    [{ anonymousUser: 'anonymous' }, "no such user: 'anonymous'"],
    [{ anonymousUser: 'guest', rejectedUsers: ['guest'] }, "no such user: 'guest'"],
    [{ anonymousUser: 'homeless' }, 'no such directory'],
  ]
  test.each(mistakes)('%j is a mistake', async (options, message) => {
    const base = await tempTree({ guest: null })
    expect(() => new SmallSystem(base, options)).toThrow(AuthorizerError)
    expect(() => new SmallSystem(base, options)).toThrow(message)
  })

  test.each([
    [{ rejectUsers: [] }, 'rejectUsers: unknown option; did you mean "rejectedUsers"?'],
    [{ allowedUsers: 'alice' }, 'allowedUsers: expected a list of user names, found "alice"'],
    [{ globalPerm: null }, 'globalPerm: expected a string, found null'],
    [{ msgLogin: 1 }, 'msgLogin: expected a string, found 1'],
    ['elr', 'options: expected an object'],
  ])('%j is refused by name', (options, message) => {
    expect(() => new SmallSystem('/', options as SystemAuthorizerOptions)).toThrow(FtpFixtureError)
    expect(() => new SmallSystem('/', options as SystemAuthorizerOptions)).toThrow(message)
  })

  test('of a subclass are left to it', () => {
    const options = { requireSmile: true } as SystemAuthorizerOptions
    expect(() => new SmallSystem('/', options)).toThrow('requireSmile')
    new SmallSystem('/', options, ['requireSmile'])
  })

  test('all have defaults', async () => {
    const { authorizer } = await small()
    expect(await authorizer.getPerms('alice')).toBe('elradfmwMT')
    expect([await authorizer.getMsgLogin('alice'), await authorizer.getMsgQuit('alice')]).toEqual([
      'Login successful.',
      'Goodbye.',
    ])
  })

  test('hold for everybody, permissions for all but anonymous', async () => {
    const options = { globalPerm: 'elw', anonymousUser: 'guest', msgLogin: 'Hi.', msgQuit: 'Bye.' }
    const { base, authorizer } = await small(options)
    expect([authorizer.getPerms('bob'), authorizer.getPerms('anonymous')]).toEqual(['elw', 'elr'])
    expect([authorizer.hasPerm('bob', 'w'), authorizer.hasPerm('bob', 'r')]).toEqual([true, false])
    expect([authorizer.hasPerm('anonymous', 'r'), authorizer.hasPerm('anonymous', 'w')]).toEqual([true, false])
    expect([authorizer.getMsgLogin('anonymous'), authorizer.getMsgQuit('bob')]).toEqual(['Hi.', 'Bye.'])
    expect(authorizer.getHomeDir('anonymous')).toBe(path.join(base, 'guest'))
  })
})

describe('a login', () => {
  test('is decided by the system', async () => {
    const { authorizer } = await small()
    await validate(authorizer, 'alice', 'alice')
    await expect(validate(authorizer, 'alice', 'wrong')).rejects.toThrow(AuthenticationFailed)
    expect(authorizer.asked).toEqual(['alice', 'alice'])
  })

  test('fails with one text for an unknown user and a wrong password', async () => {
    const { authorizer } = await small()
    for (const name of ['alice', 'nobody']) {
      await expect(validate(authorizer, name, 'wrong')).rejects.toThrow(/^Authentication failed\.$/)
    }
  })

  test('of anonymous asks for nothing, but needs a user to work as', async () => {
    const { authorizer } = await small()
    await expect(validate(authorizer, 'anonymous', '')).rejects.toThrow('Anonymous access not allowed.')
    const { authorizer: open } = await small({ anonymousUser: 'guest', allowedUsers: ['guest'] })
    await validate(open, 'anonymous', 'anything')
    expect(open.asked).toEqual([])
  })

  test.each([{ allowedUsers: ['alice'] }, { rejectedUsers: ['bob'] }])(
    'minds %j, however the name is written',
    async (options) => {
      const { authorizer } = await small(options)
      await validate(authorizer, 'alice', 'alice')
      await validate(authorizer, 'ALICE', 'alice')
      for (const name of ['bob', 'BOB']) {
        await expect(validate(authorizer, name, 'bob')).rejects.toThrow(`User ${name} is not allowed to login.`)
      }
      expect(authorizer.asked).not.toContain('bob')
      expect([authorizer.hasUser('alice'), authorizer.hasUser('bob'), authorizer.hasUser('carol')]).toEqual([
        true,
        false,
        false,
      ])
    },
  )
})

describe('overrideUser', () => {
  test('changes one user and no other, however the name is written', async () => {
    const { base, authorizer } = await small()
    authorizer.overrideUser('Alice', {
      password: 'new',
      homeDir: path.join(base, 'link'),
      perm: 'elr',
      msgLogin: 'Hi.',
      msgQuit: 'Bye.',
    })
    expect([authorizer.getPerms('alice'), authorizer.getPerms('bob')]).toEqual(['elr', 'elradfmwMT'])
    expect(authorizer.getHomeDir('alice')).toBe(path.join(base, 'other'))
    expect(authorizer.getHomeDir('bob')).toBe(path.join(base, 'bob'))
    expect([authorizer.getMsgLogin('alice'), authorizer.getMsgQuit('alice')]).toEqual(['Hi.', 'Bye.'])
    expect(authorizer.getMsgLogin('bob')).toBe('Login successful.')
    await validate(authorizer, 'ALICE', 'new')
    await expect(validate(authorizer, 'alice', 'alice')).rejects.toThrow('Authentication failed.')
    expect(authorizer.asked).toEqual([])
  })

  test('leaves what it is not given, and replaces what it was given before', async () => {
    const { base, authorizer } = await small()
    authorizer.overrideUser('alice', { password: 'new', perm: '' })
    expect([authorizer.getPerms('alice'), authorizer.hasPerm('alice', 'l')]).toEqual(['', false])
    expect(authorizer.getHomeDir('alice')).toBe(path.join(base, 'alice'))
    authorizer.overrideUser('alice', { msgQuit: 'Bye.' })
    expect(authorizer.getPerms('alice')).toBe('elradfmwMT')
    await validate(authorizer, 'alice', 'alice')
  })

  test('gives anonymous more, or a home, by either name', async () => {
    const { base, authorizer } = await small({ anonymousUser: 'guest', rejectedUsers: ['bob'] })
    authorizer.overrideUser('guest', { homeDir: path.join(base, 'other'), perm: 'elradfmwMT' })
    expect(authorizer.getHomeDir('anonymous')).toBe(path.join(base, 'other'))
    expect(authorizer.getPerms('anonymous')).toBe('elr')
    authorizer.overrideUser('anonymous', { perm: 'el', homeDir: path.join(base, 'bob') })
    expect(authorizer.getHomeDir('anonymous')).toBe(path.join(base, 'bob'))
    expect(authorizer.getPerms('anonymous')).toBe('el')
  })

  test('without a name changes what holds for everybody', async () => {
    const { authorizer } = await small({ msgQuit: 'Bye.' })
    authorizer.overrideUser(undefined, { perm: 'elr', msgLogin: 'Hi.', anonymousUser: 'guest' })
    expect([authorizer.getPerms('alice'), authorizer.getMsgLogin('bob'), authorizer.getMsgQuit('bob')]).toEqual([
      'elr',
      'Hi.',
      'Bye.',
    ])
    await validate(authorizer, 'anonymous', '')
    expect(() => authorizer.overrideUser(undefined, { anonymousUser: 'carol', perm: 'elw' })).toThrow('no such user')
    expect(authorizer.getPerms('alice')).toBe('elr')
    await validate(authorizer, 'anonymous', '')
  })

  test.each([
    ['alice', {}, 'at least one thing to override must be given'],
    ['alice', { perm: undefined }, 'at least one thing to override must be given'],
    ['alice', { perm: 'x' }, "user 'alice': no such permission 'x'"],
    ['alice', { homeDir: '/no/such/directory' }, "no such directory: '/no/such/directory'"],
    ['alice', { password: '' }, 'an empty password would let anybody in'],
    ['alice', { anonymousUser: 'guest' }, 'anonymousUser is for everybody'],
    ['alice', { perms: 'elr' }, 'perms: unknown option; did you mean "perm"?'],
    ['alice', { perm: 7 }, 'perm: expected a string, found 7'],
    ['anonymous', { password: 'x' }, "'anonymous' cannot have a password"],
    ['anonymous', { perm: 'elr' }, "no such user: 'anonymous'"],
    ['bob', { perm: 'elr' }, "'bob' is not an allowed user"],
    ['carol', { perm: 'elr' }, "no such user: 'carol'"],
    [undefined, { password: 'x' }, 'a password or a home cannot be set for everybody'],
    [undefined, { homeDir: '/' }, 'a password or a home cannot be set for everybody'],
    [undefined, { perm: 'x' }, "no such permission 'x'"],
  ])('of %j with %j is a mistake', async (username, override, message) => {
    const { authorizer } = await small({ rejectedUsers: ['bob'] })
    expect(() => authorizer.overrideUser(username, override as object)).toThrow(message)
    expect(authorizer.getPerms('alice')).toBe('elradfmwMT')
  })

  test('of a user who is not allowed is a mistake', async () => {
    const { authorizer } = await small({ allowedUsers: ['alice'] })
    expect(() => authorizer.overrideUser('bob', { perm: 'elr' })).toThrow("'bob' is not an allowed user")
  })
})
