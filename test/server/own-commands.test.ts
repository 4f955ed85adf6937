import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { type CommandTable, commands, FTPHandler, type Reply, reply, type Session } from '../../src/server.ts'
import { dialogue } from '../support/dialogue.ts'
import { RawClient } from '../support/raw-client.ts'

const { DELE: _removed, ...withoutDele } = commands

class OwnHandler extends FTPHandler {
  static override readonly commands: CommandTable = {
    ...withoutDele,
    'SITE RMTREE': {
      argument: 'path',
      perm: 'd',
      help: 'SITE RMTREE <SP> path',
      async run({ fs }: Session, path: string): Promise<Reply> {
        await rm(fs.ftp2fs(path), { recursive: true })
        return reply(250, 'Tree removed.')
      },
    },
    XSHA: {
      argument: 'text?',
      beforeLogin: true,
      feature: 'XSHA',
      help: 'XSHA [<SP> text]',
      run: (_session, argument) => reply(200, `argument: ${JSON.stringify(argument)}`),
    },
    XKEY: {
      argument: 'value path',
      secret: true,
      help: 'XKEY <SP> key <SP> path',
      feature: ({ type }) => (type === 'I' ? 'XKEY binary' : undefined),
      run: (_session, path, value) => reply(200, `${value} for ${path}`),
    },
    XBUG: {
      argument: 'none',
      beforeLogin: true,
      help: 'XBUG',
      run: () => {
        throw new TypeError('secret /etc/path')
      },
    },
  }
}

test('commands of one and of two words, with their argument and permission', async () => {
  await using ftp = await startFtpServer({
    handler: OwnHandler,
    files: { 'd/e/f.txt': 'f', 'ro/a': 'a' },
    users: [
      { username: 'user', password: '12345' },
      { username: 'reader', password: '12345', perm: 'elr' },
    ],
  })
  await dialogue(
    ftp,
    `
    S: 220
    C: XSHA
    S: 200 argument: ""
    C: xsha Some Words
    S: 200 argument: "Some Words"
    C: SITE RMTREE d
    S: 530
    C: SITE RMTREE
    S: 501
    C: USER user
    S: 331
    C: PASS 12345
    S: 230
    C: CWD d
    S: 250
    C: site rmtree e
    S: 250 Tree removed.
    C: XKEY only
    S: 501
    C: XKEY one two three
    S: 200 one for /d/two three
    C: SITE NONSENSE
    S: 500
    C: USER reader
    S: 331
    C: PASS 12345
    S: 230
    C: SITE RMTREE ro
    S: 550 Not enough privileges.`,
  )
  expect(await ftp.files.list('d')).toEqual([])
  expect(await ftp.files.exists('ro/a')).toBe(true)
})

test('a command that was taken out is unknown', async () => {
  await using ftp = await startFtpServer({ handler: OwnHandler, files: { 'a.txt': 'a' } })
  await using client = await RawClient.login(ftp)
  await client.command('DELE a.txt', 500)
  await client.command('HELP DELE', 501)
  expect(await ftp.files.exists('a.txt')).toBe(true)
})

test('HELP, SITE HELP and FEAT follow the table', async () => {
  await using ftp = await startFtpServer({ handler: OwnHandler })
  await using client = await RawClient.login(ftp)
  const help = (await client.command('HELP', 214)).text
  expect(help).toMatch(/\bXSHA\b/)
  expect(help).not.toMatch(/\bDELE\b|RMTREE/)
  expect((await client.command('HELP XSHA', 214)).text).toBe('214 Syntax: XSHA [<SP> text]')
  expect((await client.command('HELP SITE RMTREE', 214)).text).toBe('214 Syntax: SITE RMTREE <SP> path')
  expect((await client.command('SITE HELP', 214)).text).toMatch(/\bCHMOD\b.*\bRMTREE\b/)
  expect((await client.command('SITE HELP rmtree', 214)).text).toBe('214 Syntax: SITE RMTREE <SP> path')
  const features = (await client.command('FEAT', 211)).lines
  expect(features).toContain(' XSHA')
  expect(features).toContain(' XKEY binary')
  await client.command('TYPE A', 200)
  expect((await client.command('FEAT', 211)).lines).not.toContain(' XKEY binary')
})

test('a secret argument is masked in the transcript', async () => {
  await using ftp = await startFtpServer({ handler: OwnHandler })
  await using client = await RawClient.login(ftp)
  await client.command('XKEY abc /x', 200)
  expect(ftp.transcript.commands({ verb: 'XKEY' })).toMatchObject([{ argument: '***', line: 'XKEY ***' }])
  expect(ftp.transcript.commands({ verb: 'XKEY', secrets: true })).toMatchObject([{ argument: 'abc /x' }])
  expect(JSON.stringify(ftp.transcript.events.filter(({ type }) => type === 'command'))).not.toContain('abc')
})

test('one that throws is 451 without a word of why, and the session lives on', async () => {
  const ftp = await startFtpServer({ handler: OwnHandler })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  expect((await client.command('XBUG', 451)).text).toBe('451 Internal error; the action was aborted.')
  await client.command('NOOP', 200)
  await expect(ftp.stop()).rejects.toThrow('session 1 failed: TypeError: secret /etc/path')
})

test('the handler beside it knows nothing of all this', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  await client.command('XSHA', 500)
  await client.command('SITE RMTREE /', 500)
  await client.command('DELE missing', 550)
})
