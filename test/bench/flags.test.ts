import { lchownSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { choose, readFlags, UsageError } from './flags.ts'
import { allRows } from './rows.ts'

test('without flags, everything is measured five times', () => {
  expect(readFlags([], {})).toMatchObject({ rows: [], servers: [], added: [], rounds: 5, secs: 1, warm: 2 })
})

test('flags are read in their types', () => {
  const line = ['--rows', 'retr,stor-c1', '--secs=0.05', '--rounds', '3', '--markdown', '--json', '/x.json']
  expect(readFlags(line)).toMatchObject({
    rows: ['retr', 'stor-c1'],
    secs: 0.05,
    rounds: 3,
    markdown: true,
    json: '/x.json',
  })
})

test('the directory of the peers is a flag, or a variable of the environment', () => {
  expect(readFlags([], { FTP_BENCH_PEERS: '/env' }).peers).toBe('/env')
  expect(readFlags(['--peers', '/flag'], { FTP_BENCH_PEERS: '/env' }).peers).toBe('/flag')
})

test.skipIf(process.getuid?.() !== 0)('a directory that others have made where ours would be is not used', () => {
  const place = mkdtempSync(path.join(tmpdir(), 'bench-flags-'))
  onTestFinished(() => rmSync(place, { recursive: true }))
  vi.stubEnv('TMPDIR', place)
  onTestFinished(() => void vi.unstubAllEnvs())
  const theirs = path.join(place, `ftp-bench-peers-${userInfo().uid}`)
  expect(readFlags([], {}).peers).toBe(theirs)
  symlinkSync('/', theirs)
  lchownSync(theirs, 65_534, 65_534)
  expect(() => readFlags([], {})).toThrow('belongs to another user')
  expect(readFlags(['--peers', '/flag'], {}).peers).toBe('/flag')
})

test('a server to add has a name and a command, which may hold more bars', () => {
  const { added } = readFlags(['--add', 'a|node x.js', '--add', 'b|x | tail -1'])
  expect(added).toEqual([
    { name: 'a', command: 'node x.js' },
    { name: 'b', command: 'x | tail -1' },
  ])
})

test.each([
  ['--nonsense', 'nonsense'],
  ['--rounds=0', '--rounds: expected a number above 0, found "0"'],
  ['--rounds=1.5', '--rounds: expected a whole number, found "1.5"'],
  ['--secs=soon', '--secs: expected a number above 0, found "soon"'],
  ['--add=command', '--add: expected \'name|command\', found "command"'],
  ['--add=|command', '--add'],
  ['positional', 'positional'],
])('%s is a mistake', (flag, message) => {
  expect(() => readFlags([flag])).toThrow(UsageError)
  expect(() => readFlags([flag])).toThrow(message)
})

const named = ['ours', 'ours-prefork', 'vsftpd'].map((name) => ({ name }))

test('rows are chosen by their beginning, servers by their whole name', () => {
  const rows = choose('row', allRows(readFlags([])), ['retr-c', 'noop-c1']).map(({ name }) => name)
  expect(rows).toEqual(['noop-c1', 'retr-c1', 'retr-c1-discard', 'retr-c4'])
  expect(choose('server', named, ['ours'])).toEqual([{ name: 'ours' }])
  expect(choose('server', named, [])).toBe(named)
})

test('a name of nothing is a mistake that says what there is', () => {
  expect(() => choose('server', named, ['ours', 'wuftpd'])).toThrow('no server "wuftpd": there are ours, ours-prefork')
  expect(() => choose('row', named, ['x'])).toThrow(UsageError)
})
