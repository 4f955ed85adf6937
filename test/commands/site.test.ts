import { statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'

test.each([
  ['644', 0o644],
  ['0600', 0o600],
  ['777', 0o777],
  ['400', 0o400],
  ['1755', 0o1755],
])('SITE CHMOD %s', async (mode, expected) => {
  await using ftp = await startFtpServer({ files: { 'dir/a b': { content: 'x', mode: 0o640 } } })
  await using client = await RawClient.login(ftp)
  await client.command('CWD dir', 250)
  expect((await client.command(`SITE CHMOD ${mode} a b`)).text).toBe('200 SITE CHMOD successful.')
  expect(statSync(ftp.files.path('dir/a b')).mode & 0o7777).toBe(expected)
})

test.each([
  ['SITE CHMOD', 501],
  ['SITE CHMOD 644', 501],
  ['SITE CHMOD 644 ', 501],
  ['SITE CHMOD 888 a', 501],
  ['SITE CHMOD 64 a', 501],
  ['SITE CHMOD 00644 a', 501],
  ['SITE CHMOD -644 a', 501],
  ['SITE CHMOD 0x1 a', 501],
  ['SITE CHMOD u+x a', 501],
  ['SITE CHMOD 6 4 4 a', 501],
  ['SITE CHMOD 600 nothing', 550],
  ['SITE', 500],
  ['SITE XYZZY', 500],
  ['SITE CHMODX 600 a', 500],
  ['CHMOD 600 a', 500],
  ['SITE\tCHMOD 600 a', 500],
])('%s is %i and changes nothing', async (line, code) => {
  await using ftp = await startFtpServer({ files: { a: { content: 'x', mode: 0o640 } } })
  await using client = await RawClient.login(ftp)
  await client.command(line, code)
  expect(statSync(ftp.files.path('a')).mode & 0o7777).toBe(0o640)
})

test('SITE CHMOD of a directory', async () => {
  await using ftp = await startFtpServer({ files: { 'dir/': { mode: 0o755 } } })
  await using client = await RawClient.login(ftp)
  await client.command('site chmod 700 dir', 200)
  expect(statSync(ftp.files.path('dir')).mode & 0o7777).toBe(0o700)
})

test('SITE HELP lists the SITE commands, or the syntax of one, before a login too', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  expect((await client.command('SITE HELP')).lines).toEqual([
    '214-The following SITE commands are recognized:',
    ' SITE CHMOD SITE HELP',
    '214 Help SITE command successful.',
  ])
  expect((await client.command('site help chmod')).text).toBe('214 Syntax: SITE CHMOD <SP> mode <SP> path')
  expect((await client.command('SITE HELP HELP')).text).toBe('214 Syntax: SITE HELP [<SP> command]')
  expect((await client.command('SITE HELP RETR')).text).toBe('501 Unrecognized command.')
  await client.command('SITE CHMOD 644 a', 530)
})

test('what is no mode is told as that', async () => {
  await using ftp = await startFtpServer({ files: { a: '' } })
  await using client = await RawClient.login(ftp)
  const text = '501 Invalid SITE CHMOD format: the mode is not octal.'
  for (const mode of ['888', '64', '00644', '0644x', 'x644']) {
    expect((await client.command(`SITE CHMOD ${mode} a`)).text).toBe(text)
  }
})
