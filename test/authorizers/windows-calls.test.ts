import { afterEach, describe, expect, test, vi } from 'vitest'
import { AuthorizerError, loadWindowsSystem, WindowsAuthorizer, WindowsError } from '../../src/authorizers/index.ts'
import { type Koffi, loadKoffi } from '../../src/native/koffi.ts'

vi.mock('../../src/native/koffi.ts')

const platform = Object.getOwnPropertyDescriptor(process, 'platform') ?? {}

afterEach(() => {
  Object.defineProperty(process, 'platform', platform)
})

/** Has the process believe that it runs on another system, with this for koffi. */
function pretend(name: NodeJS.Platform, koffi?: Koffi): void {
  Object.defineProperty(process, 'platform', { ...platform, value: name })
  vi.mocked(loadKoffi).mockResolvedValue(koffi)
}

type Call = (...args: never[]) => number

/** A koffi for which these functions are those of Windows. */
function koffiWith(functions: Readonly<Record<string, Call>>): Koffi {
  const func = (definition: string) => {
    const name = /(\w+)\(/.exec(definition)?.[1] ?? ''
    return functions[name] ?? (() => 0)
  }
  return { load: () => ({ func }) } as unknown as Koffi
}

/** Bob's identifier as Windows keeps it, and as it is written. */
const SID = Buffer.from('0105000000000005150000000100000002000000ffffffffe9030000', 'hex')
const account = { sid: 'S-1-5-21-1-2-4294967295-1001', name: 'bob', domain: 'PC' }

function put(text: string, into: Buffer): void {
  into.fill(0x2e).write(`${text}\0`, 'utf16le')
}

const lookups = {
  LookupAccountNameW(_: null, name: string, sid: Buffer, _size: Uint32Array, domain: Buffer) {
    SID.copy(sid)
    put('an older name', domain)
    return ['bob', 'PC\\bob', 'Everyone'].includes(name.split('\0')[0] ?? '') ? 1 : 0
  },
  LookupAccountSidW(
    ...[, , name, , domain, , kind]: [null, Buffer, Buffer, Uint32Array, Buffer, Uint32Array, number[]]
  ) {
    put('bob', name)
    put('PC', domain)
    kind[0] = 1
    return 1
  },
}

async function system(functions: Readonly<Record<string, Call>>) {
  pretend('win32', koffiWith({ GetLastError: () => 1385, ...functions }))
  return loadWindowsSystem()
}

describe('refused clearly', () => {
  test.each<NodeJS.Platform>(['linux', 'darwin'])('on %s', async (name) => {
    pretend(name, koffiWith({}))
    await expect(WindowsAuthorizer.create()).rejects.toThrow('WindowsAuthorizer needs Windows')
    await expect(WindowsAuthorizer.create()).rejects.toThrow(AuthorizerError)
  })

  test('without koffi', async () => {
    pretend('win32')
    await expect(WindowsAuthorizer.create()).rejects.toThrow(AuthorizerError)
    await expect(WindowsAuthorizer.create()).rejects.toThrow('WindowsAuthorizer needs the optional package koffi')
  })
})

test('create passes its options on', async () => {
  pretend('win32', koffiWith(lookups))
  await expect(WindowsAuthorizer.create({ allowedUsers: ['nobody'] })).rejects.toThrow("no such user: 'nobody'")
  const authorizer = await WindowsAuthorizer.create({ allowedUsers: ['PC\\bob'], msgLogin: 'Hello.' })
  expect(authorizer.hasUser('bob')).toBe(true)
  expect(authorizer.getMsgLogin('bob')).toBe('Hello.')
})

describe('an account', () => {
  test('is what Windows makes of a name', async () => {
    const windows = await system(lookups)
    expect(windows.account('PC\\bob')).toEqual(account)
    expect(windows.account('nobody')).toBeUndefined()
    expect(windows.account('bob\0')).toBeUndefined()
  })

  test('is neither a group nor a name that was taken away meanwhile', async () => {
    const group = (...args: Parameters<typeof lookups.LookupAccountSidW>) => {
      lookups.LookupAccountSidW(...args)
      args[6][0] = 5
      return 1
    }
    expect((await system({ ...lookups, LookupAccountSidW: group })).account('Everyone')).toBeUndefined()
    expect((await system({ ...lookups, LookupAccountSidW: () => 0 })).account('bob')).toBeUndefined()
  })

  test('has the profile directory that the registry names', async () => {
    const asked: unknown[] = []
    const RegGetValueW = (...args: [number, string, string, number, null, Buffer, Uint32Array]) => {
      asked.push(...args.slice(0, 4), args[6][0] === args[5].length)
      put('C:\\Users\\böb', args[5])
      return 0
    }
    expect((await system({ RegGetValueW })).profileDirectory(account)).toBe('C:\\Users\\böb')
    const key = `SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\${account.sid}`
    expect(asked).toEqual([-2147483646, key, 'ProfileImagePath', 2, true])
    expect((await system({ RegGetValueW: () => 2 })).profileDirectory(account)).toBeUndefined()
  })
})

describe('a logon', () => {
  test('is an interactive one, to the domain of the account', async () => {
    const asked: unknown[] = []
    const LogonUserW = (...args: [string, string, string, number, number, bigint[]]) => {
      asked.push(...args.slice(0, 5))
      args[5][0] = 77n
      return 1
    }
    expect((await system({ LogonUserW })).logon(account, 'secret')).toBe(77n)
    expect(asked).toEqual(['bob', 'PC', 'secret', 2, 0])
  })

  test('with a NUL in its password is not even tried', async () => {
    const windows = await system({ LogonUserW: () => 1 })
    expect(() => windows.logon(account, 'secret\0and more')).toThrow('LogonUserW failed with Windows error 1326')
  })
})

test('what Windows refuses is thrown, with its error number', async () => {
  const windows = await system({})
  const calls = {
    LogonUserW: () => windows.logon(account, 'secret'),
    ImpersonateLoggedOnUser: () => windows.impersonate(77n),
    RevertToSelf: () => windows.revert(),
    CloseHandle: () => windows.close(77n),
  }
  for (const [name, call] of Object.entries(calls)) {
    expect(call).toThrow(WindowsError)
    expect(call).toThrow(`${name} failed with Windows error 1385`)
  }
  const willing = Object.fromEntries(Object.keys(calls).map((name) => [name, () => 1]))
  const other = await system(willing)
  for (const call of [() => other.impersonate(77n), () => other.revert(), () => other.close(77n)]) call()
})
