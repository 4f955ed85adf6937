import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { dialogue } from '../support/dialogue.ts'
import { RawClient } from '../support/raw-client.ts'

const LOGIN = `
    S: 220
    C: USER user
    S: 331
    C: PASS 12345
    S: 230`

test('CWD, CDUP and PWD walk about, and never above the root', async () => {
  await using ftp = await startFtpServer({ files: { 'a/b/': {}, 'a/file': 'x' } })
  await dialogue(
    ftp,
    `${LOGIN}
    C: PWD
    S: 257 "/" is the current directory.
    C: CWD a
    S: 250 "/a" is the current directory.
    C: CWD b
    S: 250 "/a/b" is the current directory.
    C: CDUP
    S: 250 "/a" is the current directory.
    C: PWD
    S: 257 "/a"
    C: CWD ./b/../b/
    S: 250 "/a/b"
    C: CWD /a
    S: 250 "/a"
    C: CWD ../../../a
    S: 250 "/a"
    C: CDUP
    S: 250 "/"
    C: CDUP
    S: 250 "/"
    C: CWD ..
    S: 250 "/"`,
  )
})

test('CWD without an argument goes to the root', async () => {
  await using ftp = await startFtpServer({ files: { 'a/b/': {} } })
  await dialogue(
    ftp,
    `${LOGIN}
    C: CWD a/b
    S: 250
    C: CWD
    S: 250 "/"
    C: CWD a/b
    S: 250
    C: XCWD
    S: 250 "/"
    C: PWD
    S: 257 "/"`,
  )
})

test('a directory that cannot be entered leaves the current one as it is', async () => {
  await using ftp = await startFtpServer({ files: { 'a/file': 'x' } })
  await dialogue(
    ftp,
    `${LOGIN}
    C: CWD a
    S: 250
    C: CWD nothing
    S: 550 No such file or directory.
    C: CWD file
    S: 550 Not a directory.
    C: CWD file/b
    S: 550
    C: PWD
    S: 257 "/a"`,
  )
})

test('the X forms do the same', async () => {
  await using ftp = await startFtpServer()
  await dialogue(
    ftp,
    `${LOGIN}
    C: XMKD a
    S: 257 "/a" directory created.
    C: XCWD a
    S: 250 "/a"
    C: XPWD
    S: 257 "/a"
    C: XCUP
    S: 250 "/"
    C: XRMD a
    S: 250 Directory removed.
    C: XRMD a
    S: 550`,
  )
})

test('MKD makes one directory and names it in full', async () => {
  await using ftp = await startFtpServer({ files: { 'a/': {}, file: 'x' } })
  await dialogue(
    ftp,
    `${LOGIN}
    C: CWD a
    S: 250
    C: MKD b c
    S: 257 "/a/b c" directory created.
    C: MKD b c
    S: 550 File already exists.
    C: MKD /file
    S: 550
    C: MKD x/y
    S: 550 No such file or directory.
    C: MKD /
    S: 550`,
  )
  expect(await ftp.files.list('a')).toEqual(['b c'])
})

test('RMD removes an empty directory, and nothing else', async () => {
  await using ftp = await startFtpServer({
    files: { 'empty/': {}, 'full/file': 'x', file: 'x', link: { link: 'empty' } },
  })
  await dialogue(
    ftp,
    `${LOGIN}
    C: RMD full
    S: 550 Directory not empty.
    C: RMD file
    S: 550 Not a directory.
    C: RMD link
    S: 550
    C: RMD nothing
    S: 550 No such file or directory.
    C: RMD empty
    S: 250 Directory removed.`,
  )
  expect(await ftp.files.list()).toEqual(['file', 'full', 'link'])
})

test('the root cannot be removed, by whatever name', async () => {
  await using ftp = await startFtpServer({ files: { 'a/': {}, self: { link: '.' } } })
  await dialogue(
    ftp,
    `${LOGIN}
    C: RMD /
    S: 550 Can't remove root directory.
    C: RMD .
    S: 550 Can't remove root directory.
    C: RMD a/..
    S: 550 Can't remove root directory.
    C: RMD self
    S: 550
    C: PWD
    S: 257 "/"`,
  )
})

test('a home below the root is the root of its user', async () => {
  await using ftp = await startFtpServer({
    users: [{ username: 'user', password: '12345', home: 'home/user' }],
    files: { 'home/user/sub/': {}, 'home/other/': {} },
  })
  await dialogue(
    ftp,
    `${LOGIN}
    C: PWD
    S: 257 "/"
    C: CWD ../other
    S: 550
    C: CWD sub
    S: 250 "/sub"
    C: MKD new
    S: 257 "/sub/new"
    C: RMD /
    S: 550`,
  )
  expect(await ftp.files.list('home/user/sub')).toEqual(['new'])
})

test('quotes in a name are doubled', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  expect((await client.command('MKD say "hi"')).text).toBe('257 "/say ""hi""" directory created.')
  expect((await client.command('CWD say "hi"')).text).toBe('250 "/say ""hi""" is the current directory.')
  expect((await client.command('PWD')).text).toBe('257 "/say ""hi""" is the current directory.')
})

test('a CR in a name stays within its reply', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  expect((await client.command('MKD a\r257 b')).text).toBe('257 "/a?257 b" directory created.')
  expect(await ftp.files.list()).toEqual(['a\r257 b'])
  await client.command('CWD a\r257 b', 250)
  expect((await client.command('PWD')).text).toBe('257 "/a?257 b" is the current directory.')
  await client.command('NOOP', 200)
})

test('names keep their spaces and every letter', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  expect((await client.command('MKD  ä 文 🗂 ', 257)).text).toBe('257 "/ ä 文 🗂 " directory created.')
  expect(await ftp.files.list()).toEqual([' ä 文 🗂 '])
})
