import { lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { expect, test, vi } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { AbstractedFS, type FileStat } from '../../src/server.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

const DAY_MS = 86_400_000
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const FILES = {
  'b.txt': { content: 'hello', mode: 0o640, modified: '2001-02-03T04:05:06Z' },
  'a dir/': { mode: 0o1755, modified: '2002-12-31T23:59:59Z' },
  'a dir/inner': 'x',
  Z: { content: '', mode: 0o4711, modified: '2003-06-07T08:09:10Z' },
  link: { link: 'b.txt' },
  'link-dir': { link: 'a dir' },
  dangling: { link: 'no/where' },
}

async function linesOf(client: RawClient, command: string): Promise<string[]> {
  const text = (await client.fetch(command)).toString()
  expect(text).toMatch(/^(.*\r\n)*$/)
  return text.split('\r\n').slice(0, -1)
}

test('LIST has the form of ls -l, sorted, links with where they lead', async () => {
  await using ftp = await startFtpServer({ files: FILES })
  await using client = await RawClient.login(ftp)
  const lines = await linesOf(client, 'LIST')
  const who = '\\S+ +\\S+ +'
  const expected = [
    `-rws--x--x   1 ${who} 0 Jun 07  2003 Z`,
    `drwxr-xr-t   2 ${who}\\d+ Dec 31  2002 a dir`,
    `-rw-r-----   1 ${who} 5 Feb 03  2001 b.txt`,
    `lrwxrwxrwx   1 ${who} 8 \\w{3} \\d\\d \\d\\d:\\d\\d dangling -> no/where`,
    `lrwxrwxrwx   1 ${who} 5 \\w{3} \\d\\d \\d\\d:\\d\\d link -> b.txt`,
    `lrwxrwxrwx   1 ${who} 5 \\w{3} \\d\\d \\d\\d:\\d\\d link-dir -> a dir`,
  ]
  expect(lines).toHaveLength(expected.length)
  for (const [index, pattern] of expected.entries()) expect(lines[index]).toMatch(new RegExp(`^${pattern}$`))
})

test('LIST gives owner and group by name, or by number where there is no name', async () => {
  class Fs extends AbstractedFS {
    override async lstat(path: string): Promise<FileStat> {
      const stat = lstatSync(this.ftp2fs(path))
      return path === '/strange' ? Object.assign(stat, { uid: 4_000_001, gid: 4_000_002 }) : stat
    }
    override getGroupByGid(gid: number): string {
      return gid === 4_000_002 ? super.getGroupByGid(gid) : 'my-own-group'
    }
  }
  await using ftp = await startFtpServer({ abstractedFs: Fs, files: { own: 'x', strange: 'x' } })
  await using client = await RawClient.login(ftp)
  const [own, strange] = await linesOf(client, 'LIST')
  expect(own).toMatch(new RegExp(`  1 ${userInfo().username} +my-own-group  +1 `))
  expect(strange).toContain('  1 4000001  4000002         1 ')
})

test('LIST has the hour within 180 days, else the year', async () => {
  const now = Date.now()
  const recent = new Date(now - 179 * DAY_MS)
  const old = new Date(now - 181 * DAY_MS)
  await using ftp = await startFtpServer({
    files: { a: { content: '', modified: recent }, b: { content: '', modified: old } },
  })
  await using client = await RawClient.login(ftp)
  const day = (date: Date) => `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2, '0')}`
  const [first, second] = await linesOf(client, 'LIST')
  expect(first?.endsWith(`0 ${day(recent)} ${recent.toISOString().slice(11, 16)} a`)).toBe(true)
  expect(second?.endsWith(`0 ${day(old)}  ${old.getUTCFullYear()} b`)).toBe(true)
})

test('times are local where useGmtTimes is off', async () => {
  vi.stubEnv('TZ', 'America/New_York')
  try {
    await using ftp = await startFtpServer({
      useGmtTimes: false,
      files: { a: { content: '', modified: '2002-01-01T04:59:59Z' } },
    })
    await using client = await RawClient.login(ftp)
    expect(await linesOf(client, 'LIST')).toEqual([expect.stringMatching(/ Dec 31 {2}2001 a$/)])
    expect(await linesOf(client, 'MLSD')).toEqual([expect.stringContaining('modify=20011231235959;')])
  } finally {
    vi.unstubAllEnvs()
  }
})

test.each(['LIST', 'NLST'])('%s takes a path, and what ls takes for options', async (verb) => {
  await using ftp = await startFtpServer({ files: { ...FILES, 'a dir/-l': 'x' } })
  await using client = await RawClient.login(ftp)
  const names = async (argument: string) =>
    (await linesOf(client, `${verb}${argument}`)).map((line) => line.replace(/^.* (?:\d\d:\d\d| \d{4}) /, ''))
  const all = await names('')
  expect(all.map((name) => name.replace(/ -> .*/, ''))).toEqual(['Z', 'a dir', 'b.txt', 'dangling', 'link', 'link-dir'])
  for (const option of ['-a', '-l', '-al', '-la', '-AL']) expect(await names(` ${option}`)).toEqual(all)
  expect(await names(' .')).toEqual(all)
  expect(await names(' a dir')).toEqual(['-l', 'inner'])
  expect(await names(' -la a dir')).toEqual(['-l', 'inner'])
  expect(await names(' link-dir')).toEqual(['-l', 'inner'])
  expect(await names(' /a dir/inner')).toEqual(['inner'])
  expect(await names(' a dir/-l')).toEqual(['-l'])
  expect((await names(' link')).map((name) => name.replace(/ -> .*/, ''))).toEqual(['link'])
  await client.command('CWD a dir', 250)
  expect(await names('')).toEqual(['-l', 'inner'])
  expect(await names(' -a')).toEqual(['-l', 'inner'])
})

test('NLST gives names alone, one a line', async () => {
  await using ftp = await startFtpServer({ files: FILES })
  await using client = await RawClient.login(ftp)
  expect((await client.fetch('NLST')).toString()).toBe('Z\r\na dir\r\nb.txt\r\ndangling\r\nlink\r\nlink-dir\r\n')
})

test.each(['LIST', 'NLST', 'MLSD'])('%s of nothing is 550, before any 150', async (verb) => {
  await using ftp = await startFtpServer({ files: { file: 'x' } })
  await using client = await RawClient.login(ftp)
  for (const path of ['nothing', 'file/x', '-l nothing']) {
    await client.passiveAddress()
    await client.command(`${verb} ${path}`, 550)
    await client.command(verb, 425)
  }
})

test.each(['LIST', 'NLST', 'MLSD'])('%s of an empty directory sends nothing and succeeds', async (verb) => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  expect(await client.fetch(verb)).toHaveLength(0)
})

test.each(['LIST', 'NLST', 'MLSD'])('%s is the same in TYPE A and TYPE I', async (verb) => {
  await using ftp = await startFtpServer({ files: { a: 'x', b: 'y' } })
  await using client = await RawClient.login(ftp)
  const image = await client.fetch(verb)
  await client.command('TYPE A', 200)
  expect(await client.fetch(verb)).toEqual(image)
  expect(image.toString().match(/\r\n/g)).toHaveLength(2)
})

test.each(['LIST', 'MLSD', 'STAT /'])('%s leaves out what vanished or cannot be read', async (command) => {
  class Fs extends AbstractedFS {
    override async stat(path: string): Promise<FileStat> {
      if (path === '/gone') throw Object.assign(new Error('gone'), { code: 'ENOENT', syscall: 'stat' })
      return super.stat(path)
    }
    override async lstat(path: string): Promise<FileStat> {
      if (path === '/gone') throw Object.assign(new Error('gone'), { code: 'EACCES', syscall: 'lstat' })
      return super.lstat(path)
    }
  }
  await using ftp = await startFtpServer({ abstractedFs: Fs, files: { first: '1', gone: '2', last: '3' } })
  await using client = await RawClient.login(ftp)
  const lines = command.startsWith('STAT')
    ? (await client.command(command, 213)).lines.slice(1, -1)
    : await linesOf(client, command)
  expect(lines.map((line) => line.split(' ').at(-1))).toEqual(['first', 'last'])
})

test('STAT with a path is a listing over the control connection', async () => {
  await using ftp = await startFtpServer({ files: FILES })
  await using client = await RawClient.login(ftp)
  const listed = await linesOf(client, 'LIST')
  expect((await client.command('STAT /')).lines).toEqual(['213-Status of "/":', ...listed, '213 End of status.'])
  expect((await client.command('STAT .', 213)).lines.slice(1, -1)).toEqual(listed)
  const file = await client.command('STAT b.txt', 213)
  expect(file.lines).toEqual(['213-Status of "/b.txt":', listed[2], '213 End of status.'])
  expect((await client.command('STAT link-dir', 213)).lines[1]).toMatch(/ inner$/)
  await client.command('STAT nothing', 550)
})

test('STAT of an empty directory has no line between', async () => {
  await using ftp = await startFtpServer({ files: { 'say "hi"/': {} } })
  await using client = await RawClient.login(ftp)
  expect((await client.command('STAT say "hi"')).lines).toEqual(['213-Status of "/say ""hi""":', '213 End of status.'])
})

test.each(['*', 'b.*', '?.txt', '[ab].txt', 'a dir/*'])('STAT %s is globbing, which is 550', async (pattern) => {
  await using ftp = await startFtpServer({ files: FILES })
  await using client = await RawClient.login(ftp)
  expect((await client.command(`STAT ${pattern}`)).text).toBe('550 Globbing not supported.')
})

test('a directory of 10,000 files is listed whole and in order', async () => {
  await using ftp = await startFtpServer()
  mkdirSync(ftp.files.path('big'))
  const names = Array.from({ length: 10_000 }, (_, index) => `file-${String(index).padStart(5, '0')}`)
  for (const name of names) writeFileSync(ftp.files.path(`big/${name}`), '')
  await using client = await RawClient.login(ftp)
  expect(await linesOf(client, 'NLST big')).toEqual(names)
  for (const command of ['LIST big', 'MLSD big']) {
    const lines = await linesOf(client, command)
    expect(lines.map((line) => line.slice(line.lastIndexOf(' ') + 1))).toEqual(names)
  }
  expect((await client.command('STAT big', 213)).lines).toHaveLength(10_002)
})

test('other sessions get their turn while a large directory is listed', async () => {
  await using ftp = await startFtpServer()
  for (let index = 0; index < 8000; index++) writeFileSync(ftp.files.path(`${index}`), '')
  await using client = await RawClient.login(ftp)
  await using other = await RawClient.login(ftp)
  for (const command of ['LIST', 'MLSD']) {
    const bytes = readAll(await client.passive())
    await client.command(command, 125, 150)
    ftp.transcript.clear()
    await other.command('NOOP', 200)
    expect(ftp.transcript.transfers()).toEqual([])
    await bytes
    await client.expect(226)
  }
  client.send('STAT /')
  await ftp.waitFor({ type: 'command', verb: 'STAT' })
  await other.command('NOOP', 200)
  expect(ftp.transcript.replies({ code: 213 })).toEqual([])
  await client.expect(213)
})
