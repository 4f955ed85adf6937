import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { tempTree } from '../filesystems/temp-tree.ts'

type SendfileModule = typeof import('../../src/native/sendfile.ts')

/** The module as a program finds it that has just started. */
async function freshModule(): Promise<SendfileModule> {
  vi.resetModules()
  return import('../../src/native/sendfile.ts')
}

beforeEach(() => void vi.doUnmock('koffi'))

describe.runIf(process.platform === 'linux')('sendfile', () => {
  test('sends a piece from an offset on, up to the end', async () => {
    const { loadSendfile } = await freshModule()
    const sendfile = await loadSendfile()
    const base = await tempTree({ from: 'hello world', to: '' })
    const from = openSync(path.join(base, 'from'), 'r')
    const to = openSync(path.join(base, 'to'), 'w')
    expect(sendfile?.(to, from, 6, 3)).toBe(3)
    expect(sendfile?.(to, from, 9, 100)).toBe(2)
    expect(sendfile?.(to, from, 11, 100)).toBe(0)
    expect(sendfile?.(to, from, 2 ** 40, 100)).toBe(0)
    for (const fd of [from, to]) closeSync(fd)
    expect(readFileSync(path.join(base, 'to'), 'utf8')).toBe('world')
  })

  test.each([2 ** 31, 2 ** 32, 2 ** 40 + 1])('from offset %d on', async (position) => {
    const { loadSendfile } = await freshModule()
    const sendfile = await loadSendfile()
    const base = await tempTree({ from: '', to: '' })
    const from = openSync(path.join(base, 'from'), 'r+')
    const to = openSync(path.join(base, 'to'), 'w')
    writeSync(from, '<far away>', position - 1)
    expect(sendfile?.(to, from, position, 8)).toBe(8)
    for (const fd of [from, to]) closeSync(fd)
    expect(readFileSync(path.join(base, 'to'), 'utf8')).toBe('far away')
  })

  test("answers with the system's error number, negated", async () => {
    const { loadSendfile } = await freshModule()
    const sendfile = await loadSendfile()
    const base = await tempTree({ from: 'hello' })
    const from = openSync(path.join(base, 'from'), 'r')
    expect(sendfile?.(-1, from, 0, 5)).toBe(-constants.errno.EBADF)
    expect(sendfile?.(from, from, -1, 5)).toBeLessThan(0)
    closeSync(from)
  })

  test('is not there while it is being loaded, which begins when it is first asked for', async () => {
    const { loadSendfile, sendfileIfLoaded } = await freshModule()
    expect(sendfileIfLoaded()).toBeUndefined()
    const sendfile = await loadSendfile()
    expect(sendfile).toBeTypeOf('function')
    expect(sendfileIfLoaded()).toBe(sendfile)
  })

  test('is not there without koffi', async () => {
    vi.doMock('koffi', () => {
      throw new Error('not installed')
    })
    const { loadSendfile, sendfileIfLoaded } = await freshModule()
    expect(await loadSendfile()).toBeUndefined()
    expect(sendfileIfLoaded()).toBeUndefined()
  })

  test('is not there where its offsets have 32 bits', async () => {
    vi.doMock('koffi', () => ({ default: { sizeof: () => 4, load: () => ({ func: () => () => 0 }) } }))
    const { loadSendfile } = await freshModule()
    expect(await loadSendfile()).toBeUndefined()
  })

  test('is not there where the C library lacks it', async () => {
    const load = () => {
      throw new Error('no such function')
    }
    vi.doMock('koffi', () => ({ default: { sizeof: () => 8, load } }))
    const { loadSendfile } = await freshModule()
    expect(await loadSendfile()).toBeUndefined()
  })
})

test('koffi is left alone on other systems', async () => {
  const load = vi.fn()
  vi.doMock('koffi', () => ({ default: { sizeof: () => 8, load } }))
  const platform = vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin')
  const { loadSendfile } = await freshModule()
  expect(await loadSendfile()).toBeUndefined()
  expect(load).not.toHaveBeenCalled()
  platform.mockRestore()
})
