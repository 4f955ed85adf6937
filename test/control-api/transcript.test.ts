import { expect, test } from 'vitest'
import { startControlApi, startFtpServer } from '../../src/index.ts'
import { ControlRequests } from '../support/control-requests.ts'
import { RawClient } from '../support/raw-client.ts'

test('the transcript is told, all of it or from a number on, and is cleared', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  await using client = await RawClient.login(ftp)
  const { events } = ftp.transcript
  expect((await requests.get('/transcript')).json).toEqual({ events, next: events.length, forgotten: 0 })
  const rest = (await requests.get(`/transcript?after=${events.length - 2}`)).json
  expect(rest).toEqual({ events: events.slice(-2), next: events.length, forgotten: 0 })
  expect((await requests.get('/transcript?after=999')).json.events).toEqual([])

  const { next } = rest
  expect((await requests.delete('/transcript')).status).toBe(204)
  await client.command('NOOP', 200)
  const later = (await requests.get(`/transcript?after=${next + 1}`)).json
  expect(later).toMatchObject({ next: next + 2, forgotten: next, events: [{ type: 'reply', verb: 'NOOP' }] })
  expect((await requests.get('/transcript?after=0')).json.events).toHaveLength(2)
})

test('passwords are masked unless they are asked for', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  await using _client = await RawClient.login(ftp)
  expect((await requests.get('/transcript')).text).not.toContain('12345')
  expect((await requests.get('/transcript?secrets=false&format=text')).text).toContain('C: PASS ***')
  const { events } = (await requests.get('/transcript?secrets=true')).json
  const [pass] = events.filter(({ verb, type }: Record<string, string>) => type === 'command' && verb === 'PASS')
  expect(pass).toMatchObject({ verb: 'PASS', argument: '12345', line: 'PASS 12345' })
  expect((await requests.get('/transcript?secrets=true&format=text')).text).toContain('C: PASS 12345')
})

test.each([
  [{ Accept: 'text/plain' }, '', 'text'],
  [{}, '?format=text', 'text'],
  [{ Accept: 'application/json' }, '?format=text', 'text'],
  [{ Accept: 'text/plain' }, '?format=json', 'json'],
  [{ Accept: 'text/html, text/plain;q=0.5, */*;q=0.1' }, '', 'text'],
  [{ Accept: 'text/plain;q=0.5, application/json' }, '', 'json'],
  [{ Accept: '*/*' }, '', 'json'],
  [{}, '', 'json'],
])('who accepts %o gets /transcript%s as %s', async (headers: Record<string, string>, query, expected) => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  await using _client = await RawClient.login(ftp)
  const answer = await new ControlRequests(api).get(`/transcript${query}`, { headers })
  const type = answer.headers['content-type'] ?? ''
  expect(type).toMatch(expected === 'text' ? /^text\/plain; charset=utf-8$/i : /^application\/json/)
  if (expected === 'text') expect(answer.text).toBe(String(ftp.transcript))
})

test('every type of event is told as the document says', async () => {
  const options = { tls: true, maxCons: 3, files: { a: 'x'.repeat(100) } } as const
  const ftp = await startFtpServer({
    ...options,
    onEvent: (event) => {
      if (event.type === 'logout') throw new Error('a bug of mine')
    },
  })
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  await requests.put('/scenario', 'abort-download-midway')
  await using secure = await RawClient.connect(ftp)
  await secure.expect(220)
  await secure.secure({ ca: ftp.ca, servername: 'localhost' })
  await secure.command('USER user', 331)
  await secure.command('PASS wrong', 530)
  await using client = await RawClient.login(ftp)
  await client.fetch('LIST')
  await client.store('STOR b', 'bytes')
  const port = '127,0,0,1,0,1'
  await client.command(`PORT ${port}`)
  await client.command('PASV', 227)
  await using third = await RawClient.connect(ftp)
  await third.expect(421)
  ftp.server.emit({ type: 'debug', message: 'of use to some' })
  ftp.server.emit({ type: 'warning', message: 'of use to all' })
  await client.command('QUIT', 221)
  await ftp.waitFor({ type: 'error' })
  const { events } = (await requests.get('/transcript')).json
  const types = new Set(events.map(({ type }: { type: string }) => type))
  const expected = ['connect', 'disconnect', 'command', 'reply', 'login', 'login-failed', 'logout', 'data-listen']
  for (const type of [...expected, 'data-open', 'tls', 'transfer', 'limit', 'warning', 'debug', 'error']) {
    expect([...types]).toContain(type)
  }
  expect(events.find(({ type }: { type: string }) => type === 'error').error).toBe('Error: a bug of mine')
  await expect(ftp.stop()).rejects.toThrow('a bug of mine')
})
