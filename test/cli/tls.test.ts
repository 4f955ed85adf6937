import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { dir } from 'tmp-promise'
import { describe, expect, test } from 'vitest'
import { RunningCli } from '../support/cli.ts'
import { requireTool, runTool } from '../support/clients.ts'
import { logIn } from '../support/ftps.ts'
import { RawClient } from '../support/raw-client.ts'

/** A certificate with its key, for tests only. */
const CERTIFICATE = fileURLToPath(new URL('../support/certificate.pem', import.meta.url))
const [certificate = ''] =
  /-----BEGIN CERTIFICATE[\s\S]*?END CERTIFICATE-----\n/.exec(readFileSync(CERTIFICATE, 'utf8')) ?? []
const [key = ''] =
  /-----BEGIN [A-Z ]*PRIVATE KEY[\s\S]*?PRIVATE KEY-----\n/.exec(readFileSync(CERTIFICATE, 'utf8')) ?? []

const MODELS = ['async', 'pre-fork', 'multi-thread', 'multi-proc']

/** The file with the certificate of the throw-away authority, from the introduction. */
function caFileOf(cli: RunningCli): string {
  return /clients have to trust (.*)$/m.exec(cli.output)?.[1] ?? ''
}

/** A client whose control connection is encrypted. */
async function encrypted(cli: RunningCli, ca: string): Promise<RawClient> {
  const address = await cli.address()
  const client = await RawClient.connect(address)
  await client.expect(220)
  await client.secure({ ca, host: address.host })
  return client
}

test('without --tls there is none', async () => {
  await using cli = new RunningCli([])
  await using client = await RawClient.connect(await cli.address())
  await client.expect(220)
  await client.command('AUTH TLS', 500, 502)
})

test.each(MODELS)('--tls: a certificate that clients can trust, in a temp file: %s', async (model) => {
  const cli = new RunningCli(['--tls', '--concurrency', model])
  await cli.url()
  const file = caFileOf(cli)
  {
    await using client = await encrypted(cli, readFileSync(file, 'utf8'))
    await logIn(client)
    await client.command('QUIT', 221)
  }
  expect(await cli.stop()).toBe(0)
  expect(existsSync(file)).toBe(false)
})

test('--ca-file: where to write it, and there it stays', async () => {
  const { path: directory, cleanup } = await dir({ unsafeCleanup: true })
  const file = path.join(directory, 'ca.pem')
  const cli = new RunningCli(['--tls', '--ca-file', file])
  await cli.url()
  expect(caFileOf(cli)).toBe(file)
  {
    await using client = await encrypted(cli, readFileSync(file, 'utf8'))
    await logIn(client)
  }
  expect(await cli.stop()).toBe(0)
  expect(readFileSync(file, 'utf8')).toContain('BEGIN CERTIFICATE')
  await cleanup()
})

test.each(MODELS)('--certfile implies --tls, --keyfile goes with it: %s', async (model) => {
  const { path: directory, cleanup } = await dir({ unsafeCleanup: true })
  const files = { cert: path.join(directory, 'cert.pem'), key: path.join(directory, 'key.pem') }
  writeFileSync(files.cert, certificate)
  writeFileSync(files.key, key)
  for (const flags of [
    ['--certfile', CERTIFICATE],
    ['--certfile', files.cert, '--keyfile', files.key],
  ]) {
    await using cli = new RunningCli([...flags, '--concurrency', model])
    const client = await RawClient.connect(await cli.address())
    await client.expect(220)
    const socket = await client.secure({ rejectUnauthorized: false })
    expect(String(socket.getPeerX509Certificate()).trim()).toBe(certificate.trim())
    await client.command('QUIT', 221)
    await client.closed()
    client.socket.destroy()
    expect(cli.output).toContain(`with the certificate ${flags[1]}`)
  }
  await cleanup()
})

test('--tls-control-required', async () => {
  await using cli = new RunningCli(['--tls', '--tls-control-required'])
  await using client = await RawClient.connect(await cli.address())
  await client.expect(220)
  await client.command('USER user', 550)
  await client.secure({ rejectUnauthorized: false })
  await client.command('USER user', 331)
})

test('--tls-data-required', async () => {
  await using cli = new RunningCli(['--tls', '--tls-data-required'])
  await using client = await cli.login()
  await client.command('LIST', 550)
})

test('--implicit-tls', async () => {
  await using cli = new RunningCli(['--tls', '--implicit-tls'])
  const { protocol, port } = await cli.url()
  expect(protocol).toBe('ftps:')
  const address = { host: '127.0.0.1', port: Number(port) }
  await using client = await RawClient.connect(address)
  await client.startTls({ ca: readFileSync(caFileOf(cli), 'utf8'), host: address.host })
  await client.expect(220)
})

describe('the command line that the introduction shows', () => {
  requireTool('curl')

  test.each([
    [[]],
    [['--tls', '--tls-control-required', '--tls-data-required']],
    [['--tls', '--implicit-tls']],
    [['--certfile', CERTIFICATE, '--tls-data-required']],
    [['--tls', '--interface', '::1']],
  ])('works: %j', async (flags) => {
    await using cli = new RunningCli(flags)
    await cli.url()
    const line = /^Try: {2}(.*)$/m.exec(cli.output)?.[1] ?? ''
    const { status, stdout, stderr } = await runTool('sh', ['-c', `${line} --silent --show-error`])
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/ pub\r?\n/)
  })
  test('asks for a password that was given', async () => {
    const password = `it's (a) "secret" & $more!`
    await using cli = new RunningCli(['--password', password])
    await cli.url()
    const line = /^Try: {2}(.*)$/m.exec(cli.output)?.[1] ?? ''
    // Without a terminal of its own, curl reads it from standard input.
    const sh = spawn('sh', ['-c', `${line} --silent --show-error`], { detached: true })
    sh.stdin.end(`${password}\n`)
    const [listing, asked] = await Promise.all([text(sh.stdout), text(sh.stderr), once(sh, 'close')])
    expect(listing).toMatch(/ pub\r?\n/)
    expect(asked).toContain("Enter host password for user 'user':")
  })
})
