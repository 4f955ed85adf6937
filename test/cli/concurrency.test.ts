import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { children, RunningCli } from '../support/cli.ts'

const MODELS = ['async', 'pre-fork', 'multi-thread', 'multi-proc']
const LINUX = process.platform === 'linux'

function threads(pid: number | undefined): number {
  return readdirSync(`/proc/${pid}/task`).length
}

test.each(MODELS)('serves, logs and stops: %s', async (model) => {
  const cli = new RunningCli(['--concurrency', model, '-u', 'me', '-P', 'pw', '--anonymous', '--banner', 'Hi.', '-D'])
  const root = await cli.root()
  {
    await using one = await cli.login('me', 'pw')
    await using two = await cli.login('anonymous', 'pw')
    expect(String(await one.fetch('RETR pub/hello.txt'))).toBe('hello\n')
    expect(String(await two.fetch('RETR pub/hello.txt'))).toBe('hello\n')
    await one.command('MKD made', 257)
    await two.command('RMD made', 550)
    await one.command('QUIT', 221)
    await two.command('QUIT', 221)
  }
  await cli.shows(/disconnected[\s\S]*disconnected/)
  expect(existsSync(`${root}/made`)).toBe(true)
  const text = cli.lines.join('\n')
  expect(text.match(/< 220 Hi\./g)).toHaveLength(2)
  expect(text.match(/RETR sent 6 bytes of \/pub\/hello\.txt \(TYPE I\) in .*, completed/g)).toHaveLength(2)
  expect(text).toMatch(/-\[me\] < 257 "\/made" directory created\./)
  expect(text).toMatch(/-\[anonymous\] < 550 Not enough privileges\./)
  expect(await cli.stop()).toBe(0)
  expect(cli.output.match(/ftp-fixture \d/g)).toHaveLength(1)
  expect(cli.output).toContain('Stopped. The temp directory is removed.')
  expect(cli.errors).toBe('')
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`ftp-fixture-${cli.child.pid}-`))).toEqual([])
})

test.runIf(LINUX).each(MODELS)('runs sessions where it says: %s', async (model) => {
  await using cli = new RunningCli(['--concurrency', model])
  await cli.url()
  const before = threads(cli.child.pid)
  await using one = await cli.login()
  await using two = await cli.login()
  await one.command('NOOP', 200)
  await two.command('NOOP', 200)
  const { pid } = cli.child
  // multi-proc keeps one more at hand.
  const processes = { async: 0, 'pre-fork': availableParallelism() > 1 ? availableParallelism() : 0, 'multi-thread': 0 }
  if (model === 'multi-proc') expect(children(pid).length).toBeGreaterThanOrEqual(2)
  else expect(children(pid)).toHaveLength(processes[model as keyof typeof processes])
  if (model === 'multi-thread') expect(threads(pid)).toBeGreaterThan(before)
})

test.runIf(LINUX).each(MODELS)(
  'a Ctrl-C, which reaches all processes, cuts sessions and leaves nothing: %s',
  async (model) => {
    const cli = new RunningCli(['--concurrency', model])
    const client = await cli.login()
    const workers = children(cli.child.pid)
    for (const pid of workers) process.kill(pid, 'SIGINT')
    expect(await cli.stop('SIGINT')).toBe(0)
    expect(cli.output).toContain('Stopped, 1 open session cut. The temp directory is removed.')
    expect(cli.errors).toBe('')
    await client.closed()
    client.socket.destroy()
    expect(workers.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
  },
)

test.each(MODELS)('a port in use is one line: %s', async (model) => {
  await using other = new RunningCli([])
  const { port } = await other.url()
  const cli = new RunningCli(['--concurrency', model, '--port', port])
  expect(await cli.status()).toBe(1)
  expect(cli.output).toBe('')
  expect(cli.errors).toBe(`ftp-fixture: cannot listen on 127.0.0.1 port ${port}: the port is taken\n`)
})
