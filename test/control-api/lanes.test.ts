import { expect, test } from 'vitest'
import { startControlApi, startFtpServer } from '../../src/index.ts'
import { ControlRequests } from '../support/control-requests.ts'
import { EventStream } from '../support/event-stream.ts'
import { RawClient } from '../support/raw-client.ts'

test('a lane has a user, files, rules, sessions and a transcript of its own', async () => {
  await using ftp = await startFtpServer({ files: { 'a.txt': 'a' } })
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  const made = await requests.post('/lanes', { name: 'worker 1' })
  expect([made.status, made.json]).toMatchObject([201, { lane: 'worker 1', port: ftp.port, username: 'worker 1' }])
  const base = `/lanes/${encodeURIComponent('worker 1')}`
  expect((await requests.get(`${base}/server`)).json).toMatchObject({ ...made.json, now: expect.any(Number) })

  await requests.ask('PUT', `${base}/file?path=own.txt`, { content: 'own' })
  await requests.post(`${base}/rules`, { when: { command: 'NOOP' }, then: { reply: '200 Of the lane.' } })
  await using client = await RawClient.login(ftp, made.json.username, made.json.password)
  await using other = await RawClient.login(ftp)
  expect(String(await client.fetch('RETR own.txt'))).toBe('own')
  expect((await client.command('NOOP')).text).toBe('200 Of the lane.')
  expect((await other.command('NOOP')).text).not.toContain('Of the lane.')

  expect((await requests.get('/files')).json).not.toContain('own.txt')
  expect((await requests.get(`${base}/sessions`)).json).toMatchObject([{ username: 'worker 1' }])
  const { text } = await requests.get(`${base}/transcript?format=text`)
  expect(text).toContain('C: RETR own.txt')
  expect(text).not.toContain('C: USER user\n')
  const waited = await requests.post(`${base}/wait`, { match: { type: 'login' } })
  expect(waited.json.event.username).toBe('worker 1')
  expect((await requests.post(`${base}/verify`, { expectation: { commands: ['RETR own.txt'] } })).status).toBe(204)
  expect((await requests.get(`${base}/scenario`)).json.rules).toMatchObject([{ applied: 1 }])
})

test('the same name gives the same lane, without a name it is a new one', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  const own = await ftp.lane('mine')
  const [first, again, one, two] = [
    await requests.post('/lanes', { name: 'theirs' }),
    await requests.post('/lanes', { name: 'theirs' }),
    await requests.post('/lanes'),
    await requests.post('/lanes', {}),
  ]
  expect([first, again, one, two].map(({ status }) => status)).toEqual([201, 200, 201, 201])
  expect(again.json).toEqual({ ...first.json, now: expect.any(Number) })
  const names = ['mine', 'theirs', one.json.lane, two.json.lane]
  expect(new Set(names).size).toBe(4)
  expect((await requests.get('/lanes')).json).toEqual(names)
  expect((await requests.get('/lanes/mine/server')).json.root).toBe(own.root)
})

test('a lane ends, and what waits on it', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  const { lane, username, password } = (await requests.post('/lanes')).json
  await using client = await RawClient.login(ftp, username, password)
  using stream = await EventStream.open(api, `/lanes/${lane}/transcript/live`)
  await stream.any()
  const waiting = requests.post(`/lanes/${lane}/wait`, { match: { type: 'transfer' }, timeout: '1h' })
  await requests.get('/sessions')
  const { status, json } = await requests.delete(`/lanes/${lane}/server`)
  expect([status, json]).toEqual([200, { sessions: 1, transfers: 0, unfired: [] }])
  await client.closed()
  expect((await waiting).json.error.code).toBe('ERR_STOPPED')
  await stream.rest()
  expect((await requests.get('/lanes')).json).toEqual([])
  expect((await requests.get('/server')).status).toBe(200)
})

test('a lane that is ended by other means is not followed or waited on any more', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  const lane = await ftp.lane('mine')
  using stream = await EventStream.open(api, '/lanes/mine/transcript/live')
  using other = await EventStream.open(api)
  await Promise.all([stream.any(), other.any()])
  const waiting = requests.post('/lanes/mine/wait', { match: { type: 'transfer' }, timeout: '1h' })
  await requests.get('/sessions')
  await lane.stop()
  expect(await stream.rest()).toEqual([])
  expect((await waiting).json.error.code).toBe('ERR_STOPPED')
  ftp.server.emit({ type: 'debug', message: 'still here' })
  expect((await other.next())?.data.message).toBe('still here')
})

test('of several who ask for a new lane at the same time, one is told that it is new', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  const answers = await Promise.all([1, 2, 3].map(() => requests.post('/lanes', { name: 'x' })))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201])
  await requests.delete('/lanes/x/server')
  expect((await requests.post('/lanes', { name: 'x' })).status).toBe(201)
})

test('lanes that cannot be, or are not there', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  const unknown = await requests.get('/lanes/nobody/server')
  expect([unknown.status, unknown.json.error]).toEqual([
    404,
    { code: 'ERR_NOT_FOUND', message: 'there is no lane "nobody"; POST /lanes makes one' },
  ])
  const taken = await requests.post('/lanes', { name: 'user' })
  expect([taken.status, taken.json.error.code]).toEqual([409, 'ERR_LANE_UNFIT'])
  const key = await requests.post('/lanes', { nam: 'x' })
  expect([key.status, key.json.error.code]).toEqual([400, 'ERR_OPTION_UNKNOWN'])
  const within = await requests.post('/lanes/nobody/lanes')
  expect([within.status, within.json.error.code]).toEqual([404, 'ERR_NOT_FOUND'])
})

test('a scenario that a lane cannot have is refused', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  const { lane } = (await requests.post('/lanes')).json
  const { status, json } = await requests.put(`/lanes/${lane}/scenario`, { options: { maxCons: 1 } })
  expect([status, json.error.code]).toEqual([409, 'ERR_SCENARIO_UNFIT'])
})
