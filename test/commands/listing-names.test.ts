import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'

const FILES = {
  'cr\rlf\nboth\r\n226 done': 'x',
  'dir\r\n226 done/': {},
  'dir\r\n226 done/inner': 'x',
  'link\n': { link: 'to\r\n226 nowhere' },
  ' 250 leading space': 'x',
  '226 looks like a code': 'x',
  'trailing space ': 'x',
  'say "hi"': 'x',
  'ä 文 🗂': 'x',
}

const SHOWN = [
  ' 250 leading space',
  '226 looks like a code',
  'cr?lf?both??226 done',
  'dir??226 done',
  'link?',
  'say "hi"',
  'trailing space ',
  'ä 文 🗂',
]

async function linesOf(client: RawClient, command: string): Promise<string[]> {
  const lines = (await client.fetch(command)).toString().split('\r\n')
  expect(lines.pop()).toBe('')
  for (const line of lines) expect(line).not.toMatch(/[\r\n]/)
  return lines
}

test('a name stays on its line in NLST, LIST and MLSD', async () => {
  await using ftp = await startFtpServer({ files: FILES })
  await using client = await RawClient.login(ftp)
  expect(await linesOf(client, 'NLST')).toEqual(SHOWN)
  const links = SHOWN.map((name) => (name === 'link?' ? 'link? -> to??226 nowhere' : name))
  expect((await linesOf(client, 'LIST')).map((line) => line.replace(/^.{10} +\d+ +\S+ +\S+ +\d+ .{12} /, ''))).toEqual(
    links,
  )
  expect((await linesOf(client, 'MLSD')).map((line) => line.replace(/^\S+ /, ''))).toEqual(SHOWN)
})

test('a name stays on its line in STAT', async () => {
  await using ftp = await startFtpServer({ files: FILES })
  await using client = await RawClient.login(ftp)
  const { lines } = await client.command('STAT /', 213)
  expect(lines).toHaveLength(SHOWN.length + 2)
  expect(lines[3]?.endsWith(' cr?lf?both??226 done')).toBe(true)
  expect((await client.command('NOOP')).text).toBe('200 NOOP ok.')
  expect((await client.command('STAT trailing space ', 213)).lines[1]?.endsWith(' trailing space ')).toBe(true)
})

test('a name stays on its line in MLST, MFMT and 257', async () => {
  await using ftp = await startFtpServer({ files: { 'a\rb': 'x', 'd\r257 "/x"/': {} } })
  await using client = await RawClient.login(ftp)
  const { lines } = await client.command('MLST a\rb', 250)
  expect(lines).toHaveLength(3)
  expect(lines[0]).toBe('250-Listing "/a?b":')
  expect(lines[1]).toMatch(/ \/a\?b$/)
  expect((await client.command('MFMT 20010203040506 a\rb')).text).toBe('213 Modify=20010203040506; /a?b')
  await client.command('CWD d\r257 "/x"', 250)
  expect((await client.command('PWD')).text).toBe('257 "/d?257 ""/x""" is the current directory.')
  expect((await client.command('STAT .')).lines[0]).toBe('213-Status of "/d?257 ""/x""":')
})

test('what a client sends comes back on one line', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  expect((await client.command('XYZZY\r226\0done')).text).toBe('500 Command "XYZZY" not understood.')
  expect((await client.command('TYPE x\r226 done')).text).toBe('504 Unsupported type "x?226 done".')
  await client.passiveAddress()
  const { text } = await client.command('STOU a\r226 b', 150)
  expect(text).toMatch(/^150 FILE: a\?226 b\.\w+$/)
})

test('names in latin1', async () => {
  await using ftp = await startFtpServer({ encoding: 'latin1', files: { ä: 'x', 文: 'y' } })
  await using client = await RawClient.login(ftp)
  client.socket.setEncoding('latin1')
  expect((await client.fetch('NLST')).toString('latin1')).toBe('ä\r\n?\r\n')
  client.socket.write(Buffer.from('MLST ä\r\n', 'latin1'))
  expect((await client.expect(250)).lines[1]?.endsWith(' /ä')).toBe(true)
})

test('STAT of a file whose name looks like a pattern is no globbing', async () => {
  await using ftp = await startFtpServer({ files: { '[x]/a*.txt': 'x' } })
  await using client = await RawClient.login(ftp)
  await client.command('CWD [x]', 250)
  expect((await client.command('STAT a*.txt', 213)).lines[1]?.endsWith(' a*.txt')).toBe(true)
  await client.command('STAT b*.txt', 550)
})

test.runIf(process.platform === 'linux')('a name that is not valid UTF-8 is left out of every listing', async () => {
  await using ftp = await startFtpServer({ files: { 'a real \uFFFD.txt': 'x', 'b.txt': 'x' } })
  writeFileSync(Buffer.concat([Buffer.from(`${ftp.root}/latin1-`), Buffer.from([0xe9])]), 'x')
  await using client = await RawClient.login(ftp)
  for (const command of ['NLST', 'LIST', 'MLSD']) {
    const lines = await linesOf(client, command)
    expect(lines.map((line) => /(a real \uFFFD|b)\.txt$/.exec(line)?.[0])).toEqual(['a real \uFFFD.txt', 'b.txt'])
  }
})
