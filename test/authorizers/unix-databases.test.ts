import fs, { writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { AuthorizerError, UnixAuthorizer } from '../../src/authorizers/index.ts'
import { isValidShell } from '../../src/authorizers/unix-authorizer.ts'
import { loadPasswordCheck } from '../../src/authorizers/unix-passwords.ts'
import { isLockedOut, shadowEntry } from '../../src/authorizers/unix-shadow.ts'
import { passwdEntry, runProgram, UnixUsers } from '../../src/authorizers/unix-users.ts'
import { tempTree } from '../filesystems/temp-tree.ts'

const { installed } = vi.hoisted(() => ({ installed: { koffi: true } }))
vi.mock('../../src/native/koffi.ts', async (original) => {
  const module = await original<typeof import('../../src/native/koffi.ts')>()
  return { ...module, isKoffiInstalled: () => installed.koffi && module.isKoffiInstalled() }
})

describe('a line of the password file', () => {
  const PASSWD = [
    'root:x:0:0:root:/root:/bin/bash',
    'alice:x:1000:1001:Alice,,,:/home/alice:/bin/sh',
    'plain:x:1002:1002::/home/plain:',
    'nohome:x:1003:1003:::/bin/sh',
    'noid:x::1004::/home/noid:/bin/sh',
    'words:x:one:1004::/home/words:/bin/sh',
    'minus:x:-1:1004::/home/minus:/bin/sh',
    'most:x:4294967295:1004::/home/most:/bin/sh',
    'mostgroup:x:1005:4294967295::/home/most:/bin/sh',
    'short:x:1006',
    '+:::::/home/all:/bin/sh',
    '',
  ].join('\n')

  test('gives ids, home and shell', () => {
    expect(passwdEntry(PASSWD, 'alice')).toEqual({
      name: 'alice',
      uid: 1000,
      gid: 1001,
      home: '/home/alice',
      shell: '/bin/sh',
    })
    expect(passwdEntry(PASSWD, 'plain')).toMatchObject({ shell: '/bin/sh' })
  })

  test.each(['noid', 'words', 'minus', 'most', 'mostgroup', 'short', 'nohome', '+', '', 'Alice', '0', '1000', 'alic'])(
    'gives nothing for %j, and above all not root',
    (name) => expect(passwdEntry(PASSWD, name)).toBeUndefined(),
  )
})

describe('the users of this system', () => {
  test('are found by their names, at once and without halting', async () => {
    const users = new UnixUsers()
    expect([users.has('root'), await users.exists('root'), users.homeDir('root')]).toEqual([true, true, '/root'])
    expect(await users.lookUp('root')).toMatchObject({ uid: 0, gid: 0, home: '/root', groups: [0] })
    expect(users.known('root')).toMatchObject({ uid: 0 })
  })

  test.each(['nosuchuser', '0', '-h', '--help', '', 'a:b', 'root\0', 'root\n', '../root', 'ROOT'])(
    'are not found by %j',
    async (name) => {
      const users = new UnixUsers()
      expect([users.has(name), await users.exists(name), await users.lookUp(name)]).toEqual([false, false, undefined])
      expect(() => users.homeDir(name)).toThrow('no such user')
    },
  )
})

describe('a line of the shadow file', () => {
  const entry = (line: string) => shadowEntry(`x:y:::::::\n${line}\n`, 'alice')
  const TODAY = 20_000
  test.each([
    ['alice:$6$x:19990:0:99999:7:::', false],
    ['alice:$6$x:::::::', false],
    ['alice:$6$x:19990:0:-1:7:-1:-1:', false],
    ['alice::19990:0:99999:7:::', true],
    ['alice:!:19990:0:99999:7:::', true],
    ['alice:!$6$x:19990:0:99999:7:::', true],
    ['alice:*:19990:0:99999:7:::', true],
    ['alice:$6$x:19990:0:99999:7::19999:', true],
    ['alice:$6$x:19990:0:99999:7::20000:', true],
    ['alice:$6$x:19990:0:99999:7::20001:', false],
    ['alice:$6$x:19990:0:99999:7::0:', true],
    ['alice:$6$x:0:0:99999:7:::', true],
    ['alice:$6$x:19990:0:10:7:::', false],
    ['alice:$6$x:19990:0:9:7:::', true],
  ])('%s', (line, expected) => {
    const found = entry(line)
    expect(found && isLockedOut(found, TODAY)).toBe(expected)
  })

  test.each(['bob:$6$x:::::::', 'alice', '', 'Alice:$6$x:::::::'])('is not %j', (line) => {
    expect(entry(line)).toBeUndefined()
  })
})

test('a shell is valid when it is listed, or when there is no list', async () => {
  const list = path.join(await tempTree(), 'shells')
  expect(isValidShell('/bin/sh', list)).toBe(true)
  writeFileSync(list, '# /bin/commented\n/bin/sh \n\n/bin/bash\n')
  const shells = ['/bin/sh', '/bin/bash', '/bin/commented', '# /bin/commented', '/bin', '/usr/sbin/nologin']
  expect(shells.map((shell) => isValidShell(shell, list))).toEqual([true, true, false, false, false, false])
  expect(() => isValidShell('/bin/sh', path.dirname(list))).toThrow('EISDIR')
})

describe('where passwords cannot be checked', () => {
  const message = 'cannot check passwords: neither unix_chkpwd (PAM) nor koffi with libcrypt is installed'

  /** Without PAM's helper, and as the super-user. */
  function withoutHelper(): void {
    const exists = fs.existsSync
    vi.spyOn(fs, 'existsSync').mockImplementation((file) => !/unix_chkpwd$/.test(String(file)) && exists(file))
    vi.spyOn(process as Required<NodeJS.Process>, 'geteuid').mockReturnValue(0)
    syncBuiltinESMExports()
  }

  afterEach(() => {
    vi.restoreAllMocks()
    syncBuiltinESMExports()
    installed.koffi = true
  })

  test('that is said before anybody logs in', () => {
    withoutHelper()
    expect(() => new UnixAuthorizer()).not.toThrow()
    installed.koffi = false
    expect(() => new UnixAuthorizer()).toThrow(AuthorizerError)
    expect(() => new UnixAuthorizer()).toThrow(message)
  })

  test('that is said at a login, where it does not show before', async () => {
    await expect(loadPasswordCheck([], async () => undefined)).rejects.toThrow(message)
  })
})

test('a helper that breaks is not taken for a wrong password', async () => {
  const check = await loadPasswordCheck(['/bin/ls'])
  await expect(check('alice', 'secret')).rejects.toThrow('/bin/ls ended with status 2')
})

test('a program is given its input, and may leave it unread', async () => {
  expect(await runProgram('cat', [], { input: 'text' })).toEqual({ status: 0, output: 'text' })
  expect(await runProgram('false', [], { input: 'x'.repeat(1_000_000) })).toMatchObject({ status: 1 })
  await expect(runProgram('/no/such/program', [])).rejects.toThrow('ENOENT')
})
