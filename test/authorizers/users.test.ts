import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { PermissionLetter } from '../../src/authorizers/authorizer.ts'
import { AuthenticationFailed, AuthorizerError, DummyAuthorizer } from '../../src/authorizers/index.ts'
import type { FTPHandler } from '../../src/handlers/ftp-handler.ts'
import { tempTree } from '../filesystems/temp-tree.ts'

const handler = {} as FTPHandler
const LETTERS: readonly PermissionLetter[] = [...'elradfmwMT'] as PermissionLetter[]

async function withAlice() {
  const base = await tempTree({ alice: null, bob: null })
  const authorizer = new DummyAuthorizer()
  authorizer.addUser('alice', 'secret', path.join(base, 'alice'), { perm: 'elradfmwMT' })
  return { base, authorizer }
}

describe('addUser', () => {
  test('fills in the defaults of pyftpdlib', async () => {
    const base = await tempTree()
    const authorizer = new DummyAuthorizer()
    authorizer.addUser('alice', 'secret', base)
    expect(authorizer.hasUser('alice')).toBe(true)
    expect(authorizer.getHomeDir('alice')).toBe(base)
    expect(authorizer.getPerms('alice')).toBe('elr')
    expect(authorizer.getMsgLogin('alice')).toBe('Login successful.')
    expect(authorizer.getMsgQuit('alice')).toBe('Goodbye.')
  })

  test('keeps what it is given', async () => {
    const base = await tempTree()
    const authorizer = new DummyAuthorizer()
    authorizer.addUser('alice', 'secret', base, { perm: 'wT', msgLogin: 'Welcome.', msgQuit: 'See you.' })
    expect(authorizer.getPerms('alice')).toBe('wT')
    expect(authorizer.getMsgLogin('alice')).toBe('Welcome.')
    expect(authorizer.getMsgQuit('alice')).toBe('See you.')
  })

  test.each(LETTERS)('knows the permission letter %s', async (letter) => {
    const base = await tempTree()
    const authorizer = new DummyAuthorizer()
    authorizer.addUser('alice', 'secret', base, { perm: letter })
    expect(LETTERS.filter((each) => authorizer.hasPerm('alice', each))).toEqual([letter])
  })

  test.each(['x', 'E', 'L', 't', 'elrx', ' ', 'e,l', '-', '0', '😀'])('refuses the permissions %j', async (perm) => {
    const base = await tempTree()
    const authorizer = new DummyAuthorizer()
    expect(() => authorizer.addUser('alice', 'secret', base, { perm })).toThrow(AuthorizerError)
    expect(authorizer.hasUser('alice')).toBe(false)
  })

  test('names the user, the wrong letter and the right ones', async () => {
    const base = await tempTree()
    const add = () => new DummyAuthorizer().addUser('alice', 'secret', base, { perm: 'elz' })
    expect(add).toThrow("user 'alice': no such permission 'z', expected letters of elradfmwMT")
  })

  test('lets a user have no permission at all', async () => {
    const base = await tempTree()
    const authorizer = new DummyAuthorizer()
    authorizer.addUser('alice', 'secret', base, { perm: '' })
    expect(LETTERS.some((letter) => authorizer.hasPerm('alice', letter))).toBe(false)
  })

  test.each([
    ['is missing', 'missing'],
    ['is a file', 'file'],
    ['lies below a file', 'file/below'],
    ['is a link to nothing', 'dangling'],
    ['is a link to a file', 'to-file'],
    ['is a loop of links', 'loop'],
    ['holds a NUL', 'al\0ice'],
  ])('refuses a home that %s', async (_why, name) => {
    const base = await tempTree({
      file: 'text',
      dangling: { link: 'nowhere' },
      'to-file': { link: 'file' },
      loop: { link: 'loop' },
    })
    const authorizer = new DummyAuthorizer()
    const home = `${base}/${name}`
    const add = () => authorizer.addUser('alice', 'secret', home)
    expect(add).toThrow(AuthorizerError)
    expect(add).toThrow(`no such directory: '${home}'`)
    expect(authorizer.hasUser('alice')).toBe(false)
  })

  test('refuses an empty home rather than take the working directory', () => {
    expect(() => new DummyAuthorizer().addUser('alice', 'secret', '')).toThrow(AuthorizerError)
  })

  test('refuses a name that is taken, and leaves its owner as he was', async () => {
    const { base, authorizer } = await withAlice()
    const add = () => authorizer.addUser('alice', 'other', path.join(base, 'bob'), { perm: 'e' })
    expect(add).toThrow(AuthorizerError)
    expect(add).toThrow("user 'alice' already exists")
    expect(authorizer.getPerms('alice')).toBe('elradfmwMT')
    expect(authorizer.getHomeDir('alice')).toBe(path.join(base, 'alice'))
    expect(() => authorizer.validateAuthentication('alice', 'secret', handler)).not.toThrow()
  })

  test('makes a relative home absolute', () => {
    const authorizer = new DummyAuthorizer()
    authorizer.addUser('alice', 'secret', '.')
    expect(path.isAbsolute(String(authorizer.getHomeDir('alice')))).toBe(true)
  })

  test('gives the real path of a home reached by a link', async () => {
    const base = await tempTree({ real: null, link: { link: 'real' } })
    const authorizer = new DummyAuthorizer()
    authorizer.addUser('alice', 'secret', path.join(base, 'link'))
    expect(authorizer.getHomeDir('alice')).toBe(path.join(base, 'real'))
  })

  test('tells names apart by case, and takes any name', async () => {
    const base = await tempTree()
    const authorizer = new DummyAuthorizer()
    for (const name of ['alice', 'Alice', '__proto__', 'constructor', '', 'ä b']) authorizer.addUser(name, 'pw', base)
    expect(authorizer.hasUser('Alice')).toBe(true)
    expect(authorizer.hasUser('ALICE')).toBe(false)
    expect(authorizer.hasUser('__proto__')).toBe(true)
    expect(authorizer.hasUser('toString')).toBe(false)
  })
})

describe('removeUser', () => {
  test('takes away the login and the permissions', async () => {
    const { authorizer } = await withAlice()
    authorizer.removeUser('alice')
    expect(authorizer.hasUser('alice')).toBe(false)
    expect(authorizer.hasPerm('alice', 'e')).toBe(false)
    expect(() => authorizer.validateAuthentication('alice', 'secret', handler)).toThrow(AuthenticationFailed)
  })

  test('frees the name, without what was overridden for it', async () => {
    const base = await tempTree({ 'alice/pub': null })
    const authorizer = new DummyAuthorizer()
    const home = path.join(base, 'alice')
    authorizer.addUser('alice', 'secret', home)
    authorizer.overridePerm('alice', path.join(home, 'pub'), 'w')
    authorizer.removeUser('alice')
    authorizer.addUser('alice', 'new', home)
    expect(authorizer.hasPerm('alice', 'w', path.join(home, 'pub'))).toBe(false)
    expect(() => authorizer.validateAuthentication('alice', 'secret', handler)).toThrow(AuthenticationFailed)
  })

  test('refuses an unknown user', async () => {
    const { authorizer } = await withAlice()
    expect(() => authorizer.removeUser('bob')).toThrow(AuthorizerError)
    expect(() => authorizer.removeUser('bob')).toThrow("no such user: 'bob'")
    expect(authorizer.hasUser('alice')).toBe(true)
  })
})

describe('validateAuthentication', () => {
  test('is content with the right password', async () => {
    const { authorizer } = await withAlice()
    expect(authorizer.validateAuthentication('alice', 'secret', handler)).toBeUndefined()
  })

  test.each(['', 'Secret', 'secret ', ' secret', 'secre', 'secrets', 'undefined'])(
    'refuses the password %j',
    async (password) => {
      const { authorizer } = await withAlice()
      expect(() => authorizer.validateAuthentication('alice', password, handler)).toThrow(AuthenticationFailed)
    },
  )

  test('says the same of an unknown user and of a wrong password (RFC 2577 §5)', async () => {
    const { authorizer } = await withAlice()
    const refusal = (username: string) => {
      try {
        authorizer.validateAuthentication(username, 'wrong', handler)
      } catch (error) {
        return error as Error
      }
      throw new Error('was let in')
    }
    expect(refusal('bob')).toBeInstanceOf(AuthenticationFailed)
    expect(refusal('bob').message).toBe(refusal('alice').message)
    expect(refusal('bob').message).toBe('Authentication failed.')
  })

  test('lets an empty password be the right one', async () => {
    const base = await tempTree()
    const authorizer = new DummyAuthorizer()
    authorizer.addUser('alice', '', base)
    expect(() => authorizer.validateAuthentication('alice', '', handler)).not.toThrow()
    expect(() => authorizer.validateAuthentication('alice', 'x', handler)).toThrow(AuthenticationFailed)
  })
})

describe('an unknown user', () => {
  test('has no permission, and an error for what else is asked of him', () => {
    const authorizer = new DummyAuthorizer()
    expect(authorizer.hasUser('bob')).toBe(false)
    expect(authorizer.hasPerm('bob', 'e')).toBe(false)
    expect(authorizer.hasPerm('bob', 'e', '/')).toBe(false)
    expect(() => authorizer.getPerms('bob')).toThrow(AuthorizerError)
    expect(() => authorizer.getHomeDir('bob')).toThrow(AuthorizerError)
    expect(() => authorizer.getMsgLogin('bob')).toThrow(AuthorizerError)
  })

  test('is still said goodbye to: he may have been removed while logged in', async () => {
    const { authorizer } = await withAlice()
    authorizer.removeUser('alice')
    expect(authorizer.getMsgQuit('alice')).toBe('Goodbye.')
  })
})

test('impersonation does nothing, whoever is asked for', () => {
  const authorizer = new DummyAuthorizer()
  expect(authorizer.impersonateUser('nobody', 'x')).toBeUndefined()
  expect(authorizer.terminateImpersonation('nobody')).toBeUndefined()
})

test('two authorizers share nothing', async () => {
  const { base, authorizer } = await withAlice()
  const other = new DummyAuthorizer()
  expect(other.hasUser('alice')).toBe(false)
  other.addUser('alice', 'another', base)
  expect(() => authorizer.validateAuthentication('alice', 'another', handler)).toThrow(AuthenticationFailed)
})

test('errors carry their names, and a refusal a text of its own', () => {
  expect(new AuthorizerError('why')).toMatchObject({ name: 'AuthorizerError', message: 'why' })
  expect(new AuthenticationFailed()).toMatchObject({ name: 'AuthenticationFailed', message: 'Authentication failed.' })
  expect(new AuthenticationFailed('Account locked.').message).toBe('Account locked.')
})
