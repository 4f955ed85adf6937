import { Readable, Writable } from 'node:stream'
import { Client, FTPError } from 'basic-ftp'
import { describe, expect, test } from 'vitest'
import { type FtpFixture, randomBytes, startFtpServer } from '../../src/index.ts'
import {
  arrived,
  big,
  bigContent,
  ClientDirectory,
  expectManyNames,
  expectWay,
  linesOf,
  manyFiles,
  STALL_AFTER,
  StallingDTPHandler,
  samples,
  sha256,
  ways,
} from '../support/clients.ts'

/** A client that has logged in, closed at the end of the block. */
class LoggedIn extends Client {
  static async to(ftp: FtpFixture, host: string = ftp.host): Promise<LoggedIn> {
    const client = new LoggedIn()
    await client.access({ host, port: ftp.port, user: ftp.username, password: ftp.password })
    return client
  }

  /** Uploads bytes. */
  store(content: Uint8Array, file: string) {
    return this.uploadFrom(Readable.from([content]), file)
  }

  /** Downloads bytes. */
  async fetch(file: string, startAt = 0): Promise<Buffer> {
    const chunks: Buffer[] = []
    const into = new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk)
        done()
      },
    })
    await this.downloadTo(into, file, startAt)
    return Buffer.concat(chunks)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** The reply code that an operation is refused with. */
async function refusal(operation: Promise<unknown>): Promise<number> {
  const error: unknown = await operation.catch((error: unknown) => error)
  if (error instanceof FTPError) return error.code
  throw new Error(`expected an FTPError, got ${error}`)
}

test.each(Object.entries(samples))('%s goes up and comes back', async (name, content) => {
  await using ftp = await startFtpServer()
  using client = await LoggedIn.to(ftp)
  await client.store(content, name)
  expect(sha256(await ftp.files.read(name))).toBe(sha256(content))
  expect(sha256(await client.fetch(name))).toBe(sha256(content))
  expect(await client.size(name)).toBe(content.length)
  expect(ftp.transcript.transfers()).toMatchObject([
    { verb: 'STOR', direction: 'received', bytes: content.length, representation: 'I', outcome: 'completed' },
    { verb: 'RETR', direction: 'sent', bytes: content.length, representation: 'I', outcome: 'completed' },
  ])
})

test('100 MiB go up and come back', async () => {
  await using ftp = await startFtpServer({ files: { 'big.bin': big } })
  await using local = await ClientDirectory.create()
  using client = await LoggedIn.to(ftp)
  const hash = sha256(bigContent())
  await client.downloadTo(local.file('big.bin'), 'big.bin')
  expect(sha256(await local.read('big.bin'))).toBe(hash)
  await client.uploadFrom(local.file('big.bin'), 'back.bin')
  expect(sha256(await ftp.files.read('back.bin'))).toBe(hash)
})

describe.each(ways.filter(({ verb }) => verb === 'EPSV'))('over $connect on a server at $listen', (way) => {
  test('EPSV is used for uploads, downloads and listings', async () => {
    const content = randomBytes('300KiB')
    await using ftp = await startFtpServer({ host: way.listen, files: { 'here.bin': content } })
    using client = await LoggedIn.to(ftp, way.connect)
    await client.store(await client.fetch('here.bin'), 'there.bin')
    expect(sha256(await ftp.files.read('there.bin'))).toBe(sha256(content))
    expect((await client.list()).map(({ name }) => name)).toEqual(['here.bin', 'there.bin'])
    expectWay(ftp, way)
  })
})

test('PASV is used where a server does not know EPSV', async () => {
  const { FTPHandler } = await import('../../src/server.ts')
  const { EPSV: _, ...withoutEpsv } = FTPHandler.commands
  class OldHandler extends FTPHandler {
    static override readonly commands = withoutEpsv
  }
  for (const host of ['127.0.0.1', '::']) {
    await using ftp = await startFtpServer({ host, handler: OldHandler, files: { 'a.txt': 'text' } })
    using client = await LoggedIn.to(ftp, '127.0.0.1')
    expect(String(await client.fetch('a.txt'))).toBe('text')
    expect((await client.list()).map(({ name }) => name)).toEqual(['a.txt'])
    expect(linesOf(ftp, 'EPSV', 'PASV')).toEqual(['EPSV', 'PASV', 'PASV'])
  }
})

test('awkward names are listed, downloaded, uploaded and deleted', async () => {
  await using ftp = await startFtpServer({ files: 'names' })
  using client = await LoggedIn.to(ftp)
  const listed = (await client.list()).filter(({ isFile }) => isFile).map(({ name }) => name)
  const files = (await ftp.files.list()).filter((name) => name !== 'ünï' && name !== 'directory with space')
  expect(listed).toEqual(files)
  await client.send('MKD new ü "dir"')
  for (const name of listed) {
    const content = await client.fetch(name)
    expect(content, name).toEqual(await ftp.files.read(name))
    await client.store(content, `/new ü "dir"/${name}`)
    await client.remove(name)
  }
  expect(await ftp.files.list('new ü "dir"')).toEqual(files)
  expect(await ftp.files.list()).toEqual(['directory with space', 'new ü "dir"', 'ünï'])
})

test('MLSD and LIST tell the same of a directory', async () => {
  await using ftp = await startFtpServer({ files: 'basic' })
  using client = await LoggedIn.to(ftp)
  const facts = await client.list('pub')
  client.availableListCommands = ['LIST']
  const lines = await client.list('pub')
  expect(linesOf(ftp, 'LIST', 'MLSD')).toEqual(['MLSD pub', 'LIST pub'])
  const essence = (infos: typeof facts) => infos.map(({ name, type, size, isFile }) => [name, type, isFile && size])
  expect(essence(lines)).toEqual(essence(facts))
  expect(facts.map(({ name }) => name)).toEqual(await ftp.files.list('pub'))
  const hello = facts.find(({ name }) => name === 'hello.txt')
  expect(hello?.modifiedAt?.toISOString()).toBe('2024-03-01T08:00:00.000Z')
  expect(await client.lastMod('pub/hello.txt')).toEqual(hello?.modifiedAt)
  expect(lines.find(({ name }) => name === 'hello.txt')?.rawModifiedAt).toBe('Mar 01 2024')
})

test('features and the working directory are understood', async () => {
  await using ftp = await startFtpServer({ files: { 'a "b"/c/': {} } })
  using client = await LoggedIn.to(ftp)
  expect([...(await client.features()).keys()]).toEqual(
    expect.arrayContaining(['EPSV', 'EPRT', 'MDTM', 'MFMT', 'MLST', 'REST', 'SIZE', 'TVFS', 'UTF8']),
  )
  await client.cd('a "b"/c')
  await client.cdup()
  expect(linesOf(ftp, 'CWD', 'CDUP')).toEqual(['CWD a "b"/c', 'CDUP'])
  await client.store(Buffer.from('x'), 'here.txt')
  expect(await ftp.files.list('a "b"')).toEqual(['c', 'here.txt'])
})

test('a download is resumed with REST', async () => {
  const content = randomBytes('3MiB')
  await using ftp = await startFtpServer({ files: { 'a.bin': content } })
  await using local = await ClientDirectory.create()
  using client = await LoggedIn.to(ftp)
  await local.write('a.bin', content.subarray(0, 1_000_001))
  await client.downloadTo(local.file('a.bin'), 'a.bin', 1_000_001)
  expect(sha256(await local.read('a.bin'))).toBe(sha256(content))
  expect(linesOf(ftp, 'REST')).toEqual(['REST 1000001'])
  expect(ftp.transcript.transfers()).toMatchObject([{ restartMarker: 1_000_001, bytes: content.length - 1_000_001 }])
})

test('an upload is resumed with APPE', async () => {
  const content = randomBytes('3MiB')
  await using ftp = await startFtpServer({ files: { 'a.bin': content.subarray(0, 1_000_001) } })
  await using local = await ClientDirectory.create()
  using client = await LoggedIn.to(ftp)
  await client.appendFrom(await local.write('a.bin', content), 'a.bin', { localStart: await client.size('a.bin') })
  expect(sha256(await ftp.files.read('a.bin'))).toBe(sha256(content))
  expect(linesOf(ftp, 'STOR', 'APPE')).toEqual(['APPE a.bin'])
})

test('whole trees go up, come back and are removed', async () => {
  await using ftp = await startFtpServer({ files: 'basic' })
  await using local = await ClientDirectory.create()
  using client = await LoggedIn.to(ftp)
  await client.downloadToDir(local.path)
  await client.uploadFromDir(local.path, 'copy of all')
  expect(await ftp.files.list('copy of all')).toEqual((await ftp.files.list()).filter((name) => name !== 'copy of all'))
  for (const file of ['pub/docs/2024/report.txt', 'pub/small.bin', 'empty.txt', 'pub/big.bin']) {
    expect(sha256(await ftp.files.read(`copy of all/${file}`)), file).toBe(sha256(await ftp.files.read(file)))
  }
  await client.removeDir('copy of all')
  expect(await ftp.files.exists('copy of all')).toBe(false)
  await client.clearWorkingDir()
  expect(await ftp.files.list()).toEqual([])
})

test('files and directories are renamed, made and removed', async () => {
  await using ftp = await startFtpServer({ files: { 'old name.txt': 'text', 'gone.txt': '', 'empty/': {} } })
  using client = await LoggedIn.to(ftp)
  await client.rename('old name.txt', 'new "näme".txt')
  await client.remove('gone.txt')
  await client.removeEmptyDir('empty')
  await client.ensureDir('one/two/three')
  expect(await client.pwd()).toBe('/one/two/three')
  expect(await ftp.files.list()).toEqual(['new "näme".txt', 'one'])
})

test('text is converted in TYPE A both ways', async () => {
  await using ftp = await startFtpServer({ files: { 'down.txt': 'one\ntwo\n' } })
  using client = await LoggedIn.to(ftp)
  await client.send('TYPE A')
  expect(String(await client.fetch('down.txt'))).toBe('one\r\ntwo\r\n')
  await client.store(Buffer.from('three\r\nfour\r\n'), 'up.txt')
  expect(await ftp.files.read('up.txt', 'utf8')).toBe('three\nfour\n')
})

test('wrong password, missing files and missing permissions are told', async () => {
  const users = [{ username: 'reader', password: 'x', perm: 'elr' }]
  await using ftp = await startFtpServer({ users, authFailedTimeout: 0, files: { 'a.txt': 'text' } })
  expect(await refusal(new Client().access({ host: ftp.host, port: ftp.port, user: 'reader', password: 'y' }))).toBe(
    530,
  )
  using client = await LoggedIn.to(ftp)
  expect(await refusal(client.fetch('none.txt'))).toBe(550)
  expect(await refusal(client.size('none.txt'))).toBe(550)
  expect(await refusal(client.cd('none'))).toBe(550)
  expect(await refusal(client.store(Buffer.from('x'), 'b.txt'))).toBe(550)
  expect(await refusal(client.appendFrom(Readable.from(['x']), 'a.txt'))).toBe(550)
  expect(await refusal(client.remove('a.txt'))).toBe(550)
  expect(await refusal(client.rename('a.txt', 'b.txt'))).toBe(550)
  expect(String(await client.fetch('a.txt'))).toBe('text')
  expect(await ftp.files.list()).toEqual(['a.txt'])
  client.close()
  await ftp.waitFor({ type: 'disconnect', session: 2 })
})

test('20 at once each get their own bytes', async () => {
  await using ftp = await startFtpServer()
  await Promise.all(
    Array.from({ length: 20 }, async (_, seed) => {
      using client = await LoggedIn.to(ftp)
      const content = randomBytes('2MiB', { seed })
      await client.ensureDir(`client ${seed}`)
      await client.store(content, 'a.bin')
      expect(sha256(await client.fetch('a.bin'))).toBe(sha256(content))
      expect((await client.list()).map(({ name, size }) => [name, size])).toEqual([['a.bin', content.length]])
    }),
  )
  expect(await ftp.files.list()).toHaveLength(20)
  expect(ftp.transcript.transfers().filter(({ outcome }) => outcome === 'completed')).toHaveLength(60)
})

test('a client that goes away during a download or an upload leaves the server well', async () => {
  const files = { 'big.bin': { size: '50MiB' } as const }
  await using ftp = await startFtpServer({ files, dtpHandler: StallingDTPHandler })
  const down = await LoggedIn.to(ftp)
  const leave = new Writable({ write: () => down.close() })
  await expect(down.downloadTo(leave, 'big.bin')).rejects.toThrow()
  expect(await ftp.waitFor({ type: 'transfer', session: 1 })).toMatchObject({ verb: 'RETR', outcome: 'failed' })
  const up = await LoggedIn.to(ftp)
  const upload = up.store(randomBytes('50MiB'), 'cut.bin').catch((error: unknown) => error)
  await arrived(ftp, 'cut.bin', STALL_AFTER)
  // Not `close()`, which sends QUIT: the server would wait for the end of the upload then.
  up.ftp.socket.destroy()
  expect(await upload).toBeInstanceOf(Error)
  expect(await ftp.waitFor({ type: 'transfer', session: 2 })).toMatchObject({ verb: 'STOR', outcome: 'aborted' })
  using next = await LoggedIn.to(ftp)
  expect((await next.list()).map(({ name }) => name)).toEqual(['big.bin', 'cut.bin'])
})

test('10,000 files are listed', async () => {
  await using ftp = await startFtpServer({ files: manyFiles })
  using client = await LoggedIn.to(ftp)
  expectManyNames((await client.list('many')).map(({ name }) => name))
  client.availableListCommands = ['LIST']
  expectManyNames((await client.list('many')).map(({ name }) => name))
})
