import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import type { EventOf, FtpEvent } from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'

test('a listener is told of the events of its type, and of no other', async () => {
  await using ftp = await startFtpServer({ files: { 'a.txt': 'a' } })
  const logins: EventOf<'login'>[] = []
  const transfers: EventOf<'transfer'>[] = []
  expect(ftp.server.on('login', (event) => logins.push(event)).on('transfer', (event) => transfers.push(event))).toBe(
    ftp.server,
  )
  await using client = await RawClient.login(ftp)
  await client.fetch('RETR a.txt')
  await client.store('STOR b.txt', 'bb')
  expect(logins).toMatchObject([{ type: 'login', username: 'user', session: 1 }])
  expect(transfers).toMatchObject([
    { verb: 'RETR', direction: 'sent', path: '/a.txt', outcome: 'completed' },
    { verb: 'STOR', direction: 'received', path: '/b.txt', bytes: 2, outcome: 'completed' },
  ])
  expect(ftp.transcript.transfers()).toEqual(transfers)
})

test('every callback has its event', async () => {
  await using ftp = await startFtpServer({ files: { 'big.bin': { size: '8MiB' } } })
  const heard: string[] = []
  const types = ['connect', 'disconnect', 'login', 'login-failed', 'logout', 'transfer'] as const
  for (const type of types) {
    ftp.server.on(type, (event: FtpEvent) => {
      heard.push(event.type === 'transfer' ? `${event.direction} ${event.outcome}` : event.type)
    })
  }
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS wrong', 530)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  await client.command('TYPE I', 200)
  const data = await client.passive()
  await client.command('RETR big.bin', 125, 150)
  data.destroy()
  await client.expect(426)
  await client.command('QUIT', 221)
  await ftp.waitFor({ type: 'disconnect' })
  expect(heard).toEqual([
    'connect',
    'login-failed',
    'login',
    expect.stringMatching(/^sent (failed|aborted)$/),
    'logout',
    'disconnect',
  ])
})

test('off ends it, for that listener alone', async () => {
  await using ftp = await startFtpServer()
  const heard: string[] = []
  const one = () => heard.push('one')
  ftp.server.on('connect', one).on('connect', () => heard.push('other'))
  ftp.server.off('connect', one).off('login', one)
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  expect(heard).toEqual(['other'])
})

test.each([
  [
    'throws',
    () => {
      throw new Error('oops')
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error('oops')
    },
  ],
])('a listener that %s brings nobody down, and is told of', async (_how, listener) => {
  const ftp = await startFtpServer()
  ftp.server.on('login', listener)
  await using client = await RawClient.login(ftp)
  await client.command('NOOP', 200)
  await ftp.waitFor(({ type }) => type === 'error')
  expect(ftp.transcript.failure?.error).toMatchObject({ message: 'oops' })
  await expect(ftp.stop()).rejects.toMatchObject({ code: 'ERR_SESSION_FAILED' })
})

test('an event that there is not throws, with the one that is meant', async () => {
  await using ftp = await startFtpServer()
  const on = ftp.server.on.bind(ftp.server) as (type: string, listener: unknown) => void
  expect(() => on('logn', () => {})).toThrow('logn: unknown type of event; did you mean "login"?')
  expect(() => on('login', 'not a function')).toThrow('listener: expected a function')
})
