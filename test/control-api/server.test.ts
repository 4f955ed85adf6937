import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { randomBytes, startControlApi, startFtpServer } from '../../src/index.ts'
import { version } from '../../src/servers/version.ts'
import { ControlRequests, send } from '../support/control-requests.ts'
import { RawClient } from '../support/raw-client.ts'

test('the server tells how to reach it, and what it is', async () => {
  await using ftp = await startFtpServer({ tls: true, scenario: 'slow-download', clock: 'manual' })
  await using api = await startControlApi(ftp)
  const { json } = await new ControlRequests(api).get('/server')
  const { host, port, username, password, url, ca, root } = ftp
  expect(json).toMatchObject({ name: 'ftp-fixture', version, host, port, username, password, url, ca, root })
  expect(json).toMatchObject({ scenario: 'slow-download', clock: 'manual', now: ftp.clock.now(), pid: process.pid })
})

test('a server without TLS and scenario says nothing of them', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const { json } = await new ControlRequests(api).get('/server')
  expect(json).toMatchObject({ clock: 'real' })
  expect(Object.keys(json)).not.toEqual(expect.arrayContaining(['ca']))
  expect(Object.keys(json)).not.toEqual(expect.arrayContaining(['scenario']))
  expect(Object.keys(json)).not.toEqual(expect.arrayContaining(['lane']))
})

test('files are listed, read, written, looked for, removed and reset', async () => {
  const big = randomBytes('5MiB', { seed: 3 })
  await using ftp = await startFtpServer({ files: { 'pub/a.txt': 'Grüße\n', 'pub/empty': '', 'big.bin': big } })
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  expect((await requests.get('/files')).json).toEqual(['big.bin', 'pub'])
  expect((await requests.get('/files?path=/pub')).json).toEqual(['a.txt', 'empty'])

  const read = await requests.get('/file?path=/pub/a.txt')
  expect([read.status, read.text, read.headers['content-length']]).toEqual([200, 'Grüße\n', '8'])
  expect((await requests.get('/file?path=pub/empty')).bytes).toHaveLength(0)
  expect(big.equals((await requests.get('/file?path=big.bin')).bytes)).toBe(true)

  const written = await requests.ask('PUT', `/file?path=${encodeURIComponent('/new/ü & b?.bin')}`, { content: big })
  expect(written.status).toBe(204)
  expect(big.equals(await ftp.files.read('new/ü & b?.bin'))).toBe(true)

  expect((await requests.ask('HEAD', '/file?path=/pub')).status).toBe(200)
  expect((await requests.delete('/file?path=/pub')).status).toBe(204)
  expect((await requests.ask('HEAD', '/file?path=/pub')).status).toBe(404)
  expect(await ftp.files.list()).toEqual(['big.bin', 'new'])
  expect((await requests.post('/files/reset')).status).toBe(204)
  expect(await ftp.files.list()).toEqual(['big.bin', 'pub'])
})

test('files that cannot be had say why', async () => {
  await using ftp = await startFtpServer({ files: { 'pub/a.txt': 'a' } })
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  const missing = await requests.get('/file?path=nothing')
  expect([missing.status, missing.json.error.code]).toEqual([404, 'ENOENT'])
  const inFile = await requests.get('/files?path=pub/a.txt/b')
  expect([inFile.status, inFile.json.error.code]).toEqual([404, 'ENOTDIR'])
  const directory = await requests.get('/file?path=pub')
  expect([directory.status, directory.json.error.code]).toEqual([409, 'EISDIR'])
  const root = await requests.delete('/file?path=/')
  expect([root.status, root.json.error.code]).toEqual([400, 'ERR_FILE_OUTSIDE_ROOT'])
  const onto = await requests.ask('PUT', '/file?path=pub', { content: 'x' })
  expect([onto.status, onto.json.error.code]).toEqual([409, 'EISDIR'])
})

test.skipIf(process.platform === 'win32')('what is no file is not read, and holds nothing up', async () => {
  await using ftp = await startFtpServer({ files: { 'a.txt': 'a' } })
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  execFileSync('mkfifo', [ftp.files.path('fifo')])
  const { status, json } = await requests.get('/file?path=fifo')
  expect([status, json.error]).toEqual([409, { code: 'EPERM', message: 'EPERM: "fifo" is no regular file' }])
})

test.each(['../../etc/passwd', '/../x', 'pub/../../x', '..'])('no path leads out of the root: %s', async (path) => {
  await using ftp = await startFtpServer({ files: { 'pub/a.txt': 'a' } })
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  const query = `?path=${encodeURIComponent(path)}`
  for (const [method, route] of [
    ['GET', '/file'],
    ['PUT', '/file'],
    ['DELETE', '/file'],
    ['GET', '/files'],
  ] as const) {
    const { status, json } = await requests.ask(method, route + query, method === 'PUT' ? { content: 'x' } : {})
    expect([status, json.error.code], `${method} ${route}`).toEqual([400, 'ERR_FILE_OUTSIDE_ROOT'])
  }
  expect((await requests.ask('HEAD', `/file${query}`)).status).toBe(400)
})

test('files of a root of your own are not reset', async () => {
  await using ftp = await startFtpServer({ files: { a: '' } })
  await using own = await startFtpServer({ root: ftp.root })
  await using api = await startControlApi(own)
  const { status, json } = await new ControlRequests(api).post('/files/reset')
  expect([status, json.error.code]).toEqual([409, 'ERR_NOT_RESETTABLE'])
  expect(await readFile(ftp.files.path('a'), 'utf8')).toBe('')
})

test('the clock is advanced where it is manual', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', timeout: '5m' })
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  await using client = await RawClient.login(ftp)
  expect((await requests.post('/clock/advance', { by: '5m' })).status).toBe(204)
  await client.expect(421)
  await using real = await startFtpServer()
  await using other = await startControlApi(real)
  const { status, json } = await new ControlRequests(other).post('/clock/advance', { by: 100 })
  expect([status, json.error.code]).toEqual([409, 'ERR_CLOCK_NOT_MANUAL'])
  const wrong = await requests.post('/clock/advance', { by: '5 minutes' })
  expect([wrong.status, wrong.json.error]).toMatchObject([400, { code: 'ERR_OPTION_INVALID' }])
  expect(wrong.json.error.message).toMatch(/^body: by: expected milliseconds .*, found "5 minutes"$/)
})

test('sessions are listed and kicked', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  await using client = await RawClient.login(ftp)
  expect((await requests.get('/sessions')).json).toMatchObject([{ session: 1, username: 'user', isEncrypted: false }])
  expect((await requests.delete('/sessions/1')).status).toBe(204)
  await client.closed()
  for (const path of ['/sessions/1', '/sessions/x', '/sessions/-1']) {
    const { status, json } = await requests.delete(path)
    expect([status, json.error.code], path).toEqual([404, 'ERR_NOT_FOUND'])
  }
})

test('what happens is waited for', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  const waiting = requests.post('/wait', { match: { type: 'login', username: 'user' } })
  await using client = await RawClient.login(ftp)
  const { json, status } = await waiting
  expect(status).toBe(200)
  expect(json).toEqual({ number: 5, event: ftp.transcript.events[5] })
  const after = requests.post('/wait', { match: { type: 'command', verb: 'NOOP' }, after: json.number + 1 })
  await client.command('NOOP', 200)
  expect((await after).json.event).toMatchObject({ type: 'command', verb: 'NOOP' })
})

test('what was on record is known by its number, also after the record was cleared', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  await using client = await RawClient.login(ftp)
  const { next } = (await requests.get('/transcript')).json
  ftp.transcript.clear()
  const waiting = requests.post('/wait', { match: { type: 'command' }, after: next })
  await client.command('NOOP', 200)
  expect((await waiting).json).toMatchObject({ number: next, event: { verb: 'NOOP' } })
  const late = await requests.post('/wait', { match: { type: 'command' }, after: next + 100 })
  expect([late.status, late.json.error.code]).toEqual([400, 'ERR_OPTION_INVALID'])
})

test('waiting in vain ends with the dialogue, and by the end of the server', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  const vain = await requests.post('/wait', { match: { type: 'transfer' }, timeout: '20ms' })
  expect([vain.status, vain.json.error.code]).toEqual([408, 'ERR_WAIT_TIMEOUT'])
  const known = await requests.post('/wait', { match: { type: 'login', usrname: 'x' } })
  expect(known.json.error).toMatchObject({
    code: 'ERR_OPTION_UNKNOWN',
    message: 'body: match.usrname: unknown key; did you mean "username"?',
  })
  const type = await requests.post('/wait', { match: { type: 'comand' } })
  expect(type.json.error.code).toBe('ERR_OPTION_INVALID')
  const waiting = requests.post('/wait', { match: { type: 'transfer' }, timeout: '1h' })
  // It has arrived when one that was sent behind it is answered.
  await requests.get('/sessions')
  await ftp.stop()
  expect((await waiting).json.error.code).toBe('ERR_STOPPED')
})

test('the server is stopped, and the answer says what was cut', async () => {
  const ftp = await startFtpServer()
  const api = await startControlApi(ftp)
  await using client = await RawClient.login(ftp)
  const { status, json } = await new ControlRequests(api).delete('/server')
  expect([status, json]).toEqual([200, { sessions: 1, transfers: 0, unfired: [] }])
  await client.closed()
  expect(await ftp.stop()).toEqual(json)
  await expect(send(api, 'GET', '/server')).rejects.toThrow('ECONNREFUSED')
  await api.close()
})

test('a server that failed is stopped all the same, and the answer says why', async () => {
  const ftp = await startFtpServer({
    onEvent: ({ type }) => {
      if (type === 'login') throw new Error('a bug of mine')
    },
  })
  const api = await startControlApi(ftp)
  await using _client = await RawClient.login(ftp)
  const { status, json } = await new ControlRequests(api).delete('/server')
  expect([status, json.error]).toMatchObject([500, { code: 'ERR_SESSION_FAILED' }])
  expect(json.error.message).toContain('a bug of mine')
  await expect(ftp.stop()).rejects.toThrow('a bug of mine')
})
