import { expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import {
  AbstractedFS,
  AuthenticationFailed,
  DummyAuthorizer,
  type FileStat,
  FilesystemError,
  type OpenFile,
  type OpenMode,
} from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'

type Node = Buffer | 'directory'

/** Nothing of it is on a disk, and nothing of it is at hand at once. */
class MemoryFS extends AbstractedFS {
  static readonly nodes = new Map<string, Node>()

  static refill(): void {
    MemoryFS.nodes.clear()
    MemoryFS.nodes.set('/', 'directory')
  }

  #node(path: string): Node {
    const node = MemoryFS.nodes.get(this.ftpnorm(path))
    if (node === undefined) throw new FilesystemError('There is no such thing.')
    return node
  }

  override async realpath(path: string): Promise<string> {
    await pause()
    return `memory:${this.ftpnorm(path)}`
  }

  override async lstat(path: string): Promise<FileStat> {
    await pause()
    const node = this.#node(path)
    const isDirectory = node === 'directory'
    return {
      mode: isDirectory ? 0o40755 : 0o100644,
      size: isDirectory ? 0 : node.length,
      mtimeMs: Date.UTC(2020, 1, 3, 4, 5, 6),
      birthtimeMs: 0,
      nlink: 1,
      uid: 987_654,
      gid: 987_654,
      dev: 0,
      ino: 0,
      isFile: () => !isDirectory,
      isDirectory: () => isDirectory,
      isSymbolicLink: () => false,
    }
  }

  override stat(path: string): Promise<FileStat> {
    return this.lstat(path)
  }

  override async chdir(path: string): Promise<void> {
    await pause()
    if (this.#node(path) !== 'directory') throw new FilesystemError('That is no place to be.')
    this.cwd = this.ftpnorm(path)
  }

  override async listdir(path: string): Promise<AsyncIterable<string>> {
    await pause()
    const prefix = this.ftpnorm(path) === '/' ? '/' : `${this.ftpnorm(path)}/`
    return (async function* () {
      for (const name of MemoryFS.nodes.keys()) {
        const inner = name.startsWith(prefix) ? name.slice(prefix.length) : ''
        await pause()
        if (inner !== '' && !inner.includes('/')) yield inner
      }
    })()
  }

  override async mkdir(path: string): Promise<void> {
    await pause()
    if (MemoryFS.nodes.has(this.ftpnorm(path))) throw new FilesystemError('It is there already.')
    MemoryFS.nodes.set(this.ftpnorm(path), 'directory')
  }

  override async rmdir(path: string): Promise<void> {
    await this.remove(path)
  }

  override async remove(path: string): Promise<void> {
    await pause()
    this.#node(path)
    MemoryFS.nodes.delete(this.ftpnorm(path))
  }

  override async rename(from: string, to: string): Promise<void> {
    await pause()
    MemoryFS.nodes.set(this.ftpnorm(to), this.#node(from))
    MemoryFS.nodes.delete(this.ftpnorm(from))
  }

  override async open(path: string, mode: OpenMode): Promise<OpenFile> {
    await pause()
    const plain = this.ftpnorm(path)
    if (mode === 'wx' && MemoryFS.nodes.has(plain)) throw Object.assign(new Error('taken'), { code: 'EEXIST' })
    let content = mode === 'w' || !MemoryFS.nodes.has(plain) ? Buffer.alloc(0) : this.#node(plain)
    if (mode === 'r') content = this.#node(plain)
    if (content === 'directory') throw new FilesystemError('Not a file.')
    return memoryFile(plain, content, mode)
  }
}

function memoryFile(path: string, before: Buffer, mode: OpenMode): OpenFile {
  let content = before
  let position = mode === 'a' ? before.length : 0
  if (mode !== 'r') MemoryFS.nodes.set(path, content)
  return {
    path,
    size: before.length,
    seek(offset) {
      position = offset
    },
    async read(into) {
      await pause()
      const count = content.copy(into, 0, position)
      position += count
      return count
    },
    async write(bytes) {
      await pause()
      content = Buffer.concat([content.subarray(0, position), bytes, content.subarray(position + bytes.length)])
      position += bytes.length
    },
    async close() {
      await pause()
      if (mode !== 'r') MemoryFS.nodes.set(path, content)
    },
  }
}

/** Long enough for whoever does not wait to be found out. */
function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Answers every question later. */
class LateAuthorizer extends DummyAuthorizer {
  override async validateAuthentication(username: string, password: string) {
    await pause()
    if (username !== 'late' || password !== 'word') throw new AuthenticationFailed('Not tonight.')
  }
  override async hasUser(username: string) {
    await pause()
    return username === 'late'
  }
  override async hasPerm(_username: string, perm: string, path?: string) {
    await pause()
    return perm !== 'd' || path?.includes('keep') !== true
  }
  override async getPerms() {
    await pause()
    return 'elradfmw'
  }
  override async getHomeDir() {
    await pause()
    return '/'
  }
  override async getMsgLogin() {
    await pause()
    return 'Late, but in.'
  }
  override async getMsgQuit() {
    await pause()
    return 'Late, and out.'
  }
}

function start() {
  MemoryFS.refill()
  return startFtpServer({ authorizer: new LateAuthorizer(), abstractedFs: MemoryFS })
}

test('an authorizer that is asynchronous throughout', async () => {
  await using ftp = await start()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER late', 331)
  expect((await client.command('PASS wrong', 530)).text).toBe('530 Not tonight.')
  await client.command('USER late', 331)
  expect((await client.command('PASS word', 230)).text).toBe('230 Late, but in.')
  await client.command('MKD keep', 257)
  expect((await client.command('RMD keep', 550)).text).toBe('550 Not enough privileges.')
  expect((await client.command('QUIT', 221)).text).toBe('221 Late, and out.')
  await client.closed()
})

test('a file system in memory serves every command', async () => {
  await using ftp = await start()
  await using client = await RawClient.login(ftp, 'late', 'word')
  const content = randomBytes('300KiB', { seed: 6 })
  await client.store('STOR a.bin', content)
  expect((await client.fetch('RETR a.bin')).equals(content)).toBe(true)
  expect((await client.command('SIZE a.bin', 213)).text).toBe(`213 ${content.length}`)
  expect((await client.command('MDTM a.bin', 213)).text).toBe('213 20200203040506')
  await client.command('MKD d', 257)
  await client.command('MKD d', 550)
  await client.command('CWD d', 250)
  expect((await client.command('PWD', 257)).text).toContain('"/d"')
  await client.command('CWD ../a.bin', 550)
  await client.store('STOR b.txt', 'b')
  await client.store('APPE b.txt', 'c')
  expect(String(await client.fetch('RETR b.txt'))).toBe('bc')
  await client.command('REST 1', 350)
  await client.store('STOR b.txt', 'dd')
  await client.command('REST 2', 350)
  expect(String(await client.fetch('RETR /d/b.txt'))).toBe('d')
  expect(String(MemoryFS.nodes.get('/d/b.txt'))).toBe('bdd')
  const { text } = await client.store('STOU', 'unique')
  expect(String(MemoryFS.nodes.get(`/d/${/FILE: (\S+)/.exec(text)?.[1]}`))).toBe('unique')
  await client.command('RNFR missing', 550)
  await client.command('RNFR b.txt', 350)
  await client.command('RNTO /moved.txt', 250)
  await client.command('CDUP', 250)
  expect(String(await client.fetch('NLST'))).toBe('a.bin\r\nd\r\nmoved.txt\r\n')
  expect(String(await client.fetch('LIST')).split('\r\n')).toEqual([
    `-rw-r--r--   1 987654   987654     307200 Feb 03  2020 a.bin`,
    expect.stringMatching(/^drwxr-xr-x .* d$/),
    expect.stringMatching(/^-rw-r--r-- .* 3 Feb 03 {2}2020 moved.txt$/),
    '',
  ])
  expect(String(await client.fetch('MLSD')).split('\r\n')).toEqual([
    'type=file;perm=adfrw;size=307200;modify=20200203040506; a.bin',
    'type=dir;perm=cdeflmp;modify=20200203040506; d',
    'type=file;perm=adfrw;size=3;modify=20200203040506; moved.txt',
    '',
  ])
  expect((await client.command('MLST moved.txt', 250)).lines[1]).toContain('size=3;')
  expect((await client.command('STAT /', 213)).lines).toHaveLength(5)
  await client.command('DELE moved.txt', 250)
  expect((await client.command('DELE moved.txt', 550)).text).toBe('550 There is no such thing.')
  await client.passiveAddress()
  await client.command('RETR d', 550)
  expect([...MemoryFS.nodes.keys()].slice(0, 3)).toEqual(['/', '/a.bin', '/d'])
})

test('TYPE A over such files', async () => {
  await using ftp = await start()
  await using client = await RawClient.login(ftp, 'late', 'word')
  await client.command('TYPE A', 200)
  await client.store('STOR a.txt', 'one\r\ntwo\r\n')
  expect(String(MemoryFS.nodes.get('/a.txt'))).toBe('one\ntwo\n')
  expect(String(await client.fetch('RETR a.txt'))).toBe('one\r\ntwo\r\n')
})

test('a session that waits for its files does not hold up another one', async () => {
  await using ftp = await start()
  await using one = await RawClient.login(ftp, 'late', 'word')
  await using other = await RawClient.login(ftp, 'late', 'word')
  one.socket.write('MKD a\r\nRMD a\r\n'.repeat(100))
  other.socket.write('NOOP\r\n'.repeat(100))
  for (let count = 0; count < 100; count++) await other.expect(200)
  expect(ftp.transcript.commands({ verb: 'MKD' }).length).toBeLessThan(100)
  for (let count = 0; count < 100; count++) {
    await one.expect(257)
    await one.expect(250)
  }
})
