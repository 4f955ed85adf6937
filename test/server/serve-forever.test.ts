import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { DummyAuthorizer, FTPHandler, FTPServer } from '../../src/server.ts'
import { resolveServing } from '../../src/servers/serve-forever.ts'
import { commonJs, partsNamed } from '../support/models.ts'
import { PreforkProgram } from '../support/prefork-program.ts'
import { RawClient } from '../support/raw-client.ts'

const plain = () => new FTPServer({}, FTPHandler, { authorizer: new DummyAuthorizer() })

test('it listens, and resolves when the server is closed', async () => {
  const server = plain()
  const served = server.serveForever()
  expect(await server.listen()).toBe(server)
  await using client = await RawClient.connect(server.address)
  await client.expect(220)
  await server.closeAll()
  expect(await served).toBeUndefined()
})

test('it rejects where the server cannot listen', async () => {
  await using first = await plain().listen()
  const { port } = first.address
  const second = new FTPServer({ port }, FTPHandler, { authorizer: new DummyAuthorizer() })
  await expect(second.serveForever({ handleExit: true })).rejects.toMatchObject({ code: 'ERR_LISTEN_FAILED' })
  expect(process.listenerCount('SIGTERM')).toBe(0)
})

test('signals are left alone unless asked for, and again once the server is closed', async () => {
  const counts = () => [process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')]
  const before = counts()
  const server = plain()
  const served = server.serveForever()
  await server.listen()
  expect(counts()).toEqual(before)
  await server.closeAll()
  await served
  const other = plain()
  const handled = other.serveForever({ handleExit: true })
  await other.listen()
  expect(counts()).toEqual(before.map((count) => count + 1))
  await other.closeAll()
  await handled
  expect(counts()).toEqual(before)
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends sessions and server, and is what serveForever resolves with',
  async (signal) => {
    await using program = await PreforkProgram.start({ serve: { handleExit: true } })
    await using client = await RawClient.login(program)
    program.kill(signal)
    await client.closed()
    expect(await program.ended()).toBe(0)
    expect(program.lines.slice(-2)).toEqual(['event disconnect 1', `ended ${signal}`])
  },
)

test('a second signal ends the process hard', async () => {
  await using program = await PreforkProgram.start({ serve: { handleExit: true } })
  await using client = await RawClient.login(program)
  // Closing waits a while for a callback that does not end.
  await client.store('STOR hang.txt', '')
  program.kill('SIGTERM')
  await program.line(/^event disconnect/)
  program.kill('SIGTERM')
  expect(await program.ended()).toBe('SIGTERM')
})

test('without handleExit a signal does what it does by default', async () => {
  await using program = await PreforkProgram.start({ serve: {} })
  program.kill('SIGTERM')
  expect(await program.ended()).toBe('SIGTERM')
})

test('workerProcesses: 1 unless given; none, 0 and less are the number of processors', () => {
  const processes = (options: Parameters<typeof resolveServing>[0]) => resolveServing(options).workerProcesses
  expect(processes({})).toBe(1)
  expect(processes({ workerProcesses: 3 })).toBe(3)
  for (const many of [undefined, 0, -1]) expect(processes({ workerProcesses: many })).toBe(availableParallelism())
})

test('options that are wrong', async () => {
  await using server = plain()
  // @ts-expect-error: an option that there is not.
  await expect(server.serveForever({ blocking: true })).rejects.toThrow('blocking: unknown option')
  await expect(server.serveForever({ workerProcesses: 1.5 })).rejects.toThrow('workerProcesses')
  const threaded = new commonJs.ThreadedFTPServer({}, partsNamed('parts.mjs'))
  await expect(threaded.serveForever({ workerProcesses: 2 })).rejects.toThrow(
    'workerProcesses: expected 1, as each connection has a worker already',
  )
})
