import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const BENCH = fileURLToPath(new URL('./bench.mjs', import.meta.url))
const hasCompiler = spawnSync('cc', ['--version']).status === 0
if (!hasCompiler && process.env.CI !== undefined && process.platform === 'linux') throw new Error('CI must have cc')

let directory: string
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'bench-test-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Runs the benchmark with a temp directory of its own. */
function bench(...args: string[]) {
  const env = { ...process.env, TMPDIR: directory }
  return spawnSync(process.execPath, [BENCH, ...args], { encoding: 'utf8', env })
}

const inMemory = () => readdirSync('/dev/shm').filter((name) => name.startsWith('ftp-bench-'))

const TINY = '--secs 0.05 --warm 0.05 --mb 1 --files 50 --sessions 5 --rounds 1 --foreign 1'.split(' ')
const ROWS = [
  'sessions-c1',
  'noop-c50-pipe8',
  'retr1k-c1',
  'stor1k-c1',
  'retr-c1',
  'stor-c1',
  'mlsd-10k',
  'throttle-gap',
]
const OTHERS = ['tls-sessions-c1', 'idle-pss', 'start-use-stop']

test('our server is measured, and nothing is left', ({ skip }) => {
  skip(process.platform !== 'linux' || !hasCompiler, 'the benchmark wants Linux and a C compiler (cc)')
  const before = inMemory()
  const { stdout, stderr, status } = bench(
    '--servers',
    'ours,ours-scenario',
    '--rows',
    `${[...ROWS, ...OTHERS]}`,
    ...TINY,
  )
  expect(stdout, stderr).toMatch(/^ours 0\./m)
  for (const name of [...ROWS, 'start-use-stop']) {
    expect(stdout, stderr).toMatch(new RegExp(`^${name} +\\S+ +[\\d.,]+`, 'm'))
  }
  expect(stdout).toMatch(/^retr-c1 +MB\/s +[\d.,]+\*? \(1\.00\) +[\d.,]+\*? \([\d.]+\)$/m)
  expect(stderr).toMatch(/^warm-up retr1k-c1 ours rate/m)
  expect(stderr).not.toContain('warm-up retr-c1 ')
  expect(stdout).not.toContain('Failed:')
  expect(status, stderr).toBe(0)
  expect(readdirSync(directory).filter((name) => !name.startsWith('ftp-bench-peers-'))).toEqual([])
  expect(inMemory()).toEqual(before)
})

test('an interruption ends it with what there is, and nothing is left', async ({ skip }) => {
  skip(process.platform !== 'linux' || !hasCompiler, 'the benchmark wants Linux and a C compiler (cc)')
  const before = inMemory()
  const args = [BENCH, '--servers', 'ours', '--rows', 'noop-c1', ...TINY, '--rounds', '100000']
  const child = spawn(process.execPath, args, { env: { ...process.env, TMPDIR: directory } })
  const closed = once(child, 'close')
  let [output, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (!errors.includes('round 3') && `${errors}${text}`.includes('round 3')) child.kill('SIGTERM')
    errors += text
  })
  expect(await closed, errors).toEqual([0, null])
  expect(output).toMatch(/^noop-c1 +\/s +[\d.,]+/m)
  expect(readdirSync(directory).filter((name) => !name.startsWith('ftp-bench-peers-'))).toEqual([])
  expect(inMemory()).toEqual(before)
})

test('a mistake is told, and nothing is run', () => {
  expect(bench('--rows', 'nonsense')).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('bench: no row "nonsense"'),
  })
  expect(bench('--nonsense')).toMatchObject({ status: 2, stderr: expect.stringContaining('--nonsense') })
  expect(bench('--help').stdout).toContain('npm run bench -- [flags]')
})
