import { once } from 'node:events'
import { createServer as createHttpServer, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer, type Server, Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import { holdOn } from '../../src/control-api/client/hold.ts'
import { startControlApi } from '../../src/control-api/start.ts'
import { connectFtpServer, startFtpServer } from '../../src/index.ts'
import { ControlledServer } from '../support/controlled-server.ts'
import { RawClient } from '../support/raw-client.ts'

const failed = { name: 'FtpFixtureError', code: 'ERR_CONTROL_FAILED' }

async function listening(server: Server): Promise<{ readonly url: string } & AsyncDisposable> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.close()
    await once(server, 'close')
  }
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close }
}

test('the token may be an option, stand in the URL, or both in the environment', async () => {
  await using server = await ControlledServer.start()
  const { url, token } = server
  const withToken = url.replace('//', `//ftp:${encodeURIComponent(token)}@`)
  for (const connect of [
    () => connectFtpServer(url, { token }),
    () => connectFtpServer(new URL(withToken)),
    () => connectFtpServer(withToken, { token: undefined }),
  ]) {
    await using ftp = await connect()
    expect(ftp.sessions).toEqual([])
  }
  vi.stubEnv('FTP_CONTROL_URL', url)
  await expect(connectFtpServer()).rejects.toThrow(/^token: expected the control API's token/)
  vi.stubEnv('FTP_CONTROL_TOKEN', token)
  for (const given of [undefined, url]) {
    await using ftp = await connectFtpServer(given)
    expect(ftp.sessions).toEqual([])
  }
  vi.unstubAllEnvs()
})

test.each([
  [undefined, 'url: expected the URL of a control API'],
  ['127.0.0.1:21', 'url: expected the URL of a control API'],
  ['https://127.0.0.1:21', "url: expected the URL of a control API, such as 'http://127.0.0.1:49321', found \"https:"],
  ['ftp://user:12345@127.0.0.1:21', 'found "ftp://***@127.0.0.1:21"'],
  ['http://ftp:12345@127.0.0.1:21/server', 'with no path or one of a lane, found "http://127.0.0.1:21/server"'],
  [21, 'url: expected a string, found 21'],
])('what cannot be the URL of a control API is refused: %s', async (url, message) => {
  const error = await connectFtpServer(url as string, { token: 'x' }).catch((reason: Error) => reason)
  expect(error).toMatchObject({ name: 'FtpFixtureError', code: 'ERR_OPTION_INVALID' })
  expect((error as Error).message).toContain(message)
  expect((error as Error).message).not.toContain('12345')
})

test('a typo in the options is named', async () => {
  await expect(connectFtpServer('http://127.0.0.1:1', { tokn: 'x' } as object)).rejects.toThrow('tokn: unknown option')
})

test('a wrong token is told from a right one', async () => {
  await using server = await ControlledServer.start()
  const error = await connectFtpServer(server.url, { token: 'wrong' }).catch((reason: Error) => reason)
  expect(error).toMatchObject(failed)
  expect((error as Error).message).toBe(`${server.url}: the token is not the one of this control API`)
})

test('where nobody listens, or somebody else, it says so', async () => {
  const unused = await listening(createServer())
  await unused[Symbol.asyncDispose]()
  const nobody = connectFtpServer(unused.url, { token: 'x' })
  await expect(nobody).rejects.toMatchObject({ ...failed, message: expect.stringContaining('nobody is there (') })

  await using ftp = await startFtpServer()
  const other = connectFtpServer(`http://127.0.0.1:${ftp.port}`, { token: 'x' })
  await expect(other).rejects.toMatchObject({ ...failed, message: expect.stringContaining('what answers is no HTTP') })

  await using web = await listening(createHttpServer((_, answer) => answer.end('<html>')))
  const page = connectFtpServer(web.url, { token: 'x' })
  await expect(page).rejects.toMatchObject({ ...failed, message: expect.stringContaining('no control API of ftp-fix') })
})

test('who listens and says nothing is not waited for long', async () => {
  await using silent = await listening(createServer((socket) => socket.on('error', () => {}).resume()))
  const { hostname: host, port } = new URL(silent.url)
  const held = holdOn({ host, port: Number(port), token: 'x' }, 30)
  await expect(held).rejects.toMatchObject({ ...failed, message: `${silent.url}: no answer within 30 ms` })
})

test('a server that says nothing more is waited for as long as was said', async () => {
  const introduction = { name: 'ftp-fixture', thread: '' }
  const answer = (url: string | undefined, response: ServerResponse) =>
    url === '/server' && response.end(JSON.stringify(introduction))
  await using mute = await listening(createHttpServer(({ url }, response) => answer(url, response)))
  const ftp = await connectFtpServer(mute.url, { token: 'x' })
  const given = AbortSignal.abort(new Error('enough'))
  const left = new AbortController()
  const waiting = expect(ftp.waitFor({ type: 'login' }, { signal: left.signal })).rejects.toThrow('enough')
  left.abort(given.reason)
  await waiting
  const message = `waitFor: no answer from ${mute.url} within 2030 ms`
  await expect(ftp.waitFor({ type: 'login' }, { timeout: 30 })).rejects.toMatchObject({ ...failed, message })
  await ftp.stop()
})

test('a file that is too large is told of as that, for it is not sent unless the server wants it', async () => {
  await using server = await ControlledServer.start()
  await using ftp = await server.connect()
  const bytes = Buffer.alloc(65 * 2 ** 20)
  const sent = vi.spyOn(Socket.prototype, 'write')
  const refused = { code: 'ERR_REQUEST_INVALID', message: 'body: expected at most 67108864 bytes' }
  await expect(ftp.files.write('big', bytes)).rejects.toMatchObject(refused)
  expect(sent.mock.calls.filter(([chunk]) => chunk.length > 10_000)).toEqual([])
  sent.mockRestore()
  await ftp.files.write('big', bytes.subarray(0, 2 ** 20))
  expect(await ftp.files.read('big')).toHaveLength(2 ** 20)
})

test('a server of this very thread is no one to wait for', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const held = connectFtpServer(api.urlWithToken)
  const message = `${api.url}: the server runs in this very thread: use the fixture itself`
  await expect(held).rejects.toMatchObject({ ...failed, message })
})

test('letting go of a server leaves it running, and the hold is of no use any more', async () => {
  await using server = await ControlledServer.start()
  const first = await server.connect()
  first.use('slow-download')
  const types: string[] = []
  const waiting = expect(first.waitFor(({ type }) => types.push(type) < 0)).rejects.toMatchObject({
    code: 'ERR_STOPPED',
    message: expect.stringContaining('or this hold was let go'),
  })
  await using client = await RawClient.connect(first)
  await client.expect(220)
  await vi.waitFor(() => expect(types).toContain('reply'))
  await client.command('NOOP', 200)
  await vi.waitFor(() => expect(types).toContain('command'))
  await first.stop()
  await waiting
  expect(first.transcript.commands().map(({ verb }) => verb)).toEqual(['NOOP'])
  expect(() => first.scenario).toThrow('or this hold was let go')
  await expect(first.files.list()).rejects.toMatchObject({ code: 'ERR_STOPPED' })
  await using second = await server.connect()
  await client.command('NOOP', 200)
  expect(second.scenario).toBe('slow-download')
})

test('a server that has gone meanwhile is told of as stopped', async () => {
  const server = await ControlledServer.start()
  await using ftp = await server.connect()
  expect(ftp.sessions).toEqual([])
  await server[Symbol.asyncDispose]()
  expect(() => ftp.sessions).toThrow(expect.objectContaining({ code: 'ERR_STOPPED' }))
  const gone = {
    name: 'FtpFixtureError',
    code: 'ERR_STOPPED',
    message: expect.stringContaining('is not there any more'),
  }
  await expect(ftp.files.list()).rejects.toMatchObject(gone)
  await expect(ftp.shutdown()).rejects.toMatchObject(gone)
})

test('a server is shut down for everybody, and its process ends', async () => {
  await using server = await ControlledServer.start()
  await using ftp = await server.connect()
  await using client = await RawClient.login(ftp)
  expect(await ftp.shutdown()).toMatchObject({ sessions: 1 })
  await server.ended()
  expect(await client.line()).toBeUndefined()
})

test('what another hold does to the transcript is seen', async () => {
  await using server = await ControlledServer.start()
  await using mine = await server.connect()
  await using theirs = await server.connect()
  await using client = await RawClient.login(mine)
  const before = mine.transcript.events.length
  theirs.transcript.clear()
  await client.command('NOOP', 200)
  expect(mine.transcript.commands()).toMatchObject([{ verb: 'NOOP' }])
  expect(mine.transcript.forgotten).toBe(before)
  theirs.transcript.clear()
  await client.command('SYST', 215)
  // Seen by the stream before anybody has looked.
  const reply = await mine.waitFor((event) => event.type === 'reply' && event.verb === 'SYST')
  expect(mine.transcript.events).toHaveLength(2)
  expect(mine.transcript.events[1]).toBe(reply)
})
