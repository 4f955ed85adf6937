import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, test, vi } from 'vitest'
import { RunningCli } from '../support/cli.ts'
import { requireTool } from '../support/clients.ts'
import { TempDirectory } from '../support/temp-directory.ts'

const NODE = process.execPath

/** Whether a process runs; one that has ended and that nobody has asked after does not. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** The processes that have written their numbers into a file. */
function pidsIn(file: string): number[] {
  return readFileSync(file, 'utf8').trim().split('\n').map(Number)
}

/** Resolves when a file has so many lines. */
async function hasLines(file: string, count: number): Promise<void> {
  await vi.waitUntil(() => existsSync(file) && readFileSync(file, 'utf8').split('\n').length > count, {
    timeout: 20_000,
  })
}

function leftBy(cli: RunningCli): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`ftp-fixture-${cli.child.pid}-`))
}

/** A command with a child, and a child of that, all of which go on for long and say who they are. */
const FAMILY = 'echo $$ >> "$0"; (echo $(exec sh -c "echo \\$PPID") >> "$0"; sleep 300; true) & sleep 300; true'

describe('a command that takes too long', () => {
  test('is ended with all that it started', async () => {
    using directory = new TempDirectory()
    const pids = directory.at('pids')
    const args = ['run', 'slow-commands', '--timeout', '1s', '--', 'sh', '-c', FAMILY, pids]
    const cli = new RunningCli(args)
    expect(await cli.status()).toBe(1)
    expect(cli.output).toMatch(/sh -c .*: timed out, after 1\d{3} ms/)
    expect(cli.output).toMatch(/^✗ slow-commands {2}timed out {2}1 missed/m)
    expect(pidsIn(pids)).toHaveLength(2)
    expect(pidsIn(pids).filter(runs)).toEqual([])
    expect(leftBy(cli)).toEqual([])
  })

  test('has time to say something when it is asked to end, and is ended by force when it does not', async () => {
    using directory = new TempDirectory()
    const pids = directory.at('pids')
    const code = `
      require('fs').writeFileSync(process.argv[1], process.pid + '\\n')
      process.on('SIGTERM', () => console.log('not yet'))
      setInterval(() => {}, 1000)`
    const cli = new RunningCli(['run', 'slow-commands', '-t', '2s', '--', NODE, '-e', code, pids])
    expect(await cli.status()).toBe(1)
    expect(cli.output).toContain('    | not yet\n')
    expect(cli.output).toContain('timed out')
    expect(pidsIn(pids).filter(runs)).toEqual([])
  })

  test('0 is no time limit', async () => {
    const cli = new RunningCli(['run', 'slow-commands', '-t', '0', '--', 'sleep', '1'])
    await cli.status()
    expect(cli.output).toMatch(/exit status 0, after 1\d{3} ms/)
  })
})

test('what a command leaves behind in the background is ended too', async () => {
  using directory = new TempDirectory()
  const pids = directory.at('pids')
  const cli = new RunningCli(['run', 'slow-commands', '--', 'sh', '-c', 'sleep 300 & echo $! > "$0"', pids])
  await cli.status()
  expect(cli.output).toContain('exit status 0')
  expect(pidsIn(pids).filter(runs)).toEqual([])
})

describe('a daemon', () => {
  requireTool('setsid')

  test('that keeps the output open does not keep the program', async () => {
    using directory = new TempDirectory()
    const pids = directory.at('pids')
    const script =
      'setsid sh -c \'echo $$ > "$0"; sleep 300\' "$0" & while ! [ -s "$0" ]; do sleep 0.01; done; echo said'
    const cli = new RunningCli(['run', 'slow-commands', '-o', 'all', '--', 'sh', '-c', script, pids])
    await cli.status()
    expect(cli.output).toContain('    | said\n')
    for (const pid of pidsIn(pids)) process.kill(-pid, 'SIGKILL')
  })
})

/** Leaves a process that has ended and whose parent, which has left the group, never asks after it. */
const LEAVES_ZOMBIE = `
import os, sys, time
read, write = os.pipe()
if os.fork() == 0:
    if os.fork() == 0: os._exit(0)
    os.setsid()
    with open(sys.argv[1], 'w') as pids: print(os.getpid(), file=pids)
    for each in (0, 1, 2, write): os.close(each)
    time.sleep(300)
os.close(write)
os.read(read, 1)`

describe('a process that has ended, and whose parent has not asked after it', () => {
  requireTool('python3')

  test('is not waited for', async () => {
    using directory = new TempDirectory()
    const pids = directory.at('pids')
    const args = ['run', 'slow-commands', '--reporter', 'json', '--', 'python3', '-c', LEAVES_ZOMBIE, pids]
    const cli = new RunningCli(args)
    await cli.status()
    for (const pid of pidsIn(pids)) process.kill(pid, 'SIGKILL')
    type Lasting = { readonly durationMs: number }
    const { durationMs, results } = JSON.parse(cli.output) as Lasting & { readonly results: readonly Lasting[] }
    // Beside the command itself there is the server's start, and there would be the grace of 2 s.
    expect(durationMs - (results[0]?.durationMs ?? 0)).toBeLessThan(2000)
  })
})

test('a command has nothing to read', async () => {
  const cli = new RunningCli(['run', 'slow-commands', '-o', 'all', '--', 'sh', '-c', 'cat; echo read'])
  await cli.status()
  expect(cli.output).toContain('    | read\n')
})

test('a command that is ended by a signal has not passed', async () => {
  using directory = new TempDirectory()
  const file = directory.write('own.yaml', 'rules: []\n')
  const cli = new RunningCli(['run', file, '--', 'sh', '-c', 'kill -SEGV $$'])
  expect(await cli.status()).toBe(1)
  expect(cli.output).toContain('killed by SIGSEGV')
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends commands with all that they started', async (signal) => {
  using directory = new TempDirectory()
  const pids = directory.at('pids')
  const report = directory.at('report.json')
  const args = ['run', 'abort-*', 'slow-commands', '-j', '2', '--reporter', `json=${report}`]
  const cli = new RunningCli([...args, '--', 'sh', '-c', FAMILY, pids])
  await hasLines(pids, 4)
  expect(await cli.stop(signal)).toBe(130)
  expect(pidsIn(pids)).toHaveLength(4)
  expect(pidsIn(pids).filter(runs)).toEqual([])
  expect(leftBy(cli)).toEqual([])
  expect(cli.output).toMatch(/Interrupted\. 3 scenarios, 0 passed, 3 not played/)
  expect(JSON.parse(directory.read('report.json'))).toMatchObject({ interrupted: true, passed: false, results: [] })
})

test('a second signal, when the first has been heard, ends all at once', async () => {
  using directory = new TempDirectory()
  const pids = directory.at('pids')
  const script = 'trap "" TERM; echo $$ > "$0"; while true; do sleep 0.1; done'
  const cli = new RunningCli(['run', 'slow-commands', '--', 'sh', '-c', script, pids])
  await hasLines(pids, 1)
  cli.child.kill('SIGINT')
  await cli.shows('another signal ends it hard')
  expect(await cli.stop('SIGINT')).toBe(130)
  await vi.waitUntil(() => !pidsIn(pids).some(runs))
  expect(leftBy(cli)).toEqual([])
})

test.each([
  ['no-such-command', /^ftp-fixture: cannot start "no-such-command": there is no such command\n$/],
  [`${process.execPath}/node`, /^ftp-fixture: cannot start ".*": there is no such command\n$/],
  [tmpdir(), /^ftp-fixture: cannot start ".*": it may not be run\n$/],
  ['', /^ftp-fixture: cannot start "": .*cannot be empty.*\n$/],
])('a command that cannot be started is one error: %s', async (command, message) => {
  using directory = new TempDirectory()
  const cli = new RunningCli(['run', '--jobs', '3', '--reporter', `tap=${directory.at('tap')}`, '--', command])
  expect(await cli.status()).toBe(127)
  expect(cli.errors).toMatch(message)
  expect(cli.output).toBe('')
  expect(directory.read('tap')).toMatch(/^TAP version 14\n[\s\S]*\nBail out! cannot start ".*\n$/)
  expect(leftBy(cli)).toEqual([])
})

test('one that cannot be started any more ends those that run beside it', async () => {
  using directory = new TempDirectory()
  // The first goes on, the second removes the command before the third.
  const command = directory.write('command', '#!/bin/sh\nif mkdir "$0.lock"; then sleep 300; else rm "$0"; fi\n')
  chmodSync(command, 0o755)
  const cli = new RunningCli(['run', '--jobs', '2', 'slow-*', '--', command])
  expect(await cli.status()).toBe(127)
  expect(cli.errors).toContain('there is no such command')
})

test('the port that was asked for may be taken: one error, and nothing is left', async () => {
  await using other = new RunningCli([])
  const { port } = await other.address()
  const cli = new RunningCli(['run', '--port', String(port), '--', 'true'])
  expect(await cli.status()).toBe(1)
  expect(cli.errors).toMatch(/^ftp-fixture: cannot listen on [^\n]*\n$/)
  expect(leftBy(cli)).toEqual([])
})

test('a reader who leaves ends it, without a crash', async () => {
  using directory = new TempDirectory()
  const pids = directory.at('pids')
  const cli = new RunningCli([
    'run',
    'abort-*',
    '--',
    'sh',
    '-c',
    'echo $$ >> "$0"; [ $(wc -l < "$0") = 1 ] || sleep 300',
    pids,
  ])
  await hasLines(pids, 2)
  cli.child.stdout?.destroy()
  const before = statSync(pids).size
  // Nothing is written before the second command has ended.
  for (const pid of pidsIn(pids).slice(1)) process.kill(pid, 'SIGKILL')
  await cli.status()
  expect(cli.errors).toBe('')
  expect(statSync(pids).size).toBe(before)
})
