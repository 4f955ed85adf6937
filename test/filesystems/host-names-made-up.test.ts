import { beforeEach, expect, test, vi } from 'vitest'

const files = vi.hoisted(() => new Map<string, string>())

vi.mock('node:fs', async (importOriginal) => {
  const readFileSync = (file: string) => {
    const text = files.get(file)
    if (text === undefined) throw Object.assign(new Error(`ENOENT: ${file}`), { code: 'ENOENT' })
    return text
  }
  return { ...(await importOriginal<typeof import('node:fs')>()), readFileSync }
})

/** The names are read once, so each test loads the module anew. */
async function load() {
  vi.resetModules()
  return import('../../src/filesystems/host-names.ts')
}

beforeEach(() => files.clear())

test('of two names for one id the first counts', async () => {
  files.set('/etc/passwd', 'root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\n')
  files.set('/etc/group', 'wheel:x:0:\nroot:x:0:\n')
  const { userName, groupName } = await load()
  expect([userName(0), groupName(0)]).toEqual(['root', 'wheel'])
})

test('lines that are none, or name nobody, are passed over', async () => {
  files.set('/etc/passwd', '\n# a comment\n+::::::\n:x:5:5::/:\nbroken\nalice:x:1000:1000::/:\nbob:x::1::/:')
  const { userName } = await load()
  expect([userName(1000), userName(5), userName(0)]).toEqual(['alice', undefined, undefined])
})

test('where the host has no such files there are no names', async () => {
  const { userName, groupName } = await load()
  expect([userName(0), groupName(0)]).toEqual([undefined, undefined])
})

test('the files are read once', async () => {
  files.set('/etc/passwd', 'alice:x:1000:1000::/:\n')
  const { userName } = await load()
  expect(userName(1000)).toBe('alice')
  files.set('/etc/passwd', 'bob:x:1000:1000::/:\n')
  expect(userName(1000)).toBe('alice')
})
