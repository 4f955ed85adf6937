import { statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import type { DummyAuthorizer } from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'

const ALL = 'elradfmwMT'

/** What each letter permits: commands that fail for want of it and are done without any other of the letters. */
const COMMANDS: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  e: [
    ['CWD dir', 250],
    ['XCWD dir', 250],
    ['CDUP', 250],
    ['XCUP', 250],
    ['CWD', 250],
  ],
  l: [
    ['LIST', 150],
    ['LIST -al', 150],
    ['NLST', 150],
    ['MLSD', 150],
    ['MLST file', 250],
    ['STAT /', 213],
    ['SIZE file', 213],
    ['MDTM file', 213],
  ],
  r: [['RETR file', 150]],
  a: [['APPE file', 150]],
  d: [
    ['DELE file', 250],
    ['RMD dir', 250],
    ['XRMD dir', 250],
  ],
  f: [
    ['RNFR file', 350],
    ['RNTO file', 503],
  ],
  m: [
    ['MKD new', 257],
    ['XMKD new', 257],
  ],
  w: [
    ['STOR file', 150],
    ['STOU', 150],
    ['STOU new', 150],
  ],
  M: [['SITE CHMOD 600 file', 200]],
  T: [['MFMT 20010203040506 file', 213]],
}

const ROWS = Object.entries(COMMANDS).flatMap(([letter, rows]) =>
  rows.map(([line, code]) => [letter, line, code] as const),
)

test.each(ROWS)('the letter %s is what %s needs', async (letter, line, code) => {
  await using ftp = await startFtpServer({
    files: { 'dir/': {}, file: { content: 'content', mode: 0o644 } },
    users: [
      { username: 'with', password: '12345', perm: letter },
      { username: 'without', password: '12345', perm: ALL.replace(letter, '') },
    ],
  })
  const modifiedMs = statSync(ftp.files.path('file')).mtimeMs
  await using refused = await RawClient.login(ftp, 'without')
  await refused.passiveAddress()
  expect((await refused.command(line)).text).toBe('550 Not enough privileges.')
  expect(await ftp.files.list()).toEqual(['dir', 'file'])
  expect(await ftp.files.read('file', 'utf8')).toBe('content')
  expect(statSync(ftp.files.path('file'))).toMatchObject({ mode: 0o100644, mtimeMs: modifiedMs })
  await using permitted = await RawClient.login(ftp, 'with')
  await permitted.passiveAddress()
  await permitted.command(line, code)
})

test('all that a user without a letter may do', async () => {
  await using ftp = await startFtpServer({ users: [{ username: 'none', password: '12345', perm: '' }] })
  await using client = await RawClient.login(ftp, 'none')
  for (const [line, code] of [
    ['PWD', 257],
    ['STAT', 211],
    ['FEAT', 211],
    ['TYPE A', 200],
    ['PASV', 227],
    ['NOOP', 200],
  ] as const)
    await client.command(line, code)
})

test('a letter is asked for where the path leads, and for how it is named', async () => {
  await using ftp = await startFtpServer({
    files: {
      'open/file': 'x',
      'open/link': { link: '../closed/file' },
      'closed/file': 'secret',
      'closed/link': { link: '../open/file' },
      way: { link: 'closed' },
    },
  })
  ;(ftp.server.authorizer as DummyAuthorizer).overridePerm('user', ftp.files.path('closed'), 'e')
  await using client = await RawClient.login(ftp)
  for (const path of ['closed/file', 'open/link', 'way/file', 'open/../way/file', 'closed/link']) {
    expect((await client.command(`SIZE ${path}`)).text).toBe('550 Not enough privileges.')
    expect((await client.command(`DELE ${path}`)).text).toBe('550 Not enough privileges.')
    await client.passiveAddress()
    expect((await client.command(`STOR ${path}`)).text).toBe('550 Not enough privileges.')
  }
  await client.command('SIZE open/file', 213)
  await client.command('CWD way', 250)
  expect((await client.command('MKD new')).text).toBe('550 Not enough privileges.')
  await client.command('RNFR /open/file', 350)
  expect((await client.command('RNTO /way/new')).text).toBe('550 Not enough privileges.')
  expect(await ftp.files.read('closed/file', 'utf8')).toBe('secret')
})

test('a transfer that is not permitted closes the data connection that was set up for it', async () => {
  await using ftp = await startFtpServer({
    files: { file: 'x' },
    users: [{ username: 'user', password: '12345', perm: 'l' }],
  })
  await using client = await RawClient.login(ftp)
  for (const line of ['RETR file', 'STOR file', 'APPE file', 'STOU']) {
    const data = await client.passive()
    const ended = new Promise((resolve) => data.once('close', resolve))
    data.resume().once('end', () => data.destroy())
    await client.command(line, 550)
    await ended
    await client.command('LIST', 425)
  }
})
