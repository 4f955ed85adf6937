import { expect, test } from 'vitest'
import { type ControlApiOptions, startControlApi, startFtpServer } from '../../src/index.ts'
import { send } from '../support/control-requests.ts'

test.each([
  [{ tokn: 'x' }, 'ERR_OPTION_UNKNOWN', 'tokn: unknown option; did you mean "token"?'],
  [{ port: -1 }, 'ERR_OPTION_INVALID', 'port: expected a whole number from 0 to 65535, found -1'],
  [{ host: 1 }, 'ERR_OPTION_INVALID', 'host: expected a string, found 1'],
  [{ token: '' }, 'ERR_OPTION_INVALID', 'token: expected letters, digits and signs without spaces, found ""'],
  [{ token: 'a b' }, 'ERR_OPTION_INVALID', 'token: expected letters, digits and signs without spaces, found "a b"'],
  [{ maxBody: '1 elephant' }, 'ERR_OPTION_INVALID', /^maxBody: expected whole bytes .*, found "1 elephant"$/],
  [7, 'ERR_OPTION_INVALID', 'options: expected an object, found 7'],
])('options %o are refused', async (options, code, message) => {
  await using ftp = await startFtpServer()
  const started = startControlApi(ftp, options as ControlApiOptions)
  await expect(started).rejects.toMatchObject({ name: 'FtpFixtureError', code })
  await expect(started).rejects.toThrow(message)
})

test('host, port and token are those that were asked for', async () => {
  await using ftp = await startFtpServer()
  const first = await startControlApi(ftp, { host: '::1' })
  const port = Number(new URL(first.url).port)
  await first.close()
  await using api = await startControlApi(ftp, { host: '::1', port, token: 'mine' })
  expect(api).toMatchObject({
    url: `http://[::1]:${port}`,
    token: 'mine',
    urlWithToken: `http://ftp:mine@[::1]:${port}`,
  })
  expect((await send(api, 'GET', '/server')).status).toBe(200)
})

test('a port that is taken is named', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const port = Number(new URL(api.url).port)
  await expect(startControlApi(ftp, { port })).rejects.toMatchObject({
    code: 'ERR_LISTEN_FAILED',
    message: `cannot listen on 127.0.0.1 port ${port}: the port is taken`,
  })
})

test('the globals of the program stay what they were', async () => {
  const { Request, Response } = globalThis
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  expect((await send(api, 'GET', '/server')).status).toBe(200)
  expect(globalThis.Request).toBe(Request)
  expect(globalThis.Response).toBe(Response)
})
