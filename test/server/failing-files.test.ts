import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { AbstractedFS, DummyAuthorizer, FilesystemError, HostFile, type OpenMode } from '../../src/server.ts'
import { openBelow } from '../filesystems/temp-tree.ts'
import { RawClient } from '../support/raw-client.ts'

const SECRET = '/srv/secret/path'

/** A file system whose next operation fails as told. */
function failing(error: unknown, operation: 'mkdir' | 'open' | 'stat' | 'listdir' | 'realpath' | 'remove') {
  class Failing extends AbstractedFS {}
  Failing.prototype[operation] = () => {
    throw error
  }
  return Failing
}

test('FilesystemError is 550 with its own words, and no failure', async () => {
  await using ftp = await startFtpServer({ abstractedFs: failing(new FilesystemError('custom words.'), 'mkdir') })
  await using client = await RawClient.login(ftp)
  expect((await client.command('MKD a', 550)).text).toBe('550 Custom words.')
  await client.command('NOOP', 200)
  expect(await ftp.stop()).toEqual({ sessions: 1, transfers: 0, unfired: [] })
})

test('what it says cannot break out of its line', async () => {
  const error = new FilesystemError('no\r\n226 Transfer complete')
  await using ftp = await startFtpServer({ abstractedFs: failing(error, 'mkdir') })
  await using client = await RawClient.login(ftp)
  expect((await client.command('MKD a', 550)).text).toBe('550 No??226 Transfer complete.')
  await client.command('NOOP', 200)
})

test('an unknown exception is 451 without internals, is recorded, and stop() tells of it', async () => {
  const bug = new TypeError(`cannot read ${SECRET}`)
  const ftp = await startFtpServer({ abstractedFs: failing(bug, 'mkdir') })
  await using client = await RawClient.login(ftp)
  expect((await client.command('MKD a', 451)).text).toBe('451 Internal error; the action was aborted.')
  await client.command('NOOP', 200)
  await ftp.waitFor({ type: 'error', error: bug, session: 1 })
  expect(ftp.transcript.failure?.error).toBe(bug)
  await expect(ftp.stop()).rejects.toMatchObject({ code: 'ERR_SESSION_FAILED', cause: bug })
})

for (const [command, operation] of [
  ['STOR a', 'open'],
  ['RETR a', 'open'],
  ['LIST', 'listdir'],
  ['MLSD', 'stat'],
  ['NLST', 'realpath'],
] as const) {
  test(`a bug in ${operation} during ${command} is 451, and closes the data connection`, async () => {
    const ftp = await startFtpServer({ abstractedFs: failing(new Error(SECRET), operation) })
    await using client = await RawClient.login(ftp)
    await using data = await RawClient.connect(await client.passiveAddress())
    expect((await client.command(command, 451)).text).not.toContain(SECRET)
    await data.closed()
    expect(ftp.server.dataConnections).toBe(0)
    await expect(ftp.stop()).rejects.toMatchObject({ code: 'ERR_SESSION_FAILED' })
  })
}

test('something thrown that is no error at all is recorded too', async () => {
  const ftp = await startFtpServer({ abstractedFs: failing(undefined, 'mkdir') })
  await using client = await RawClient.login(ftp)
  await client.command('MKD a', 451)
  await client.command('NOOP', 200)
  await expect(ftp.stop()).rejects.toThrow('session 1 failed: undefined')
})

/** A file whose disk gives up on it in the middle; it has no descriptor to show, so that its methods are used. */
function brokenFile(code: string) {
  return class extends AbstractedFS {
    override open(path: string, mode: OpenMode) {
      const inner = new HostFile(this.ftpnorm(path), this.ftp2fs(path), mode)
      const fail = async (): Promise<never> => {
        throw Object.assign(new Error(`${code}: ${SECRET}`), { code, syscall: 'write' })
      }
      const { path: plain, size } = inner
      return { path: plain, size, seek: () => {}, read: fail, write: fail, close: () => inner.close() }
    }
  }
}

for (const [code, reply] of [
  ['EIO', 451],
  ['ENOSPC', 452],
  ['EDQUOT', 452],
  ['EFBIG', 552],
  ['EACCES', 550],
] as const) {
  test(`${code} in the middle of a transfer is ${reply}, either way`, async () => {
    await using ftp = await startFtpServer({ abstractedFs: brokenFile(code), files: { 'a.txt': 'a' } })
    await using client = await RawClient.login(ftp)
    for (const command of ['RETR a.txt', 'STOR b.txt']) {
      const data = await client.passive()
      await client.command(command, 125, 150)
      data.end(command.startsWith('STOR') ? 'b' : '')
      data.resume()
      expect((await client.expect(reply)).text).not.toContain(SECRET)
      data.destroy()
      expect(openBelow(ftp.root)).toEqual([])
    }
    await client.command('NOOP', 200)
    expect(ftp.transcript.transfers().map(({ outcome }) => outcome)).toEqual(['failed', 'failed'])
  })
}

test('a bug in the middle of a transfer is 451, and a failure', async () => {
  const bug = new RangeError(SECRET)
  class Buggy extends AbstractedFS {
    override open(path: string, mode: OpenMode) {
      const inner = new HostFile(this.ftpnorm(path), this.ftp2fs(path), mode)
      const fail = (): never => {
        throw bug
      }
      return { path: inner.path, size: 1, seek: () => {}, read: fail, write: fail, close: () => inner.close() }
    }
  }
  const ftp = await startFtpServer({ abstractedFs: Buggy })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('STOR b.txt', 125, 150)
  data.end('b')
  expect((await client.expect(451)).text).toBe('451 Internal error; the action was aborted.')
  data.destroy()
  expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'failed' }])
  await expect(ftp.stop()).rejects.toMatchObject({ cause: bug })
})

test('a file that cannot be closed was not received', async () => {
  class Unclosable extends AbstractedFS {
    override open(path: string, mode: OpenMode) {
      const inner = new HostFile(this.ftpnorm(path), this.ftp2fs(path), mode)
      return Object.assign(inner, {
        close: async () => {
          await HostFile.prototype.close.call(inner)
          throw Object.assign(new Error('no space left'), { code: 'ENOSPC', errno: -28, syscall: 'close' })
        },
      })
    }
  }
  await using ftp = await startFtpServer({ abstractedFs: Unclosable })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('STOR b.txt', 125, 150)
  data.end('b')
  expect((await client.expect(452)).text).toBe('452 No space left on device.')
  data.destroy()
})

test('impersonation surrounds each access to files, and nothing else', async () => {
  const calls: string[] = []
  class Impersonating extends DummyAuthorizer {
    override impersonateUser(username: string, password: string) {
      calls.push(`as ${username}:${password}`)
    }
    override terminateImpersonation(username: string) {
      calls.push(`no more ${username}`)
    }
  }
  class Watched extends AbstractedFS {
    override mkdir(path: string) {
      calls.push('asked to mkdir')
      return super.mkdir(path)
    }
  }
  const authorizer = new Impersonating()
  authorizer.addUser('user', '12345', process.cwd(), { perm: 'elradfmw' })
  await using ftp = await startFtpServer({ authorizer, abstractedFs: Watched })
  await using client = await RawClient.login(ftp)
  await client.command('NOOP', 200)
  await client.command('PWD', 257)
  await client.command('TYPE I', 200)
  expect(calls).toEqual([])
  await client.command('SIZE missing', 550)
  expect(calls.length).toBeGreaterThan(0)
  calls.length = 0
  await client.command('MKD src/index.ts/x', 550)
  const around = ['as user:12345', 'no more user']
  expect(calls).toEqual([...around, 'asked to mkdir', ...around])
})

test('a failed impersonation is a failure of the server, and ends none that did not begin', async () => {
  const calls: string[] = []
  class Broken extends DummyAuthorizer {
    override impersonateUser() {
      throw new Error('not permitted')
    }
    override terminateImpersonation() {
      calls.push('terminated')
    }
  }
  const authorizer = new Broken()
  authorizer.addUser('user', '12345', process.cwd())
  const ftp = await startFtpServer({ authorizer })
  await using client = await RawClient.login(ftp)
  await client.command('SIZE a', 451)
  expect(calls).toEqual([])
  await expect(ftp.stop()).rejects.toThrow('not permitted')
})

test.each([
  ['EBADF', 'close'],
  ['ECONNREFUSED', 'connect'],
])('%s of %s is nothing a file brings: 451, and stop tells', async (code, syscall) => {
  class Broken extends AbstractedFS {
    override mkdir(): never {
      throw Object.assign(new Error(`${code}: broken`), { code, syscall })
    }
  }
  const ftp = await startFtpServer({ abstractedFs: Broken })
  await using client = await RawClient.login(ftp)
  await client.command('MKD x', 451)
  await expect(ftp.stop()).rejects.toThrow(`${code}: broken`)
})
