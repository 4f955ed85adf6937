import { lstatSync, statSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { dialogue } from '../support/dialogue.ts'
import { RawClient } from '../support/raw-client.ts'

const LOGIN = `
    S: 220
    C: USER user
    S: 331
    C: PASS 12345
    S: 230`

test('DELE removes a file or a link, never a directory or what a link points to', async () => {
  await using ftp = await startFtpServer({
    files: { 'dir/': {}, file: 'x', kept: 'y', link: { link: 'kept' }, dangling: { link: 'nothing' } },
  })
  await dialogue(
    ftp,
    `${LOGIN}
    C: DELE file
    S: 250 File removed.
    C: DELE file
    S: 550 No such file or directory.
    C: DELE dir
    S: 550
    C: DELE link
    S: 250
    C: DELE dangling
    S: 250
    C: DELE /
    S: 550`,
  )
  expect(await ftp.files.list()).toEqual(['dir', 'kept'])
})

test('RNFR and RNTO rename a file, a directory, and over another file', async () => {
  await using ftp = await startFtpServer({ files: { a: 'a', b: 'b', 'dir/c': 'c' } })
  await dialogue(
    ftp,
    `${LOGIN}
    C: RNFR a
    S: 350 Ready for destination name.
    C: RNTO b
    S: 250 Renaming ok.
    C: RNFR dir
    S: 350
    C: NOOP
    S: 200
    C: RNTO moved
    S: 250
    C: RNFR moved/c
    S: 350
    C: CWD moved
    S: 250
    C: RNTO /d
    S: 250`,
  )
  expect(await ftp.files.list()).toEqual(['b', 'd', 'moved'])
  expect(await ftp.files.read('b', 'utf8')).toBe('a')
  expect(await ftp.files.read('d', 'utf8')).toBe('c')
})

test('RNTO without RNFR is a bad sequence, also when the last RNFR failed or is used up', async () => {
  await using ftp = await startFtpServer({ files: { a: 'a', 'dir/': {} } })
  await dialogue(
    ftp,
    `${LOGIN}
    C: RNTO b
    S: 503 Bad sequence of commands: use RNFR first.
    C: RNFR nothing
    S: 550 No such file or directory.
    C: RNTO b
    S: 503
    C: RNFR a
    S: 350
    C: RNTO b
    S: 250
    C: RNTO c
    S: 503
    C: RNFR b
    S: 350
    C: RNTO nowhere/b
    S: 550
    C: RNTO c
    S: 503
    C: RNFR b
    S: 350
    C: RNTO dir
    S: 550`,
  )
  expect(await ftp.files.list()).toEqual(['b', 'dir'])
})

test('the root cannot be renamed', async () => {
  await using ftp = await startFtpServer({ files: { 'a/': {} } })
  await dialogue(
    ftp,
    `${LOGIN}
    C: RNFR /
    S: 550 Can't rename home directory.
    C: RNFR a/..
    S: 550 Can't rename home directory.
    C: RNTO /b
    S: 503
    C: RNFR a
    S: 350
    C: RNTO /
    S: 550`,
  )
  expect(await ftp.files.list()).toEqual(['a'])
})

test('a link is renamed itself, be it a dangling one', async () => {
  await using ftp = await startFtpServer({
    files: { kept: 'x', link: { link: 'kept' }, dangling: { link: 'nothing' } },
  })
  await dialogue(
    ftp,
    `${LOGIN}
    C: RNFR link
    S: 350
    C: RNTO renamed
    S: 250
    C: RNFR dangling
    S: 350
    C: RNTO still-dangling
    S: 250`,
  )
  expect(await ftp.files.list()).toEqual(['kept', 'renamed', 'still-dangling'])
  expect(lstatSync(ftp.files.path('renamed')).isSymbolicLink()).toBe(true)
})

test('SIZE counts bytes, of regular files, not in ASCII', async () => {
  await using ftp = await startFtpServer({
    files: { 'a.bin': { size: 12345 }, empty: '', 'dir/': {}, link: { link: 'a.bin' } },
  })
  await dialogue(
    ftp,
    `${LOGIN}
    C: SIZE a.bin
    S: 550 SIZE not allowed in ASCII mode.
    C: TYPE I
    S: 200
    C: SIZE a.bin
    S: 213 12345
    C: SIZE empty
    S: 213 0
    C: SIZE link
    S: 213 12345
    C: SIZE dir
    S: 550 Not a regular file.
    C: SIZE nothing
    S: 550 No such file or directory.
    C: TYPE A
    S: 200
    C: SIZE a.bin
    S: 550`,
  )
  await using client = await RawClient.login(ftp)
  expect((await client.command('SIZE a.bin')).text).toBe('213 12345')
})

test('MDTM tells the time of a regular file in GMT', async () => {
  await using ftp = await startFtpServer({
    files: { a: { content: '', modified: '2019-02-03T04:05:06.789Z' }, 'dir/': {}, old: { modified: 0 } },
  })
  await using client = await RawClient.login(ftp)
  expect((await client.command('MDTM a')).text).toBe('213 20190203040506')
  expect((await client.command('MDTM old')).text).toBe('213 19700101000000')
  await client.command('TYPE A', 200)
  expect((await client.command('MDTM a')).text).toBe('213 20190203040506')
  await client.command('MDTM dir', 550)
  await client.command('MDTM nothing', 550)
})

test('MDTM and MFMT use local time when useGmtTimes is off', async () => {
  vi.stubEnv('TZ', 'America/New_York')
  try {
    await using ftp = await startFtpServer({
      useGmtTimes: false,
      files: { a: { content: '', modified: '2019-02-03T04:05:06Z' } },
    })
    await using client = await RawClient.login(ftp)
    expect((await client.command('MDTM a')).text).toBe('213 20190202230506')
    expect((await client.command('MFMT 20200101000000 a')).text).toBe('213 Modify=20200101000000; /a')
    expect(statSync(ftp.files.path('a')).mtime.toISOString()).toBe('2020-01-01T05:00:00.000Z')
  } finally {
    vi.unstubAllEnvs()
  }
})

test('MFMT sets the time of a regular file', async () => {
  await using ftp = await startFtpServer({ files: { 'dir/a b': 'x' } })
  await using client = await RawClient.login(ftp)
  await client.command('CWD dir', 250)
  expect((await client.command('MFMT 20010203040506 a b')).text).toBe('213 Modify=20010203040506; /dir/a b')
  expect(statSync(ftp.files.path('dir/a b')).mtime.toISOString()).toBe('2001-02-03T04:05:06.000Z')
  expect((await client.command('MDTM a b')).text).toBe('213 20010203040506')
  await client.command('mfmt 20010203040507.250 a b', 213)
  expect(statSync(ftp.files.path('dir/a b')).mtime.toISOString()).toBe('2001-02-03T04:05:07.250Z')
})

test.each([
  ['MFMT', 501],
  ['MFMT 20010203040506', 501],
  ['MFMT 20010203040506 ', 501],
  ['MFMT a', 501],
  ['MFMT 2001020304050 a', 550],
  ['MFMT 20010229040506 a', 550],
  ['MFMT 20011303040506 a', 550],
  ['MFMT 20010203240506 a', 550],
  ['MFMT yesterday a', 550],
  ['MFMT -0010203040506 a', 550],
  ['MFMT 20010203040506 dir', 550],
  ['MFMT 20010203040506 nothing', 550],
])('%s is refused with %i and changes nothing', async (line, code) => {
  await using ftp = await startFtpServer({
    files: { 'dir/': {}, a: { content: '', modified: '2019-02-03T04:05:06Z' } },
  })
  await using client = await RawClient.login(ftp)
  await client.command(line, code)
  expect((await client.command('MDTM a')).text).toBe('213 20190203040506')
})

test('refusals of the host do not tell its paths', async () => {
  await using ftp = await startFtpServer({ files: { 'dir/': {}, a: 'x' } })
  await using client = await RawClient.login(ftp)
  await client.command('RNFR a', 350)
  for (const line of ['RNTO dir/x/y', 'DELE dir', 'MKD a', 'RMD a', 'CWD a', 'SIZE b', 'MDTM b', 'SITE CHMOD 644 b']) {
    const { text } = await client.command(line, 550)
    expect(text).not.toContain(ftp.root)
    expect(text).toMatch(/^550 [A-Z].*\.$/)
  }
})

test('what is no time is told before whether there is such a file', async () => {
  await using ftp = await startFtpServer({ files: { a: '' } })
  await using client = await RawClient.login(ftp)
  for (const path of ['a', 'nothing']) {
    const { text } = await client.command(`MFMT yesterday ${path}`)
    expect(text).toBe('550 Invalid time format; expected: YYYYMMDDHHMMSS.')
  }
})
