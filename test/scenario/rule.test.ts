import { describe, expect, test } from 'vitest'
import { type FtpFixture, startFtpServer } from '../../src/index.ts'
import type { When } from '../../src/scenario.ts'
import { RawClient } from '../support/raw-client.ts'

/** What the server says where a rule applies. */
const RULE = '299 By the rule.'

/** Those of some commands that a rule applies to. */
async function matched(client: RawClient, lines: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const line of lines) {
    const { text } = await client.command(line)
    if (text === RULE) found.push(line)
  }
  return found
}

/** Has the server answer by a rule. */
function use(ftp: FtpFixture, when: When, others: object = {}): void {
  ftp.use({ rules: [{ when, optional: true, then: { reply: RULE }, ...others }] })
}

test.each<[When, readonly string[], readonly string[]]>([
  [{ command: 'noop' }, ['NOOP', 'PWD'], ['NOOP']],
  [{ command: ['NOOP', 'PWD'] }, ['NOOP', 'PWD', 'SYST'], ['NOOP', 'PWD']],
  [{ command: 'SITE CHMOD' }, ['SITE CHMOD 644 a', 'SITE HELP', 'SITE'], ['SITE CHMOD 644 a']],
  [{ command: 'SITE' }, ['SITE CHMOD 644 a', 'SITE HELP', 'SITE FOO'], ['SITE CHMOD 644 a', 'SITE HELP', 'SITE FOO']],
  [{ command: 'SITE UTIME' }, ['SITE utime a', 'SITE HELP'], ['SITE utime a']],
  [{ argument: '*.BIN' }, ['STAT a.BIN', 'STAT sub/a.BIN', 'STAT a.bin', 'STAT'], ['STAT a.BIN', 'STAT sub/a.BIN']],
  [{ path: '/pub/*' }, ['SIZE pub/a', 'SIZE /pub/a', 'SIZE a', 'SIZE pub/b/a'], ['SIZE pub/a', 'SIZE /pub/a']],
  [
    { path: '/pub/**' },
    ['SIZE pub/b/a', 'SIZE x/../pub/a', 'CWD pub', 'CDUP', 'NOOP'],
    ['SIZE pub/b/a', 'SIZE x/../pub/a', 'CWD pub'],
  ],
  [{ path: '/*' }, ['SIZE .rc', 'SIZE rc'], ['SIZE .rc', 'SIZE rc']],
  [{ path: '**/.*' }, ['SIZE .rc', 'SIZE pub/.rc', 'SIZE rc'], ['SIZE .rc', 'SIZE pub/.rc']],
  [{ path: '/"a b"*' }, ['SIZE "a b".txt', 'SIZE a b.txt'], ['SIZE "a b".txt']],
  [
    { path: '/a.txt' },
    ['SITE CHMOD 644 a.txt', 'MFMT 20200101000000 a.txt', 'MDTM a.txt'],
    ['SITE CHMOD 644 a.txt', 'MFMT 20200101000000 a.txt', 'MDTM a.txt'],
  ],
  [{ path: '/new' }, ['RNFR old', 'RNTO new'], ['RNTO new']],
  [{ command: 'STAT', path: '/pub' }, ['STAT -l pub', 'STAT pub', 'STAT'], ['STAT pub']],
  [{ command: 'NLST', path: '/pub' }, ['NLST pub'], ['NLST pub']],
  [{ command: 'LIST', path: '/pub' }, ['LIST -a pub', 'LIST -la'], ['LIST -a pub']],
  [{ command: 'LIST', path: '/' }, ['LIST -a', 'LIST pub'], ['LIST -a']],
  [{ command: 'CDUP', path: '/' }, ['CDUP'], ['CDUP']],
  [{ type: 'A' }, ['NOOP', 'TYPE A', 'NOOP', 'TYPE I'], ['NOOP', 'TYPE I']],
  [{ user: 'user' }, ['NOOP'], ['NOOP']],
  [{ user: ['bob', 'eve'] }, ['NOOP', 'USER bob'], ['USER bob']],
  [{ session: 1 }, ['NOOP'], ['NOOP']],
  [{ session: [2, 3] }, ['NOOP'], []],
])('a rule applies where all of %j holds', async (when, lines, expected) => {
  await using ftp = await startFtpServer({ files: { 'pub/a': '' } })
  await using client = await RawClient.login(ftp)
  use(ftp, when)
  expect(await matched(client, lines)).toEqual(expected)
})

test('paths are made absolute by the directory that the client is in', async () => {
  await using ftp = await startFtpServer({ files: { 'pub/a': '' } })
  await using client = await RawClient.login(ftp)
  use(ftp, { path: '/pub/a' })
  expect(await matched(client, ['SIZE a', 'CWD pub', 'SIZE a', 'SIZE ../a', 'SIZE ../pub/a'])).toEqual([
    'SIZE a',
    'SIZE ../pub/a',
  ])
})

test('before a login there are no paths, and a user from USER on', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  use(ftp, { path: '/**' })
  expect(await matched(client, ['SIZE a', 'CWD /'])).toEqual([])
  use(ftp, { user: 'user' })
  expect(await matched(client, ['NOOP'])).toEqual([])
  await client.command('USER user', 299)
  ftp.reset()
  await client.command('USER user', 331)
  use(ftp, { user: 'user' })
  await client.command('PASS 12345', 299)
})

test('skip and times are counted over all sessions, or in each', async () => {
  await using ftp = await startFtpServer()
  await using one = await RawClient.login(ftp)
  await using two = await RawClient.login(ftp)
  const rounds = async () => {
    const codes: number[] = []
    for (let n = 0; n < 4; n++) {
      for (const client of [one, two]) codes.push((await client.command('NOOP')).code)
    }
    return codes
  }
  use(ftp, { command: 'NOOP' }, { skip: 1, times: 2 })
  expect(await rounds()).toEqual([200, 299, 299, 200, 200, 200, 200, 200])
  use(ftp, { command: 'NOOP' }, { skip: 1, times: 2, per: 'session' })
  expect(await rounds()).toEqual([200, 200, 299, 299, 299, 299, 200, 200])
})

test('what does not match is not counted', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  use(ftp, { command: 'SIZE', path: '/a' }, { skip: 1, times: 1 })
  expect(await matched(client, ['SIZE b', 'NOOP', 'SIZE a', 'SIZE b', 'SIZE /a', 'SIZE a'])).toEqual(['SIZE /a'])
})

test('times counts how often it applied, and not how often chance was asked', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  use(ftp, { command: 'NOOP' }, { chance: 0.3, times: 3 })
  expect(await matched(client, Array(60).fill('NOOP'))).toHaveLength(3)
})

test('all rules that match apply, in the order written, those added behind the others', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  const called: string[] = []
  const calls = (name: string) => () => void called.push(name)
  ftp.use({
    rules: [
      { when: { command: 'NOOP' }, then: calls('first') },
      { when: { command: 'PWD' }, optional: true, then: calls('other') },
      { when: { command: 'NOOP' }, then: calls('second') },
    ],
  })
  ftp.add({ when: { command: 'NOOP' }, then: calls('third') })
  await client.command('NOOP', 200)
  expect(called).toEqual(['first', 'second', 'third'])
})

test('sessions are numbered anew by each scenario', async () => {
  await using ftp = await startFtpServer()
  {
    await using before = await RawClient.login(ftp)
    await before.command('QUIT', 221)
    await before.closed()
  }
  use(ftp, { command: 'NOOP', session: 2 })
  await using one = await RawClient.login(ftp)
  await using two = await RawClient.login(ftp)
  expect(await matched(one, ['NOOP'])).toEqual([])
  expect(await matched(two, ['NOOP'])).toEqual(['NOOP'])
})

describe('the state of a session', () => {
  test('unsaid: as long as a session has not said a command, in any case of letters', async () => {
    await using ftp = await startFtpServer()
    ftp.use({ rules: [{ when: { command: 'SYST', unsaid: ['pret', 'NOOP'] }, then: { reply: '500 PRET first.' } }] })
    await using client = await RawClient.login(ftp)
    await client.command('SYST', 500)
    await client.command('SYST', 500)
    await client.command('noop', 200)
    await client.command('SYST', 215)
    await using other = await RawClient.login(ftp)
    await other.command('SYST', 500)
    expect(String(ftp.explain())).toContain('applied 3 times')
  })

  test('login: before or behind it', async () => {
    await using ftp = await startFtpServer()
    ftp.use({ rules: [{ when: { command: 'FEAT', login: false }, then: { reply: '530 Log in first.' } }] })
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    await client.command('FEAT', 530)
    await client.command('USER user', 331)
    await client.command('FEAT', 530)
    await client.command('PASS 12345', 230)
    await client.command('FEAT', 211)
  })

  test('what came near is explained by it', async () => {
    await using ftp = await startFtpServer()
    ftp.use({
      rules: [
        { when: { command: 'SYST', unsaid: 'NOOP' }, optional: true, then: { delay: 0 } },
        { when: { command: 'SYST', login: false }, optional: true, then: { delay: 0 } },
      ],
    })
    await using client = await RawClient.login(ftp)
    await client.command('NOOP', 200)
    await client.command('SYST', 215)
    expect(String(ftp.explain())).toContain('NOOP was said before')
    expect(String(ftp.explain())).toContain('somebody is logged in already')
  })
})

describe('a rule whose faults find nothing to do', () => {
  const files = { 'a.txt': 'four' }

  test('is told like one that never applied', async () => {
    await using ftp = await startFtpServer({ files })
    ftp.use({ rules: [{ when: { command: 'RETR' }, then: { cut: { after: '1KiB' } } }] })
    await using client = await RawClient.login(ftp)
    expect(String(await client.fetch('RETR a.txt'))).toBe('four')
    await expect(ftp.verify()).rejects.toThrow(/rules\[0\]: .*cut never did anything: its moment did not come/)
    expect((await ftp.stop()).unfired).toHaveLength(1)
  })

  test('is fine where that is what good clients come to', async () => {
    await using ftp = await startFtpServer({ files })
    ftp.use({ rules: [{ then: { cap: { sessions: 1 } } }] })
    await using client = await RawClient.login(ftp)
    await client.command('NOOP', 200)
    await ftp.verify()
  })
})
