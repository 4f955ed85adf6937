import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { commands, FTPHandler } from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'

test('FEAT lists what there is, sorted, each line led by one space, before a login too', async () => {
  await using ftp = await startFtpServer()
  const features = [
    '211-Features supported:',
    ' EPRT',
    ' EPSV',
    ' MDTM',
    ' MFMT',
    ' MLST type*;perm*;size*;modify*;create;unique*;unix.mode;unix.uid;unix.gid;',
    ' REST STREAM',
    ' SIZE',
    ' TVFS',
    ' UTF8',
    '211 End FEAT.',
  ]
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  expect((await client.command('FEAT')).lines).toEqual(features)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  expect((await client.command('feat')).lines).toEqual(features)
  await client.command('FEAT x', 501)
})

test('FEAT promises no UTF8 where names are in latin1', async () => {
  await using ftp = await startFtpServer({ encoding: 'latin1' })
  await using client = await RawClient.login(ftp)
  expect((await client.command('FEAT', 211)).lines).not.toContain(' UTF8')
})

test('FEAT shows no command that a handler has left out', async () => {
  const { MFMT: _, ...others } = commands
  class Handler extends FTPHandler {
    static override readonly commands = others
  }
  await using ftp = await startFtpServer({ handler: Handler })
  await using client = await RawClient.login(ftp)
  expect((await client.command('FEAT', 211)).text).not.toContain('MFMT')
  expect((await client.command('HELP', 214)).text).not.toContain('MFMT')
  await client.command('HELP MFMT', 501)
  await client.command('MFMT 20010203040506 a', 500)
})

test('HELP lists every verb, sorted, in lines that read as no code', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  const { lines } = await client.command('HELP', 214)
  expect(lines[0]).toBe('214-The following commands are recognized:')
  expect(lines.at(-1)).toBe('214 Help command successful.')
  const rows = lines.slice(1, -1)
  for (const row of rows) expect(row).toMatch(/^ [A-Z]/)
  const verbs = rows.join(' ').trim().split(/ +/)
  expect(verbs).toEqual(
    Object.keys(commands)
      .filter((verb) => !verb.includes(' '))
      .sort(),
  )
  for (const verb of ['ABOR', 'EPSV', 'LPRT', 'MLSD', 'REIN', 'STOU', 'XRMD']) expect(verbs).toContain(verb)
})

test.each([
  ['HELP RETR', '214 Syntax: RETR <SP> file'],
  ['help stor', '214 Syntax: STOR <SP> file'],
  ['HELP SITE CHMOD', '214 Syntax: SITE CHMOD <SP> mode <SP> path'],
  ['HELP XYZZY', '501 Unrecognized command.'],
  ['HELP constructor', '501 Unrecognized command.'],
])('%s', async (line, answer) => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  expect((await client.command(line)).text).toBe(answer)
})

test('HELP knows the syntax of each command', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  for (const verb of Object.keys(commands)) {
    expect((await client.command(`HELP ${verb}`)).text).toMatch(new RegExp(`^214 Syntax: ${verb}( |$)`))
  }
})

test('STAT without a path tells of the session, before a login too', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  const status = async () => (await client.command('STAT', 211)).lines
  const lines = (login: string, type: string) => [
    '211-FTP server status:',
    ` Connected to: 127.0.0.1:${client.socket.localPort}`,
    login,
    ` TYPE: ${type}; STRUcture: File; MODE: Stream`,
    ' Data connection: closed',
    ' Bytes sent: 0; bytes received: 0',
    '211 End of status.',
  ]
  expect(await status()).toEqual(lines(' Waiting for username.', 'ASCII'))
  await client.command('USER user', 331)
  expect(await status()).toEqual(lines(' Waiting for password.', 'ASCII'))
  await client.command('PASS 12345', 230)
  await client.command('TYPE I', 200)
  expect(await status()).toEqual(lines(' Logged in as: user', 'Image'))
})

test('STAT with a path needs a login', async () => {
  await using ftp = await startFtpServer({ files: { a: 'x' } })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('STAT a', 530)
  await client.command('STAT /', 530)
  await client.command('STAT *', 530)
})

test.each([
  ['SYST', '215 UNIX Type: L8'],
  ['syst', '215 UNIX Type: L8'],
  ['SYST x', '501 Syntax error: command does not accept arguments.'],
  ['NOOP', '200 NOOP ok.'],
  ['NOOP x', '501 Syntax error: command does not accept arguments.'],
])('%s, before a login too', async (line, answer) => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  expect((await client.command(line)).text).toBe(answer)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  expect((await client.command(line)).text).toBe(answer)
})
