import { expect, test } from 'vitest'
import { type ControlApi, type FtpFixture, startControlApi, startFtpServer } from '../../src/index.ts'
import { send } from '../support/control-requests.ts'
import { RawHttp, rawRequest } from '../support/raw-http.ts'

interface Served extends AsyncDisposable {
  readonly ftp: FtpFixture
  readonly api: ControlApi
  readonly port: number
  readonly bearer: string
}

async function served(options: Parameters<typeof startControlApi>[1] = {}): Promise<Served> {
  const ftp = await startFtpServer({ files: { 'a.txt': 'a' } })
  const api = await startControlApi(ftp, options)
  const port = Number(new URL(api.url).port)
  const bearer = `Authorization: Bearer ${api.token}`
  return { ftp, api, port, bearer, [Symbol.asyncDispose]: async () => void (await ftp.stop()) }
}

const errorIn = ({ body }: { readonly body: string }) => (JSON.parse(body) as { error: { code: string } }).error.code

test.each([
  ['the name of another host', 'evil.example:PORT', 403],
  ['a name that resolves to this machine', '127.0.0.1.nip.io:PORT', 403],
  ['an address of another machine', '192.0.2.1:PORT', 403],
  ['this machine and another port', '127.0.0.1:1', 403],
  ['this machine and no port', '127.0.0.1', 403],
  ['a name that begins with ours', 'localhost.evil.example:PORT', 403],
  ['somebody before an @', 'localhost@evil.example:PORT', 400],
  ['nothing', '', 400],
])('a Host of %s is refused', async (_what, host, status) => {
  await using server = await served()
  const named = host.replace('PORT', String(server.port))
  const answer = await rawRequest(server.api, 'GET /server HTTP/1.1', `Host: ${named}`, server.bearer)
  expect(answer.status).toBe(status)
  expect(errorIn(answer)).toMatch(/^ERR_REQUEST_(INVALID|FORBIDDEN)$/)
  expect(answer.body).not.toContain('12345')
})

test('a request without Host, or with two, is refused', async () => {
  await using server = await served()
  expect((await rawRequest(server.api, 'GET /server HTTP/1.1', server.bearer)).status).toBe(400)
  const hosts = [`Host: localhost:${server.port}`, 'Host: evil.example']
  expect((await rawRequest(server.api, 'GET /server HTTP/1.1', ...hosts, server.bearer)).status).toBe(403)
  expect((await rawRequest(server.api, 'GET /server HTTP/1.1', ...hosts.toReversed(), server.bearer)).status).toBe(403)
  expect((await rawRequest(server.api, 'GET /server HTTP/1.0', server.bearer)).status).toBe(400)
})

test.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.1.2.3', '[::1]'])('the API is asked for as %s', async (name) => {
  await using server = await served()
  const host = `Host: ${name}:${server.port}`
  expect((await rawRequest(server.api, 'GET /server HTTP/1.1', host, server.bearer)).status).toBe(200)
})

test('the host that it was told to listen on is one to ask for, and a name in its place is not', async () => {
  await using server = await served({ host: 'localhost' })
  expect((await send(server.api, 'GET', '/server')).status).toBe(200)
  await using open = await served({ host: '::' })
  expect(open.api.url).toBe(`http://[::1]:${open.port}`)
  expect((await send(open.api, 'GET', '/server')).status).toBe(200)
  expect((await send({ ...open.api, url: `http://127.0.0.1:${open.port}` }, 'GET', '/server')).status).toBe(200)
  const elsewhere = await rawRequest(open.api, 'GET /server HTTP/1.1', `Host: ci-runner:${open.port}`, open.bearer)
  expect(elsewhere.status).toBe(403)
})

test.each([
  ['Origin: http://evil.example'],
  ['Origin: null'],
  ['Origin: http://localhost:1'],
  ['Origin: https://127.0.0.1:PORT'],
  ['Sec-Fetch-Site: cross-site'],
  ['Sec-Fetch-Site: same-site'],
])('a request of another page is refused: %s', async (line) => {
  await using server = await served()
  const head = ['GET /server HTTP/1.1', `Host: 127.0.0.1:${server.port}`, server.bearer]
  const answer = await rawRequest(server.api, ...head, line.replace('PORT', String(server.port)))
  expect([answer.status, errorIn(answer)]).toEqual([403, 'ERR_REQUEST_FORBIDDEN'])
  expect(answer.head.toLowerCase()).not.toContain('access-control')
})

test('a request that a browser makes by itself, or for a page of the API, is served', async () => {
  await using server = await served()
  const host = `127.0.0.1:${server.port}`
  const head = ['GET /server HTTP/1.1', `Host: ${host}`, server.bearer]
  expect((await rawRequest(server.api, ...head, 'Sec-Fetch-Site: none')).status).toBe(200)
  const own = await rawRequest(server.api, ...head, `Origin: http://${host}`, 'Sec-Fetch-Site: same-origin')
  expect(own.status).toBe(200)
})

test('no page is told that it may ask', async () => {
  await using server = await served()
  const head = ['OPTIONS /server HTTP/1.1', `Host: 127.0.0.1:${server.port}`, 'Origin: http://evil.example']
  const answer = await rawRequest(server.api, ...head, 'Access-Control-Request-Method: DELETE')
  expect(answer.status).toBe(403)
  expect(answer.head.toLowerCase()).not.toContain('access-control-allow')
})

const wrong = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

test.each([
  ['nothing', undefined],
  ['another token', 'Bearer wrong'],
  ['an empty one', 'Bearer '],
  ['the beginning of it', 'Bearer sec'],
  ['more than it', 'Bearer secretsecret'],
  ['another scheme', 'Digest secret'],
  ['it without a scheme', 'secret'],
  ['a wrong password', wrong('ftp:wrong')],
  ['it as user name', wrong('secret:')],
  ['no password at all', wrong('secret')],
])('who shows %s is refused, whatever is asked for', async (_what, authorization) => {
  await using server = await served({ token: 'secret' })
  const lines = authorization === undefined ? [] : [`Authorization: ${authorization}`]
  for (const target of ['GET /server', 'GET /openapi.json', 'DELETE /server', 'GET /nothing', 'PATCH /server']) {
    const answer = await rawRequest(server.api, `${target} HTTP/1.1`, `Host: 127.0.0.1:${server.port}`, ...lines)
    expect([answer.status, errorIn(answer)], target).toEqual([401, 'ERR_REQUEST_FORBIDDEN'])
    expect(answer.head).toMatch(/^www-authenticate: Bearer /im)
  }
  expect(await server.ftp.files.exists('a.txt')).toBe(true)
})

test('a refusal says whether a token was shown at all', async () => {
  await using server = await served({ token: 'secret' })
  const messageFor = async (headers: Record<string, string>) =>
    (await fetch(`${server.api.url}/server`, { headers })).text()
  expect(await messageFor({})).toContain('found no token')
  expect(await messageFor({ Authorization: 'Bearer wrong' })).toContain('found another token')
})

test('the token opens as a bearer’s, and as the password of anybody', async () => {
  await using server = await served({ token: 'se:cret' })
  for (const authorization of ['Bearer se:cret', 'bearer se:cret', wrong('ftp:se:cret'), wrong(':se:cret')]) {
    const lines = ['GET /server HTTP/1.1', `Host: 127.0.0.1:${server.port}`, `Authorization: ${authorization}`]
    expect((await rawRequest(server.api, ...lines)).status, authorization).toBe(200)
  }
})

test('a token in the query is none', async () => {
  await using server = await served()
  const target = `GET /server?token=${server.api.token} HTTP/1.1`
  expect((await rawRequest(server.api, target, `Host: 127.0.0.1:${server.port}`)).status).toBe(401)
  expect((await rawRequest(server.api, target, `Host: 127.0.0.1:${server.port}`, server.bearer)).status).toBe(400)
})

test('tokens are long, and no two are the same', async () => {
  await using one = await served()
  await using other = await startControlApi(one.ftp)
  expect(one.api.token).toMatch(/^[\w-]{22}$/)
  expect(other.token).not.toBe(one.api.token)
  expect(one.api.url).not.toContain(one.api.token)
  expect(new URL(one.api.urlWithToken)).toMatchObject({ password: one.api.token, host: `127.0.0.1:${one.port}` })
})

test('a body that says it is too large is not read', async () => {
  await using server = await served({ maxBody: '1KiB' })
  using http = await RawHttp.connect(server.api)
  http.write('PUT /file?path=b HTTP/1.1', `Host: 127.0.0.1:${server.port}`, server.bearer, 'Content-Length: 1025', '')
  const answer = await http.answer()
  expect([answer.status, answer.body]).toEqual([413, expect.stringContaining('body: expected at most 1024 bytes')])
  expect(await server.ftp.files.list()).toEqual(['a.txt'])
})

test('who asks before he sends is told to go on, or that it is too much', async () => {
  await using server = await served({ maxBody: '1KiB' })
  const head = (length: number) => [
    'PUT /file?path=b HTTP/1.1',
    `Host: 127.0.0.1:${server.port}`,
    ...[server.bearer, `Content-Length: ${length}`, 'Expect: 100-continue', ''],
  ]
  using large = await RawHttp.connect(server.api)
  large.write(...head(1025))
  expect((await large.answer()).status).toBe(413)
  using small = await RawHttp.connect(server.api)
  small.write(...head(4))
  await small.spoken()
  small.write('abcd')
  expect((await small.answer()).head).toBe('HTTP/1.1 100 Continue')
  expect(await server.ftp.files.list()).toEqual(['a.txt', 'b'])
})

test.each([
  ['PUT /file?path=a.txt', 'application/octet-stream', 2000],
  ['PUT /scenario', 'application/json', 2 ** 20 + 1],
  ['POST /rules', 'application/yaml', 2 ** 20 + 1],
])('a body in chunks is counted as it comes: %s', async (target, type, bytes) => {
  await using server = await served({ maxBody: '1KiB' })
  using http = await RawHttp.connect(server.api)
  const head = [`${target} HTTP/1.1`, `Host: 127.0.0.1:${server.port}`, server.bearer, `Content-Type: ${type}`]
  http.write(...head, 'Transfer-Encoding: chunked', '')
  for (let sent = 0; sent < bytes; sent += 1000) http.write('3e8', 'x'.repeat(1000))
  const answer = await http.answer()
  expect([answer.status, errorIn(answer)]).toEqual([413, 'ERR_REQUEST_INVALID'])
  expect(await server.ftp.files.read('a.txt', 'utf8')).toBe('a')
})

test.each([
  ['PUT', '/scenario', 'text/plain'],
  ['PUT', '/scenario', 'application/x-www-form-urlencoded'],
  ['POST', '/rules', 'multipart/form-data; boundary=x'],
  ['POST', '/wait', 'application/yaml'],
  ['POST', '/clock/advance', ''],
  ['PUT', '/file?path=b', 'application/x-www-form-urlencoded'],
])('%s %s takes no body of the type "%s"', async (method, path, type) => {
  await using server = await served()
  const headers: Record<string, string> = type === '' ? {} : { 'Content-Type': type }
  const { status, json } = await send(server.api, method, path, { content: '{}', headers })
  expect([status, json.error.code]).toEqual([415, 'ERR_REQUEST_INVALID'])
  expect(await server.ftp.files.exists('b')).toBe(false)
})

test('what is no JSON, no UTF-8 or no path is refused, and nothing of the insides is shown', async () => {
  await using server = await served()
  const json = { 'Content-Type': 'application/json' }
  const broken = await send(server.api, 'PUT', '/scenario', { content: '{"name": ', headers: json })
  expect([broken.status, broken.json.error.code]).toEqual([400, 'ERR_OPTION_INVALID'])
  expect(broken.json.error.message).toMatch(/^body: expected JSON: /)
  const latin = await send(server.api, 'PUT', '/scenario', { content: Buffer.from('"\xe4"', 'latin1'), headers: json })
  expect([latin.status, latin.json.error.message]).toEqual([400, 'body: expected UTF-8'])
  const path = await send(server.api, 'GET', '/file?path=a%00b')
  expect([path.status, path.json.error.message]).toEqual([400, 'query: path: expected a path, found "a\\u0000b"'])
  const none = await send(server.api, 'GET', '/file')
  expect([none.status, none.json.error.message]).toEqual([400, 'query: path: expected text, found nothing'])
  const twice = await send(server.api, 'GET', '/file?path=a&path=b')
  expect(twice.status).toBe(400)
  const encoded = await send(server.api, 'DELETE', '/lanes/%E0%A4%A/server')
  expect(encoded.status).toBe(404)
  for (const { text } of [broken, latin, path, none, twice, encoded]) expect(text).not.toMatch(/\bat .*\.[tj]s:\d/)
})

test('unknown routes, methods and keys are refused', async () => {
  await using server = await served()
  const route = await send(server.api, 'GET', '/servr')
  expect([route.status, route.json.error.code]).toEqual([404, 'ERR_NOT_FOUND'])
  const method = await send(server.api, 'POST', '/server')
  expect([method.status, method.headers.allow, method.json.error.code]).toEqual([
    405,
    'GET, DELETE',
    'ERR_REQUEST_INVALID',
  ])
  expect((await send(server.api, 'HEAD', '/transcript/live')).status).toBe(405)
  const query = await send(server.api, 'GET', '/transcript?secret=true')
  expect([query.status, query.json.error]).toEqual([
    400,
    { code: 'ERR_OPTION_UNKNOWN', message: 'query: secret: unknown key; did you mean "secrets"?' },
  ])
  const body = await send(server.api, 'POST', '/clock/advance', { json: { by: '1s', until: 1 } })
  expect([body.status, body.json.error]).toEqual([
    400,
    { code: 'ERR_OPTION_UNKNOWN', message: 'body: until: unknown key; allowed here: by' },
  ])
})

test('what is no HTTP ends that connection, and nothing else', async () => {
  await using server = await served()
  using http = await RawHttp.connect(server.api)
  http.write('USER user', 'PASS 12345')
  expect((await http.answer()).status).toBe(400)
  expect((await send(server.api, 'GET', '/server')).status).toBe(200)
})

test('a client that goes away amid its request leaves nothing behind', async () => {
  await using server = await served()
  const http = await RawHttp.connect(server.api)
  http.write(
    'PUT /file?path=a.txt HTTP/1.1',
    `Host: 127.0.0.1:${server.port}`,
    server.bearer,
    'Content-Length: 9',
    '',
    'x',
  )
  await send(server.api, 'GET', '/server')
  http.socket.destroy()
  await send(server.api, 'GET', '/server')
  expect(await server.ftp.files.read('a.txt', 'utf8')).toBe('a')
})

test('what the system refuses keeps its code', async () => {
  await using server = await served()
  server.ftp.files.write = async () => {
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
  }
  const { status, json } = await send(server.api, 'PUT', '/file?path=b', { content: 'b' })
  expect([status, json.error.code]).toEqual([500, 'ENOSPC'])
})

test('an error that nobody thought of is told without its stack, and the API goes on', async () => {
  await using server = await served()
  server.ftp.files.list = async () => {
    throw new TypeError('a bug of ours')
  }
  const { status, json } = await send(server.api, 'GET', '/files')
  expect([status, json]).toEqual([500, { error: { code: 'ERR_INTERNAL', message: 'a bug of ours' } }])
  expect((await send(server.api, 'GET', '/server')).status).toBe(200)
})
