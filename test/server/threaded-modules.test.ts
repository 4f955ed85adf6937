import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { FTPHandler, IOLoop } from '../../src/server.ts'
import { tempTree } from '../filesystems/temp-tree.ts'
import { CERTIFICATE, commonJs, type Model, ModelServer, partsNamed } from '../support/models.ts'
import { RawClient } from '../support/raw-client.ts'
import { run } from '../support/run.ts'

const models: readonly Model[] = ['ThreadedFTPServer', 'MultiprocessFTPServer']
const script = fileURLToPath(new URL('../support/worker-parts/serve-once.mjs', import.meta.url))

test.each(models)('%s: a module in CommonJS has classes of the same build to work with', async (model) => {
  await using ftp = await ModelServer.start(model, { files: { 'a.txt': 'a' } }, 'parts.cjs')
  await using client = await RawClient.connect(ftp)
  expect((await client.expect(220)).text).toBe('220 From CommonJS.')
  await client.command('USER user', 331)
  ftp.server.configure({ authFailedTimeout: 0 })
  await client.command('PASS 12345', 230)
  expect(String(await client.fetch('RETR a.txt'))).toBe('a')
  await client.command('DELE missing', 550)
})

test('an authorizer alone, of the CommonJS build: its errors are those that the handler knows', async () => {
  await using ftp = await ModelServer.start('ThreadedFTPServer', { authFailedTimeout: 0 }, 'without-handler.cjs')
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER user', 331)
  expect((await client.command('PASS wrong', 530)).text).toContain('Not you.')
  await client.command('USER user', 331)
  await client.command('PASS right', 230)
})

test.each([
  ['no-such-module.mjs', /^module: Cannot find module .*no-such-module\.mjs/],
  ['throws.mjs', 'module: the module is broken'],
  ['no-authorizer.mjs', 'authorizer: expected an authorizer, a DummyAuthorizer say'],
  ['unknown-part.mjs', 'handlers: unknown part; did you mean "handler"?'],
  ['no-handler.mjs', 'handler: expected FTPHandler, or a class that extends it'],
])('listen rejects for a module that will not do: %s', async (name, message) => {
  for (const model of models) {
    const server = new commonJs[model]({}, partsNamed(name))
    await expect(server.listen()).rejects.toThrow(message)
    await expect(server.listen()).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_OPTION_/) })
    await server.closeAll()
    expect(server.address.port).toBe(0)
  }
})

test('options that the handler of the module cannot keep', async () => {
  const start = ModelServer.start('ThreadedFTPServer', { certfile: CERTIFICATE })
  await expect(start).rejects.toThrow('certfile: expected a TLS_FTPHandler to go with it')
})

test('what holds code has to be in the module, and is refused in the options', () => {
  const { ThreadedFTPServer } = commonJs
  const wrong: readonly (readonly [object, string])[] = [
    [{ banner: () => 'x' }, 'banner: cannot be sent to a worker; put it into the module that the workers load'],
    [{ sslContext: {} }, 'sslContext: cannot be sent to a worker'],
    [{ authorizer: {} }, 'authorizer: cannot be sent to a worker'],
    [{ handler: FTPHandler }, 'handler: cannot be sent to a worker'],
    [{ data: { call: () => 1 } }, 'data: cannot be sent to a worker'],
    [{ ioloop: new IOLoop() }, 'ioloop: expected none, as each worker has the time of its own'],
    [{ spareWorkers: -1 }, 'spareWorkers: expected a whole number ≥ 0'],
    [{ timeuot: 1 }, 'timeuot: unknown option; did you mean "timeout"?'],
  ]
  for (const [options, message] of wrong) {
    expect(() => new ThreadedFTPServer({}, partsNamed('parts.mjs'), options)).toThrow(message)
  }
  // @ts-expect-error: a class in place of a module is the mistake to be made here.
  expect(() => new ThreadedFTPServer({}, FTPHandler, {})).toThrow('module: expected the URL or the path of a module')
})

test('the module by its path, from a program in ES modules and under other arguments of Node, which ends by itself', async () => {
  const root = await tempTree({ 'a.txt': 'a' })
  for (const model of models) {
    for (const flags of [[], ['--inspect=0', '--title=ftp', '--no-warnings']]) {
      const { status, output } = await run(path.dirname(script), process.execPath, [...flags, script, model, root])
      expect([status, output.replace(/^(Debugger|For help).*\n/gm, '')]).toEqual([0, '230 closed\n'])
    }
  }
})

test('a program given as a text', async () => {
  const root = await tempTree()
  for (const model of models) {
    const code = `process.argv.splice(1, 0, 'x'); await import(${JSON.stringify(script)})`
    const { status, output } = await run(root, process.execPath, ['--input-type=module', '-e', code, model, root])
    expect([status, output]).toEqual([0, '230 closed\n'])
  }
})

test('without spares, every connection starts its worker', async () => {
  await using ftp = await ModelServer.start('ThreadedFTPServer', { spareWorkers: 0, files: { 'a.txt': 'a' } })
  for (const _ of [1, 2]) {
    await using client = await RawClient.login(ftp)
    expect(String(await client.fetch('RETR a.txt'))).toBe('a')
  }
})

test.each(models)(
  '%s: a net.Server that somebody else made, and a client that speaks before its worker is there',
  async (model) => {
    const existing = createServer()
    const root = await tempTree()
    const server = new commonJs[model](existing, partsNamed('parts.mjs'), { data: { root }, spareWorkers: 0 })
    await server.listen()
    // The first worker is there already.
    await using _first = await RawClient.login(server.address)
    await using client = await RawClient.connect(server.address)
    client.send('USER user')
    client.send('PASS 12345')
    for (const code of [220, 331, 230]) await client.expect(code)
    await server.closeAll()
    expect(existing.listening).toBe(false)
  },
)

test.each(models)('%s: a client that is gone before its worker is there leaves no place taken', async (model) => {
  const root = await tempTree()
  const parts = { data: { root }, spareWorkers: 0, maxCons: 2 }
  await using server = await new commonJs[model](createServer(), partsNamed('parts.mjs'), parts).listen()
  await using first = await RawClient.login(server.address)
  const gone = connect(server.address)
  await once(gone, 'connect')
  gone.resetAndDestroy()
  await vi.waitFor(
    async () => {
      await using next = await RawClient.connect(server.address)
      await next.expect(220)
    },
    { timeout: 6000 },
  )
  await first.command('NOOP', 200)
})
