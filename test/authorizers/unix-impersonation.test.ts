import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { AuthorizerError, UnixAuthorizer } from '../../src/authorizers/index.ts'
import { UnixImpersonation } from '../../src/authorizers/unix-impersonation.ts'
import { type Credentials, loadThreadCredentials } from '../../src/native/thread-credentials.ts'
import { tempTree } from '../filesystems/temp-tree.ts'
import { describeAsRoot, threadUserIds } from '../support/system-users.ts'

const { thread } = vi.hoisted(() => ({ thread: { isMain: true } }))
vi.mock('node:worker_threads', async (original) => ({
  ...(await original<typeof import('node:worker_threads')>()),
  get isMainThread() {
    return thread.isMain
  },
}))

const NOBODY = { uid: 65534, gid: 65533, groups: [65532, 65533] }
const identity = () => [process.geteuid?.(), process.getegid?.(), process.getgroups?.()]

/** Node's own calls, each of which may be told to fail. */
function breakable() {
  const { setgroups, setegid, seteuid } = process as Required<NodeJS.Process>
  const calls: string[] = []
  const failing = new Set<string>()
  const call = (name: string, act: () => void) => {
    calls.push(name)
    if (failing.has(name)) throw Object.assign(new Error(name), { code: 'EPERM', syscall: name })
    act()
  }
  const credentials: Credentials = {
    setgroups: (groups) => call(`setgroups ${groups}`, () => setgroups([...groups])),
    setegid: (gid) => call(`setegid ${gid}`, () => setegid(gid)),
    seteuid: (uid) => call(`seteuid ${uid}`, () => seteuid(uid)),
  }
  return { calls, failing, credentials }
}

describeAsRoot('impersonation', () => {
  test.each(['process', 'thread'])('lends the %s user, group and groups, and takes them back', async (kind) => {
    const before = identity()
    const impersonation = new UnixImpersonation(kind === 'thread' ? await loadThreadCredentials() : undefined)
    const closed = path.join(await tempTree({ file: 'x' }), 'file')
    impersonation.begin(NOBODY)
    try {
      expect(identity()).toEqual([65534, 65533, [65532, 65533]])
      expect(() => writeFileSync(closed, 'y')).toThrow('EACCES')
      expect(() => readFileSync('/etc/shadow')).toThrow('EACCES')
    } finally {
      impersonation.end()
    }
    expect(identity()).toEqual(before)
    writeFileSync(closed, 'y')
  })

  test('a thread lends itself and no other', async () => {
    const impersonation = new UnixImpersonation(await loadThreadCredentials())
    impersonation.begin(NOBODY)
    const during = threadUserIds()
    impersonation.end()
    expect(during.filter((uid) => uid === 65534)).toHaveLength(1)
    expect(new Set(threadUserIds())).toEqual(new Set([0]))
  })

  test('lends groups to which the server belongs among others', () => {
    const impersonation = new UnixImpersonation()
    const groups = [...(process.getgroups?.() ?? []), 65532]
    impersonation.begin({ uid: 65534, gid: 0, groups })
    const lent = process.getgroups?.()
    impersonation.end()
    expect(lent).toEqual(groups)
  })

  test('takes the user last and gives him back first', () => {
    const { calls, credentials } = breakable()
    const impersonation = new UnixImpersonation(credentials)
    impersonation.begin(NOBODY)
    impersonation.end()
    const taken = ['setgroups 65532,65533', 'setegid 65533', 'seteuid 65534']
    expect(calls).toEqual([...taken, 'seteuid 0', `setgroups ${process.getgroups?.()}`, 'setegid 0'])
  })

  test('costs nothing for who is the server itself', () => {
    const { calls, credentials } = breakable()
    const impersonation = new UnixImpersonation(credentials)
    impersonation.begin({ uid: 0, gid: 0, groups: [0] })
    impersonation.end()
    expect(calls).toEqual([])
  })

  test.each(['setgroups 65532,65533', 'setegid 65533', 'seteuid 65534'])('is undone when %s fails', (step) => {
    const before = identity()
    const { failing, credentials } = breakable()
    failing.add(step)
    expect(() => new UnixImpersonation(credentials).begin(NOBODY)).toThrow(AuthorizerError)
    expect(identity()).toEqual(before)
  })

  test('is not taken for done when a call has no effect', () => {
    const before = identity()
    const { credentials } = breakable()
    const impersonation = new UnixImpersonation({ ...credentials, seteuid: () => {} })
    expect(() => impersonation.begin(NOBODY)).toThrow('cannot become the user with id 65534')
    expect(identity()).toEqual(before)
  })

  test.each(['seteuid 0', 'setegid 0', 'setgroups 0'])('lets nobody have a turn while %s fails at its end', (step) => {
    const before = identity()
    const { failing, credentials } = breakable()
    const impersonation = new UnixImpersonation(credentials)
    impersonation.begin(NOBODY)
    failing.add(step)
    expect(() => impersonation.end()).toThrow('the server cannot return to its own identity')
    expect(() => impersonation.begin({ ...NOBODY, uid: 65530 })).toThrow('the server cannot return to its own identity')
    failing.clear()
    impersonation.end()
    expect(identity()).toEqual(before)
  })
})

describeAsRoot('an impersonation within another one', () => {
  const OTHER = { uid: 65531, gid: 65530, groups: [65529, 65530] }
  const THIRD = { uid: 65528, gid: 65533, groups: [65533] }
  const who = ({ uid, gid, groups }: typeof NOBODY) => [uid, gid, groups]

  function nested(credentials?: Credentials) {
    const impersonation = new UnixImpersonation(credentials)
    const as = (user: typeof NOBODY, operation: () => void = () => {}) => {
      impersonation.begin(user)
      try {
        operation()
      } finally {
        impersonation.end()
      }
      return identity()
    }
    return { as }
  }

  test.each(['process', 'thread'])('ends in the outer one, three deep, where the %s is lent', async (kind) => {
    const before = identity()
    const { as } = nested(kind === 'thread' ? await loadThreadCredentials() : undefined)
    const seen: unknown[] = []
    const note = () => seen.push(identity())
    const after = as(NOBODY, () => {
      note()
      seen.push(as(NOBODY, note))
      seen.push(
        as(OTHER, () => {
          note()
          seen.push(as(THIRD, note))
        }),
      )
    })
    expect(seen).toEqual([NOBODY, NOBODY, NOBODY, OTHER, THIRD, OTHER, NOBODY].map(who))
    expect(after).toEqual(before)
  })

  test('ends in the outer one when its operation throws', () => {
    const before = identity()
    const { as } = nested()
    const seen: unknown[] = []
    const inner = () =>
      as(OTHER, () => {
        throw new Error('no such file')
      })
    const after = as(NOBODY, () => {
      expect(inner).toThrow('no such file')
      seen.push(identity())
    })
    expect([...seen, after]).toEqual([who(NOBODY), before])
  })

  test.each(['setgroups 65529,65530', 'setegid 65530', 'seteuid 65531'])(
    'leaves the outer one when %s fails',
    (step) => {
      const before = identity()
      const { failing, credentials } = breakable()
      failing.add(step)
      const { as } = nested(credentials)
      const seen: unknown[] = []
      const after = as(NOBODY, () => {
        expect(() => as(OTHER)).toThrow('cannot become the user with id 65531')
        seen.push(identity())
      })
      expect([...seen, after]).toEqual([who(NOBODY), before])
    },
  )

  test.each(['setgroups 65532,65533', 'setegid 65533', 'seteuid 65534'])('says so when %s fails at its end', (step) => {
    const before = identity()
    const { failing, credentials } = breakable()
    const { as } = nested(credentials)
    const message = 'the server cannot return to the user with id 65534'
    const outer = () =>
      as(NOBODY, () => {
        failing.add(step)
        as(OTHER)
      })
    expect(outer).toThrow(message)
    expect(identity()).toEqual(before)
  })

  test.each(['setgroups 65532,65533', 'setegid 65533'])('has no more rights than a user has when %s fails', (step) => {
    const { failing, credentials } = breakable()
    const { as } = nested(credentials)
    as(NOBODY, () => {
      failing.add(step)
      expect(() => as(OTHER)).toThrow('the server cannot return to the user with id 65534')
      expect(process.geteuid?.()).toBe(NOBODY.uid)
    })
  })

  test('is put right by the next one when its end has failed', () => {
    const { failing, credentials } = breakable()
    const { as } = nested(credentials)
    as(NOBODY, () => {
      failing.add('seteuid 65534')
      expect(() => as(OTHER)).toThrow(AuthorizerError)
      expect(() => as(THIRD)).toThrow('the server cannot return to the user with id 65534')
      failing.clear()
      expect(as(THIRD)).toEqual(who(NOBODY))
    })
  })
})

describe('UnixAuthorizer', () => {
  test('says that it needs root', () => {
    using _ = vi.spyOn(process as Required<NodeJS.Process>, 'geteuid').mockReturnValue(1000)
    expect(() => new UnixAuthorizer()).toThrow('UnixAuthorizer needs super-user privileges: run it as root')
  })

  test('says that it needs Unix', () => {
    const { geteuid } = process
    Object.assign(process, { geteuid: undefined })
    try {
      expect(() => new UnixAuthorizer()).toThrow('UnixAuthorizer needs Unix')
    } finally {
      Object.assign(process, { geteuid })
    }
  })

  test('says that it needs the main thread', () => {
    thread.isMain = false
    try {
      expect(() => new UnixAuthorizer()).toThrow('does not work in a worker thread')
    } finally {
      thread.isMain = true
    }
  })
})
