import { expect, test } from 'vitest'
import { startControlApi, startFtpServer } from '../../src/index.ts'
import { send } from '../support/control-requests.ts'
import { EventStream } from '../support/event-stream.ts'
import { RawHttp } from '../support/raw-http.ts'

test('neither streams nor idle, silent or half-said connections hold up the end', async () => {
  const ftp = await startFtpServer()
  const api = await startControlApi(ftp)
  const host = `Host: ${new URL(api.url).host}`
  const bearer = `Authorization: Bearer ${api.token}`
  const silent = await RawHttp.connect(api)
  const idle = await RawHttp.connect(api)
  idle.write('GET /sessions HTTP/1.1', host, bearer, '')
  await idle.spoken()
  const half = await RawHttp.connect(api)
  half.write('GET /sessions HTTP/1.1', host)
  using stream = await EventStream.open(api)
  await stream.any()
  await ftp.stop()
  for (const http of [silent, idle, half]) await http.answer()
  expect(await stream.rest()).toEqual([])
})

test('a body that does not come is waited for a moment only', async () => {
  const ftp = await startFtpServer()
  const api = await startControlApi(ftp)
  const http = await RawHttp.connect(api)
  const head = [`Host: ${new URL(api.url).host}`, `Authorization: Bearer ${api.token}`, 'Content-Length: 5']
  http.write('PUT /file?path=x HTTP/1.1', ...head, '')
  await send(api, 'GET', '/sessions')
  await ftp.stop()
  expect((await http.answer()).status).toBe(0)
})

test('who reads nothing of a stream is waited for a moment only', async () => {
  const ftp = await startFtpServer()
  const api = await startControlApi(ftp)
  for (let count = 0; count < 20_000; count++) ftp.server.emit({ type: 'debug', message: 'x'.repeat(1000) })
  using stream = await EventStream.open(api)
  stream.incoming.pause()
  await ftp.stop()
})

test('who waits is told that the API closes, while the server runs on', async () => {
  await using ftp = await startFtpServer()
  const api = await startControlApi(ftp)
  const waiting = send(api, 'POST', '/wait', { json: { match: { type: 'login' }, timeout: '1h' } })
  await send(api, 'GET', '/sessions')
  await api.close()
  const { status, json, headers } = await waiting
  expect([status, json.error.code, headers.connection]).toEqual([409, 'ERR_STOPPED', 'close'])
  await expect(send(api, 'GET', '/server')).rejects.toThrow('ECONNREFUSED')
  await api.close()
  expect(ftp.sessions).toEqual([])
})

test('who goes away waits no longer', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const told: unknown[] = []
  const { waitFor } = ftp
  ftp.waitFor = ((...given: Parameters<typeof waitFor>) => {
    const waiting = waitFor.apply(ftp, given)
    told.push(waiting.catch((error: unknown) => error))
    return waiting
  }) as typeof waitFor
  const leaving = new AbortController()
  const json = { match: { type: 'login' }, timeout: '1h' }
  const waiting = send(api, 'POST', '/wait', { json, signal: leaving.signal })
  while (told.length === 0) await send(api, 'GET', '/sessions')
  leaving.abort()
  await expect(waiting).rejects.toThrow('abort')
  await expect(Promise.all(told)).resolves.toHaveLength(1)
})

test('several APIs may serve one fixture, and all end with it', async () => {
  const ftp = await startFtpServer()
  const one = await startControlApi(ftp)
  const other = await startControlApi(ftp)
  await one.close()
  expect((await send(other, 'GET', '/server')).status).toBe(200)
  await ftp.stop()
  await expect(send(other, 'GET', '/server')).rejects.toThrow('ECONNREFUSED')
})

test('a fixture that is stopped has no API, and nothing of one stays', async () => {
  const ftp = await startFtpServer()
  await ftp.stop()
  await expect(startControlApi(ftp)).rejects.toMatchObject({ code: 'ERR_STOPPED' })
})

test('an API ends with its block', async () => {
  await using ftp = await startFtpServer()
  let url = ''
  let token = ''
  {
    await using api = await startControlApi(ftp)
    ;({ url, token } = api)
    expect((await send(api, 'GET', '/server')).status).toBe(200)
  }
  await expect(send({ url, token }, 'GET', '/server')).rejects.toThrow('ECONNREFUSED')
})
