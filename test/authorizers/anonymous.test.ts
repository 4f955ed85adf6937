import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { AuthenticationFailed, AuthorizerError, DummyAuthorizer } from '../../src/authorizers/index.ts'
import type { FTPHandler } from '../../src/handlers/ftp-handler.ts'
import { tempTree } from '../filesystems/temp-tree.ts'

const handler = {} as FTPHandler

/** The warnings of this package that an action gives; the process emits them a tick later. */
async function warningsOf(action: () => void): Promise<string[]> {
  const messages: string[] = []
  const listener = (warning: Error) => {
    if (warning.name === 'FtpFixtureWarning') messages.push(warning.message)
  }
  process.on('warning', listener)
  try {
    action()
    await setImmediate()
  } finally {
    process.off('warning', listener)
  }
  return messages
}

const WARNING = ['write permissions assigned to the anonymous user']

describe('addAnonymous', () => {
  test('adds a reader whom any password lets in', async () => {
    const base = await tempTree()
    const authorizer = new DummyAuthorizer()
    expect(await warningsOf(() => authorizer.addAnonymous(base))).toEqual([])
    expect(authorizer.getPerms('anonymous')).toBe('elr')
    for (const password of ['', 'guest', 'me@example.org', '\0']) {
      expect(() => authorizer.validateAuthentication('anonymous', password, handler)).not.toThrow()
    }
  })

  test('takes the options of addUser', async () => {
    const base = await tempTree()
    const authorizer = new DummyAuthorizer()
    authorizer.addAnonymous(base, { perm: 'el', msgLogin: 'Hello, stranger.', msgQuit: 'Bye.' })
    expect(authorizer.getPerms('anonymous')).toBe('el')
    expect(authorizer.getMsgLogin('anonymous')).toBe('Hello, stranger.')
    expect(authorizer.getMsgQuit('anonymous')).toBe('Bye.')
  })

  test('refuses what addUser refuses', async () => {
    const base = await tempTree()
    const authorizer = new DummyAuthorizer()
    expect(() => authorizer.addAnonymous(path.join(base, 'missing'))).toThrow(AuthorizerError)
    expect(() => authorizer.addAnonymous(base, { perm: 'x' })).toThrow(AuthorizerError)
    authorizer.addAnonymous(base)
    expect(() => authorizer.addAnonymous(base)).toThrow("user 'anonymous' already exists")
  })
})

test('without an anonymous user the login says so', () => {
  const login = () => new DummyAuthorizer().validateAuthentication('anonymous', 'guest', handler)
  expect(login).toThrow(AuthenticationFailed)
  expect(login).toThrow('Anonymous access not allowed.')
})

test('a removed one is not let in any more', async () => {
  const authorizer = new DummyAuthorizer()
  authorizer.addAnonymous(await tempTree())
  authorizer.removeUser('anonymous')
  expect(() => authorizer.validateAuthentication('anonymous', '', handler)).toThrow(AuthenticationFailed)
})

test('added by addUser he is let in with any password too', async () => {
  const authorizer = new DummyAuthorizer()
  authorizer.addUser('anonymous', 'secret', await tempTree())
  expect(() => authorizer.validateAuthentication('anonymous', 'wrong', handler)).not.toThrow()
})

test('only the name "anonymous" is: "Anonymous" and "ftp" have passwords', async () => {
  const base = await tempTree()
  const authorizer = new DummyAuthorizer()
  for (const name of ['Anonymous', 'ftp']) {
    authorizer.addUser(name, 'secret', base)
    expect(() => authorizer.validateAuthentication(name, 'guest', handler)).toThrow(AuthenticationFailed)
  }
})

describe('a warning is given', () => {
  test.each([...'adfmwMT'])('for the permission %s, by addAnonymous', async (letter) => {
    const base = await tempTree()
    const authorizer = new DummyAuthorizer()
    expect(await warningsOf(() => authorizer.addAnonymous(base, { perm: `elr${letter}` }))).toEqual(WARNING)
    expect(authorizer.hasPerm('anonymous', letter as 'w')).toBe(true)
  })

  test('once, however many letters write', async () => {
    const base = await tempTree()
    expect(await warningsOf(() => new DummyAuthorizer().addAnonymous(base, { perm: 'adfmwMT' }))).toEqual(WARNING)
  })

  test('by addUser', async () => {
    const base = await tempTree()
    const add = () => new DummyAuthorizer().addUser('anonymous', '', base, { perm: 'elw' })
    expect(await warningsOf(add)).toEqual(WARNING)
  })

  test('by overridePerm', async () => {
    const base = await tempTree()
    const incoming = path.join(base, 'incoming')
    mkdirSync(incoming)
    const authorizer = new DummyAuthorizer()
    authorizer.addAnonymous(base)
    expect(await warningsOf(() => authorizer.overridePerm('anonymous', incoming, 'elr'))).toEqual([])
    expect(await warningsOf(() => authorizer.overridePerm('anonymous', incoming, 'w'))).toEqual(WARNING)
  })

  test('to nobody else', async () => {
    const base = await tempTree({ pub: null })
    const authorizer = new DummyAuthorizer()
    const set = () => {
      authorizer.addUser('alice', 'secret', base, { perm: 'elradfmwMT' })
      authorizer.overridePerm('alice', path.join(base, 'pub'), 'w')
    }
    expect(await warningsOf(set)).toEqual([])
  })

  test.each([...'elr'])('not for the permission %s', async (perm) => {
    const base = await tempTree()
    expect(await warningsOf(() => new DummyAuthorizer().addAnonymous(base, { perm }))).toEqual([])
  })
})
