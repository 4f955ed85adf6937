import { expect, test } from 'vitest'
import { connectFtpServer } from '../../src/index.ts'
import { ControlledServer } from '../support/controlled-server.ts'
import { RawClient } from '../support/raw-client.ts'

test('a lane is driven from here, and is apart from the others', async () => {
  await using server = await ControlledServer.start({ files: { 'a.txt': 'hello\n' } })
  await using ftp = await server.connect()
  await using mine = await ftp.lane()
  await using theirs = await ftp.lane('theirs')
  expect(theirs.username).toBe('theirs')
  mine.add({ when: { command: 'NOOP' }, then: { reply: '500 Mine.' } })
  await using client = await RawClient.login(mine, mine.username, mine.password)
  await using other = await RawClient.login(theirs, theirs.username, theirs.password)
  await client.command('NOOP', 500)
  await other.command('NOOP', 200)
  expect(mine.transcript.replies({ code: 500 })).toHaveLength(1)
  expect(mine.sessions).toMatchObject([{ username: mine.username }])
  expect(theirs.transcript.commands({ secrets: true, verb: 'PASS' })).toMatchObject([{ argument: theirs.password }])
  expect(theirs.scenario).toBeUndefined()
  await mine.files.write('b.txt', 'b')
  expect(await theirs.files.list()).toEqual(['a.txt'])
  expect(await mine.waitFor({ type: 'login' })).toMatchObject({ username: mine.username })
  expect((await mine.lane()).username).not.toBe(mine.username)
})

test('a lane that was made for a hold ends with it, one that was there does not', async () => {
  await using server = await ControlledServer.start()
  await using ftp = await server.connect()
  const made = await ftp.lane('worker')
  const found = await ftp.lane('worker')
  await using client = await RawClient.login(made, made.username, made.password)
  await found[Symbol.asyncDispose]()
  await client.command('NOOP', 200)
  expect(made.sessions).toHaveLength(1)
  await made[Symbol.asyncDispose]()
  expect(await client.line()).toBeUndefined()
  await using again = await ftp.lane('worker')
  expect(again.transcript.events).toEqual([])
})

test('whoever has a hold on a lane can end it for all', async () => {
  await using server = await ControlledServer.start()
  await using ftp = await server.connect()
  const made = await ftp.lane('worker')
  made.use('slow-download')
  const found = await ftp.lane('worker')
  expect(await found.shutdown()).toMatchObject({ sessions: 0, unfired: [expect.stringContaining('slow-download')] })
  expect(await made.stop()).toEqual({ sessions: 0, transfers: 0, unfired: [] })
  await expect(made.shutdown()).rejects.toMatchObject({ code: 'ERR_STOPPED' })
})

test('a lane is connected to by its URL, and one that has ended is told of as stopped', async () => {
  await using server = await ControlledServer.start()
  await using ftp = await server.connect()
  await using made = await ftp.lane('worker 1')
  const url = `${server.url}/lanes/worker%201`
  const lane = await connectFtpServer(url, { token: server.token })
  expect(lane.username).toBe('worker 1')
  lane.use('slow-download')
  expect(made.scenario).toBe('slow-download')
  const waiting = expect(lane.waitFor({ type: 'login' })).rejects.toMatchObject({ code: 'ERR_STOPPED' })
  await made.stop()
  await waiting
  const stopped = expect.objectContaining({ name: 'FtpFixtureError', code: 'ERR_STOPPED' })
  expect(() => lane.sessions).toThrow(stopped)
  await expect(lane.files.list()).rejects.toEqual(stopped)
  await expect(lane.files.exists('a.txt')).rejects.toEqual(stopped)
  await lane.stop()
  await expect(connectFtpServer(url, { token: server.token })).rejects.toThrow('there is no lane "worker 1"')
})
