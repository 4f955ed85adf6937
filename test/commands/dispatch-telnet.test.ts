import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'
import { makeHugeFile, startDownload, untilClosed } from '../support/transfers.ts'
import { UrgentClient } from '../support/urgent.ts'

const IAC = '\xff'
const IP = `${IAC}\xf4`
const DM = `${IAC}\xf2`

const PREFIXES = [`${IP}${DM}`, IP, DM, `${IP}${IAC}`, `${IP}${IAC}${IP}${DM}`, IAC, '\xf4\xf2', '\xf2', 'XYZ']

const ROWS = (['replace', 'strict'] as const).flatMap((unicodeErrors) =>
  PREFIXES.map((prefix) => [Buffer.from(prefix, 'latin1').toString('hex'), unicodeErrors, prefix] as const),
)

test.each(ROWS)('ABOR, STAT and QUIT behind the bytes %s (unicodeErrors: %s)', async (_, unicodeErrors, prefix) => {
  await using ftp = await startFtpServer({ unicodeErrors, files: { a: 'x' } })
  await using client = await RawClient.login(ftp)
  for (const [line, code] of [
    ['ABOR', 225],
    ['abor', 225],
    ['STAT', 211],
    ['NOOP', 200],
    ['QUIT', 221],
  ] as const) {
    client.socket.write(Buffer.from(`${line === 'NOOP' ? '' : prefix}${line}\r\n`, 'latin1'))
    await client.expect(code)
  }
  await client.closed()
})

test('STAT behind Telnet signals takes its path', async () => {
  await using ftp = await startFtpServer({ files: { a: 'x' } })
  await using client = await RawClient.login(ftp)
  client.socket.write(Buffer.from(`${IP}${IAC}STAT /a\r\n`, 'latin1'))
  await client.expect(213)
})

test('no other command is found behind them', async () => {
  await using ftp = await startFtpServer({ files: { a: 'x' } })
  await using client = await RawClient.login(ftp)
  for (const line of ['XDELE a', 'XNOOP', 'ABORX', 'QUITS', 'SITE ABOR']) await client.command(line, 500)
  client.socket.write(Buffer.from(`${IAC}DELE a\r\n`, 'latin1'))
  await client.expect(500)
  expect(await ftp.files.list()).toEqual(['a'])
})

test('the guards hold for a command behind them', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('XXABOR', 530)
  await client.command('XXSTAT /', 530)
  await client.command('XXQUIT now', 501)
  await client.command('XXQUIT', 221)
})

test('ABOR behind IP and DM ends a download', async () => {
  await using ftp = await startFtpServer()
  makeHugeFile(ftp, 'huge')
  await using client = await RawClient.login(ftp)
  const data = await startDownload(client, 'huge')
  client.socket.write(Buffer.from(`${IP}${DM}ABOR\r\n`, 'latin1'))
  await client.expect(426)
  await client.expect(226)
  await untilClosed(data)
})

test.each(['replace', 'strict'] as const)(
  'ABOR with IP and an urgent DM ends a download (%s)',
  async (unicodeErrors) => {
    await using ftp = await startFtpServer({ unicodeErrors })
    makeHugeFile(ftp, 'huge')
    await using client = await UrgentClient.login(ftp)
    await client.send('EPSV\r\n')
    expect(await client.code()).toBe('229')
    const event = await ftp.waitFor({ type: 'data-listen' })
    const data = connect({ host: ftp.host, port: event.type === 'data-listen' ? event.port : 0 }).pause()
    await client.send('RETR huge\r\n')
    expect(await client.code()).toMatch(/1[25][05]/)
    await client.send(IP)
    await client.sendUrgent(DM)
    await client.send('ABOR\r\n')
    expect(await client.code()).toBe('426')
    expect(await client.code()).toBe('226')
    await untilClosed(data)
  },
)

test('urgent bytes wherever they come break nothing', async () => {
  await using ftp = await startFtpServer()
  await using client = await UrgentClient.login(ftp)
  for (const [line, code] of [
    ['STAT', '211'],
    ['ABOR', '225'],
    ['QUIT', '221'],
  ] as const) {
    await client.sendUrgent('!')
    await client.send('NO')
    await client.sendUrgent('\0')
    await client.send('OP\r\n')
    expect(await client.code()).toBe('200')
    await client.sendUrgent(`${IP}${DM}`)
    await client.send(`${line}\r\n`)
    expect(await client.code()).toBe(code)
  }
  expect(await client.code()).toBe('end')
})

test('ABOR may be urgent as a whole, as ftplib sends it: its LF is then lost', async () => {
  await using ftp = await startFtpServer()
  await using client = await UrgentClient.login(ftp)
  for (let round = 0; round < 3; round++) {
    await client.sendUrgent('ABOR\r\n')
    expect(await client.code()).toBe('225')
    await client.send('NOOP\r\n')
    expect(await client.code()).toBe('200')
  }
})
