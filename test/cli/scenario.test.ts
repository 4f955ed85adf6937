import { connect } from 'node:net'
import { dir } from 'tmp-promise'
import { expect, test } from 'vitest'
import { RunningCli } from '../support/cli.ts'
import { readAll } from '../support/raw-client.ts'

test('--scenario misbehaves, says how, and shows what it does amid the whole dialogue', async () => {
  await using cli = new RunningCli(['--scenario', 'abort-download-midway'])
  const client = await cli.login()
  await client.command('TYPE I', 200)
  const data = await client.passive()
  const received = readAll(data).catch((error: NodeJS.ErrnoException) => error.code)
  await client.command('RETR pub/file.bin', 125, 150)
  expect(await received).toBe('ECONNRESET')
  await client.expect(426)
  await client.command('QUIT', 221)
  await cli.shows('disconnected')
  expect(cli.output).toContain('Misbehaves as abort-download-midway - The data connection is reset after 32 KiB')
  expect(cli.output).toMatch(/\* abort-download-midway, rules\[0\]: .* cut after 32768 bytes by RST/)
  expect(cli.output).toContain('> RETR pub/file.bin')
})

test('the files and users of a scenario are there, and those of the command line go before', async () => {
  const { path: directory, cleanup } = await dir({ unsafeCleanup: true })
  const { writeFile } = await import('node:fs/promises')
  const file = `${directory}/own.yaml`
  await writeFile(
    file,
    'users: [{ username: eve, password: s }]\nfiles: { only-here.txt: x }\noptions: { banner: Own. }\n',
  )
  {
    await using cli = new RunningCli(['--scenario', file])
    const client = await cli.login('eve', 's')
    await client.command('TYPE I', 200)
    await client.command('SIZE only-here.txt', 213)
    await client.command('SIZE pub/hello.txt', 213)
    await client.command('QUIT', 221)
  }
  await using cli = new RunningCli(['--scenario', file, '--username', 'bob', '--password', 'b', '--banner', 'Mine.'])
  const { host, port } = await cli.address()
  const [greeting] = String(await readAll(connect(port, host).end())).split('\r\n')
  expect(greeting).toBe('220 Mine.')
  const client = await cli.login('bob', 'b')
  await client.command('QUIT', 221)
  await cleanup()
})

test.each([
  [['--scenario', 'nat-masquerad'], /no built-in scenario is named "nat-masquerad"; did you mean "nat-masquerade"\?/],
  [['--scenario', 'nowhere.yaml'], /nowhere\.yaml/],
  [['--scenario', 'nat-masquerade', '--concurrency', 'multi-thread'], /--scenario goes with --concurrency async/],
])('a scenario that cannot be played: %j', async (args, message) => {
  const cli = new RunningCli(args)
  expect(await cli.status()).toBe(2)
  expect(cli.errors).toMatch(message)
  expect(cli.errors).toMatch(/^ftp-fixture: [^\n]*\n$/)
})
