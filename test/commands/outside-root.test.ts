import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'

let base: string
let root: string
let outside: string

beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'outside-root-'))
  root = path.join(base, 'root')
  outside = path.join(base, 'outside')
  mkdirSync(path.join(outside, 'dir'), { recursive: true })
  mkdirSync(path.join(root, 'sub'), { recursive: true })
  // A neighbour whose name begins like the root's.
  mkdirSync(`${root}-neighbour`)
  writeFileSync(path.join(outside, 'secret'), 'secret')
  writeFileSync(`${root}-neighbour/secret`, 'secret')
  writeFileSync(path.join(root, 'file'), 'x')
  const links = {
    'link-file': '../outside/secret',
    'link-dir': '../outside',
    'link-absolute': outside,
    'link-dangling': '../outside/new',
    'link-neighbour': `${root}-neighbour`,
    'sub/link-up': '../..',
    'link-chain': 'sub/link-up',
    'link-loop': 'link-loop',
  }
  for (const [name, target] of Object.entries(links)) symlinkSync(target, path.join(root, name))
})

afterEach(() => {
  expect(readdirSync(outside).sort()).toEqual(['dir', 'secret'])
  expect(readFileSync(path.join(outside, 'secret'), 'utf8')).toBe('secret')
  expect(readFileSync(`${root}-neighbour/secret`, 'utf8')).toBe('secret')
  rmSync(base, { recursive: true })
})

const FILES = [
  'link-file',
  'link-dir/secret',
  'link-absolute/secret',
  'link-neighbour/secret',
  'sub/link-up/outside/secret',
  'link-chain/outside/secret',
]
const NEW_FILES = ['link-dangling', 'link-dir/new', 'link-absolute/new', 'sub/link-up/outside/new', 'link-chain/new']
const DIRECTORIES = ['link-dir', 'link-absolute', 'link-dir/dir', 'link-neighbour', 'sub/link-up', 'link-chain']

const TRANSFERS = ['RETR', 'STOR', 'APPE', 'STOU', 'LIST', 'NLST', 'MLSD']

async function refusesEach(verbs: readonly string[], paths: readonly string[]): Promise<void> {
  await using ftp = await startFtpServer({ root })
  await using client = await RawClient.login(ftp)
  for (const verb of verbs) {
    for (const name of paths) {
      for (const line of [`${verb} ${name}`, `${verb} /${name}`, `${verb} sub/../${name}`]) {
        if (TRANSFERS.includes(verb)) await client.passiveAddress()
        const { text } = await client.command(line, 550)
        expect(text, line).toMatch(/outside the user's root directory\.$/)
        expect(text, line).not.toContain(base)
      }
    }
  }
}

test('links to files outside the root cannot be read, written, removed or looked at', async () => {
  const verbs = ['RETR', 'STOR', 'APPE', 'DELE', 'SIZE', 'MDTM', 'MLST', 'STAT', 'LIST', 'NLST', 'RNFR']
  await refusesEach([...verbs, 'SITE CHMOD 777', 'MFMT 20010203040506'], FILES)
  expect(statSync(path.join(outside, 'secret')).mtime.getUTCFullYear()).toBeGreaterThan(2001)
})

test('nothing can be made outside the root, through a dangling link neither', async () => {
  await refusesEach(['STOR', 'APPE', 'MKD', 'RNTO'], NEW_FILES)
})

test('links to directories outside the root cannot be entered, listed, removed or filled', async () => {
  await refusesEach(['CWD', 'LIST', 'NLST', 'MLSD', 'MLST', 'STAT', 'RMD', 'RNFR', 'SITE CHMOD 777'], DIRECTORIES)
  await refusesEach(
    ['STOU', 'MKD', 'RNTO'],
    DIRECTORIES.map((directory) => `${directory}/new`),
  )
})

test('a file cannot be renamed to the outside', async () => {
  await using ftp = await startFtpServer({ root })
  await using client = await RawClient.login(ftp)
  for (const target of ['link-dir/new', 'link-dangling', 'link-file', 'sub/link-up/outside/new']) {
    await client.command('RNFR file', 350)
    await client.command(`RNTO ${target}`, 550)
  }
  expect(await ftp.files.read('file', 'utf8')).toBe('x')
})

test('a link that turns in a circle is refused, and costs nothing else', async () => {
  await using ftp = await startFtpServer({ root })
  await using client = await RawClient.login(ftp)
  for (const verb of ['CWD', 'SIZE', 'DELE', 'MLST', 'STAT']) await client.command(`${verb} link-loop`, 550)
  await client.command('NOOP', 200)
})

test('two dots lead to the root at most, whichever way they are spelt', async () => {
  await using ftp = await startFtpServer({ root })
  await using client = await RawClient.login(ftp)
  for (const name of ['../outside/secret', '/../outside/secret', 'sub/../../outside/secret', '//..//outside/secret']) {
    expect((await client.command(`SIZE ${name}`)).text).toBe('550 No such file or directory.')
  }
  expect((await client.command(`SIZE ${outside}/secret`)).text).toBe('550 No such file or directory.')
  expect((await client.command('SIZE ../../../file')).text).toBe('213 1')
  expect((await client.command('CWD ../..')).text).toMatch(/^250 "\/"/)
})

test('a backslash is a letter like any other', async () => {
  await using ftp = await startFtpServer({ root })
  await using client = await RawClient.login(ftp)
  await client.command('SIZE ..\\outside\\secret', 550)
  expect((await client.command('MKD ..\\outside\\new')).text).toMatch(/^257 "\/\.\.\\outside\\new"/)
  expect(readdirSync(root)).toContain('..\\outside\\new')
})

test('a NUL is no part of a path', async () => {
  await using ftp = await startFtpServer({ root })
  await using client = await RawClient.login(ftp)
  const verbs = ['CWD', 'SIZE', 'DELE', 'MKD', 'RETR', 'STOR', 'LIST', 'MLST', 'STAT', 'RNFR', 'SITE CHMOD 777']
  for (const verb of verbs) {
    await client.command(`${verb} new\0.txt`, 501)
    await client.command(`${verb} ../outside/secret\0`, 501)
  }
  expect(readdirSync(root)).not.toContain('new')
})

test('a root that is itself reached through a link is the root all the same', async () => {
  symlinkSync(root, path.join(base, 'way'))
  await using ftp = await startFtpServer({ root: path.join(base, 'way') })
  await using client = await RawClient.login(ftp)
  await client.command('SIZE file', 213)
  await client.command('CWD sub', 250)
  await client.command('CWD link-up', 550)
  rmSync(path.join(base, 'way'))
})

test('links within the root are followed', async () => {
  symlinkSync(path.join(root, 'file'), path.join(root, 'inner'))
  symlinkSync('../sub', path.join(root, 'sub', 'again'))
  await using ftp = await startFtpServer({ root })
  await using client = await RawClient.login(ftp)
  expect((await client.command('SIZE inner')).text).toBe('213 1')
  expect((await client.command('CWD sub/again/again')).text).toMatch(/^250 "\/sub\/again\/again"/)
})
