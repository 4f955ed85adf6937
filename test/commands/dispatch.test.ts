import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'

const NEEDS_ARGUMENT = [
  ...['USER', 'ACCT', 'MKD', 'XMKD', 'RMD', 'XRMD', 'DELE', 'RNFR', 'RNTO', 'SIZE', 'MDTM', 'MFMT', 'RETR', 'STOR'],
  ...['APPE', 'REST', 'TYPE', 'STRU', 'MODE', 'ALLO', 'PORT', 'EPRT', 'LPRT', 'OPTS', 'SITE CHMOD'],
]
const TAKES_NONE = [...['REIN', 'QUIT', 'CDUP', 'XCUP', 'PWD', 'XPWD', 'ABOR', 'PASV', 'LPSV', 'FEAT', 'SYST', 'NOOP']]
const NEEDS_LOGIN = [
  ...['REIN', 'CWD', 'CWD a', 'XCWD', 'CDUP', 'XCUP', 'PWD', 'XPWD', 'MKD a', 'XMKD a', 'RMD a', 'XRMD a', 'DELE a'],
  ...['RNFR a', 'RNTO a', 'LIST', 'NLST', 'MLSD', 'MLST', 'STAT a', 'SIZE a', 'MDTM a', 'MFMT 20010203040506 a'],
  ...['RETR a', 'STOR a', 'APPE a', 'STOU', 'REST 0', 'ABOR', 'TYPE I', 'STRU F', 'MODE S', 'ALLO 1', 'PASV', 'EPSV'],
  ...['PORT 127,0,0,1,4,1', 'EPRT |1|127.0.0.1|1025|', 'LPSV', 'LPRT x', 'OPTS UTF8 ON', 'SITE CHMOD 644 a'],
]
const BEFORE_LOGIN: readonly (readonly [string, number])[] = [
  ['NOOP', 200],
  ['SYST', 215],
  ['FEAT', 211],
  ['HELP', 214],
  ['SITE HELP', 214],
  ['STAT', 211],
  ['ACCT x', 202],
  ['PASS', 503],
  ['USER user', 331],
  ['PASS', 530],
  ['QUIT', 221],
]

test('an unknown verb is 500, with an argument or without, before a login and after', async () => {
  await using ftp = await startFtpServer()
  await using before = await RawClient.connect(ftp)
  await before.expect(220)
  await using after = await RawClient.login(ftp)
  for (const client of [before, after]) {
    expect((await client.command('XYZZY')).text).toBe('500 Command "XYZZY" not understood.')
    expect((await client.command('xyzzy a b')).text).toBe('500 Command "XYZZY" not understood.')
    for (const line of ['', ' ', ' NOOP', '\tNOOP', 'NOOP\t', 'CHMOD', 'SITE', 'SITE  HELP', '__proto__', 'toString'])
      await client.command(line, 500)
    for (const line of ['SMNT /', 'SITE __proto__', 'SITE constructor x', 'PASV-', 'LI ST'])
      await client.command(line, 500)
  }
})

test.each(NEEDS_ARGUMENT)('%s without an argument is 501, before a login too', async (verb) => {
  await using ftp = await startFtpServer()
  await using before = await RawClient.connect(ftp)
  await before.expect(220)
  await using after = await RawClient.login(ftp)
  for (const client of [before, after]) {
    await client.command(verb, 501)
    await client.command(`${verb} `, 501)
  }
})

test.each(TAKES_NONE)('%s with an argument is 501, before a login too', async (verb) => {
  await using ftp = await startFtpServer()
  await using before = await RawClient.connect(ftp)
  await before.expect(220)
  await using after = await RawClient.login(ftp)
  for (const client of [before, after]) {
    expect((await client.command(`${verb} x`)).text).toBe('501 Syntax error: command does not accept arguments.')
    await client.command('NOOP', 200)
  }
})

test('what needs a login is 530 before it', async () => {
  await using ftp = await startFtpServer({ files: { a: 'x' } })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  for (const line of NEEDS_LOGIN) {
    expect((await client.command(line)).text).toBe('530 Log in with USER and PASS first.')
  }
  await client.command('USER user', 331)
  for (const line of NEEDS_LOGIN) await client.command(line, 530)
  expect(await ftp.files.list()).toEqual(['a'])
})

test('what needs none is done before it', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  for (const [line, code] of BEFORE_LOGIN) await client.command(line, code)
})

test('the path is looked at before the permission, and the permission before all else', async () => {
  await using ftp = await startFtpServer({
    users: [{ username: 'user', password: '12345', perm: '' }],
    files: { outside: { link: '/' }, 'a/': {} },
  })
  await using client = await RawClient.login(ftp)
  for (const verb of ['CWD', 'MKD', 'RMD', 'DELE', 'RNFR', 'RNTO', 'LIST', 'SIZE', 'RETR', 'STOR', 'SITE CHMOD 999']) {
    expect((await client.command(`${verb} outside/x`)).text).toMatch(/^550 .* outside the user's root directory\.$/)
    expect((await client.command(`${verb} a`)).text).toBe('550 Not enough privileges.')
    expect((await client.command(`${verb} nothing`)).text).toBe('550 Not enough privileges.')
  }
  expect((await client.command('RMD /')).text).toBe('550 Not enough privileges.')
  expect((await client.command('STAT *')).text).toBe('550 Not enough privileges.')
  expect((await client.command('MFMT x a')).text).toBe('550 Not enough privileges.')
})

test('verbs may be written in any case, both words of SITE too', async () => {
  await using ftp = await startFtpServer({ files: { A: 'x' } })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  for (const [line, code] of [
    ['user user', 331],
    ['PaSs 12345', 230],
    ['tYPE i', 200],
    ['size A', 213],
    ['size a', 550],
    ['site chmod 600 A', 200],
    ['SiTe HeLp ChMoD', 214],
    ['pwd', 257],
    ['quit', 221],
  ] as const)
    await client.command(line, code)
})

test('a bare LF ends a line, also amid others', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  client.socket.write('USER user\nPASS 12345\r\nPWD\nNOOP\n')
  for (const code of [331, 230, 257, 200]) await client.expect(code)
})

test('a command that comes byte by byte', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  client.socket.setNoDelay(true)
  for (const byte of 'USER user\r\nPASS 12345\r\nSITE HELP\r\n') {
    await new Promise<void>((resolve) => client.socket.write(byte, () => resolve()))
  }
  for (const code of [331, 230, 214]) await client.expect(code)
})

test('a line may have 2,048 bytes; a longer one is 500, thrown away, and the session lives on', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  await client.command(`ALLO ${'x'.repeat(2043)}`, 202)
  expect((await client.command(`ALLO ${'x'.repeat(2044)}`)).text).toBe('500 Command too long.')
  await client.command('NOOP', 200)
  // What stands behind the limit is no command of its own.
  client.send(`${'x'.repeat(100_000)} NOOP\r\nPWD`)
  await client.expect(500)
  await client.expect(257)
  client.socket.write('y'.repeat(5000))
  await client.expect(500)
  client.socket.write(`${'z'.repeat(5000)}\nPWD\r\n`)
  await client.expect(257)
  const long = 'ä'.repeat(1000)
  await client.command(`SIZE ${long}`, 550)
})

test('pipelined commands are answered in their order', async () => {
  await using ftp = await startFtpServer({ files: { a: 'x' } })
  await using client = await RawClient.connect(ftp)
  const script = [
    ...[
      'USER user',
      'PASS 12345',
      'MKD d',
      'CWD d',
      'PWD',
      'CDUP',
      'RNFR a',
      'RNTO d/b',
      'TYPE I',
      'SIZE d/b',
      'NOOP x',
    ],
    ...['STAT', 'MLST d', 'DELE d/b', 'RMD d', 'XYZZY', 'FEAT', 'QUIT', 'NOOP'],
  ]
  const codes = [331, 230, 257, 250, 257, 250, 350, 250, 200, 213, 501, 211, 250, 250, 250, 500, 211, 221]
  client.send(script.join('\r\n'))
  await client.expect(220)
  for (const code of codes) await client.expect(code)
  expect(await client.line()).toBeUndefined()
  expect(ftp.transcript.commands().map(({ verb }) => verb)).toEqual(
    script.slice(0, -1).map((line) => line.split(' ')[0]),
  )
})

test('a thousand pipelined commands', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  client.send(Array.from({ length: 1000 }, (_, index) => (index % 2 ? `MKD ${index}` : 'NOOP')).join('\r\n'))
  for (let index = 0; index < 1000; index++) {
    const { text } = await client.reply()
    expect(text).toBe(index % 2 ? `257 "/${index}" directory created.` : '200 NOOP ok.')
  }
})

test('bytes that are not UTF-8 are replaced', async () => {
  await using ftp = await startFtpServer({ files: { 'a\ufffd': 'x' } })
  await using client = await RawClient.login(ftp)
  client.socket.write(Buffer.from('SIZE a\xe4\r\nMKD b\xe4c\r\n', 'latin1'))
  expect((await client.reply()).text).toBe('213 1')
  expect((await client.reply()).text).toBe('257 "/b\ufffdc" directory created.')
})

test('bytes that are not UTF-8 are 501 where unicodeErrors is strict', async () => {
  await using ftp = await startFtpServer({ unicodeErrors: 'strict' })
  await using client = await RawClient.login(ftp)
  client.socket.write(Buffer.from('MKD b\xe4c\r\nXYZZY \xe4\r\nSTAT \xe4\r\nSTAT\xe4\r\nMKD ', 'latin1'))
  client.send('ä文🗂')
  for (const _ of [1, 2, 3, 4]) expect((await client.reply()).text).toBe("501 Can't decode command as utf-8.")
  await client.expect(257)
  expect(await ftp.files.list()).toEqual(['ä文🗂'])
})

test('a transfer command that cannot be decoded closes its data connection', async () => {
  await using ftp = await startFtpServer({ unicodeErrors: 'strict' })
  await using client = await RawClient.login(ftp)
  await client.passiveAddress()
  client.socket.write(Buffer.from('RETR \xe4\r\n', 'latin1'))
  await client.expect(501)
  await client.command('LIST', 425)
})

test('every byte is a letter in latin1, be it strict', async () => {
  await using ftp = await startFtpServer({ encoding: 'latin1', unicodeErrors: 'strict' })
  await using client = await RawClient.login(ftp)
  client.socket.setEncoding('latin1')
  client.socket.write(Buffer.from('MKD \xe4\x80\r\n', 'latin1'))
  expect((await client.reply()).text).toBe('257 "/\xe4\x80" directory created.')
  expect(await ftp.files.list()).toEqual(['\xe4\x80'])
})

test.each([' PASS hunter2', 'PASS\thunter2', '\x01PASS hunter2', 'xPASS: PASS hunter2', 'pass\u00a0hunter2'])(
  'a password behind a stray byte is not shown: %j',
  async (line) => {
    await using ftp = await startFtpServer()
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    const { text } = await client.command(line, 500)
    for (const shown of [text, String(ftp.transcript), JSON.stringify(ftp.transcript)]) {
      expect(shown.toLowerCase()).not.toContain('hunter2')
    }
    expect(ftp.transcript.commands({ secrets: true })[0]?.argument.toLowerCase()).toContain('hunter2')
  },
)

test('a word that merely holds a verb is shown', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('SITE COMPASS north', 500)
  expect(ftp.transcript.commands()).toMatchObject([{ line: 'SITE COMPASS north' }])
})
