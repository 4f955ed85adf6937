import { closeSync, constants, openSync, rmdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { loadDirectoryCalls } from '../../src/native/directory-calls.ts'
import { AbstractedFS, DTPHandler, HostFile, type OpenMode } from '../../src/server.ts'
import { openBelow, tempTree } from '../filesystems/temp-tree.ts'
import { openSockets, socketsSince } from '../support/descriptors.ts'
import { calls } from '../support/directory-calls-spy.ts'
import { secured, trusting } from '../support/ftps.ts'
import { overTls, RawClient, readAll } from '../support/raw-client.ts'

vi.mock('../../src/native/directory-calls.ts', async (importOriginal) => {
  const { calls } = await import('../support/directory-calls-spy.ts')
  return calls.watch(await importOriginal())
})

const LINUX = process.platform === 'linux'
const MIB = 1024 ** 2

beforeEach(() => calls.reset())

class Staged extends DTPHandler {
  override stages() {
    return [(chunks: AsyncIterable<Buffer>) => chunks]
  }
}

/**
 * The memory of this process, whose first page nobody has: a file in which each read and each write fails with EIO. Of
 * the size that is wanted, since the kernel says 0.
 */
function bad(size: number) {
  return class extends AbstractedFS {
    override open(name: string, mode: OpenMode) {
      if (!name.endsWith('.bad')) return super.open(name, mode)
      return Object.assign(new HostFile(name, '/proc/self/mem', mode === 'w' ? 'r+' : mode), { size })
    }
  }
}

describe.runIf(LINUX)('EIO of the kernel is 451', () => {
  const ways = { small: 1000, large: 32 * MIB }

  for (const [name, size] of Object.entries(ways))
    for (const isEncrypted of [false, true])
      for (const kind of ['direct', 'by buffers', 'staged', 'TYPE A']) {
        test(`${name}, ${isEncrypted ? 'over TLS' : 'in clear'}, ${kind}`, async () => {
          const before = openSockets()
          {
            await using ftp = await startFtpServer({
              abstractedFs: bad(size),
              files: { 'a.txt': 'well' },
              useSendfile: kind === 'direct',
              ...(isEncrypted ? { tls: true } : kind === 'staged' && { dtpHandler: Staged }),
            })
            await using client = isEncrypted ? await secured(ftp) : await RawClient.login(ftp)
            const open = async () => {
              const plain = await client.passive()
              return isEncrypted ? overTls(plain, trusting(ftp)) : plain
            }
            if (kind === 'TYPE A') await client.command('TYPE A', 200)
            const down = await open()
            const bytes = readAll(down)
            await client.command('RETR x.bad', 125, 150)
            expect((await client.reply()).text).toMatch(/^451 I\/o error\.$/i)
            expect(await bytes).toHaveLength(0)
            for (const command of ['STOR x.bad', 'APPE x.bad']) {
              const up = await open()
              await client.command(command, 125, 150)
              up.resume().write(Buffer.alloc(Math.min(size, MIB), 'x'))
              expect((await client.reply()).text).toMatch(/^451 I\/o error\.$/i)
              up.destroy()
            }
            expect(ftp.transcript.transfers().map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed'])
            expect(openBelow('/proc/')).toEqual(openBelow(`/proc/${process.pid}/task`))
            const well = await open()
            const rest = readAll(well)
            await client.command('RETR a.txt', 125, 150)
            expect(String(await rest)).toBe('well')
            await client.expect(226)
            expect(ftp.server.buffers.load).toMatchObject({ uploads: 0, downloads: 0 })
            expect(ftp.server.dataConnections).toBe(0)
          }
          expect(await socketsSince(before)).toEqual([])
        })
      }
})

test.each([
  ['EIO', 451],
  ['EMFILE', 451],
  ['ENFILE', 451],
  ['ENOMEM', 451],
  ['ENOSPC', 452],
  ['EROFS', 550],
  ['ESTALE', 550],
])('%s is %d for every command that touches the disk', async (code, expected) => {
  const fail = (): never => {
    throw Object.assign(new Error(`${code}: /host/path`), { code, syscall: 'any' })
  }
  class Failing extends AbstractedFS {
    override open = fail
    override mkdir = fail
    override rmdir = fail
    override remove = fail
    override rename = fail
    override utime = fail
    override listdir = fail
    override chmod = fail
  }
  await using ftp = await startFtpServer({ abstractedFs: Failing, files: { 'a.txt': 'a', 'd/b.txt': 'b' } })
  await using client = await RawClient.login(ftp)
  await client.command('RNFR a.txt', 350)
  for (const command of ['RNTO b', 'MKD e', 'RMD d', 'DELE a.txt', 'MFMT 20200101000000 a.txt', 'SITE CHMOD 600 a.txt'])
    expect((await client.command(command)).code, command).toBe(expected)
  for (const command of ['RETR a.txt', 'STOR b', 'APPE a.txt', 'STOU', 'LIST', 'NLST', 'MLSD', 'STAT /']) {
    const data = await client.passive()
    const { code, text } = await client.command(command)
    expect(code, command).toBe(expected)
    expect(text).not.toContain('/host')
    data.destroy()
  }
  await client.command('NOOP', 200)
  expect(await ftp.stop()).toEqual({ sessions: 1, transfers: 0, unfired: [] })
})

describe.runIf(LINUX)('a directory that cannot be read', () => {
  test('is told with the error number of the system, by the kernel’s own call too', async (context) => {
    const native = await loadDirectoryCalls()
    if (native === undefined) return context.skip('needs koffi')
    const base = await tempTree({ gone: null })
    const fd = openSync(path.join(base, 'gone'), constants.O_RDONLY)
    rmdirSync(path.join(base, 'gone'))
    try {
      expect(() => native.nextNames(fd)).toThrow(
        expect.objectContaining({ code: 'ENOENT', errno: -2, syscall: 'getdents64' }),
      )
    } finally {
      closeSync(fd)
    }
  })

  test.each(['LIST', 'NLST', 'MLSD', 'STAT /d'])('%s says so in words', async (command) => {
    for (const isNative of [true, false]) {
      calls.isAbsent = !isNative
      /** Removes a directory between its opening and its reading. */
      class Vanishing extends AbstractedFS {
        override listdir(name: string) {
          const names = super.listdir(name) as Generator<string>
          const hostPath = this.ftp2fs(name)
          return (function* () {
            // A generator of the file system's opens the directory at once.
            rmdirSync(hostPath)
            yield* names
          })()
        }
      }
      await using ftp = await startFtpServer({ abstractedFs: Vanishing, files: { 'd/x': '' } })
      rmSync(path.join(ftp.root, 'd/x'))
      await using client = await RawClient.login(ftp)
      await client.command('CWD d', 250)
      const data = await client.passive()
      const { code, text } = await client.command(command)
      if (code >= 400) expect(text).toMatch(/^550 No such file or directory\.$/i)
      else if (code < 200) await client.expect(226)
      data.destroy()
      await client.command('NOOP', 200)
      expect(openBelow(ftp.root)).toEqual([])
    }
  })
})
