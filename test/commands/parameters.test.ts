import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'

const ASCII = '200 Type set to: ASCII.'
const BINARY = '200 Type set to: Binary.'

test.each([
  ['A', ASCII],
  ['a', ASCII],
  ['A N', ASCII],
  ['a n', ASCII],
  ['L7', ASCII],
  ['L 7', ASCII],
  ['I', BINARY],
  ['i', BINARY],
  ['L8', BINARY],
  ['l8', BINARY],
  ['L 8', BINARY],
])('TYPE %s', async (argument, answer) => {
  await using ftp = await startFtpServer({ files: { a: '\n' } })
  await using client = await RawClient.login(ftp)
  await client.command(answer === ASCII ? 'TYPE I' : 'TYPE A', 200)
  expect((await client.command(`TYPE ${argument}`)).text).toBe(answer)
  expect((await client.fetch('RETR a')).toString()).toBe(answer === ASCII ? '\r\n' : '\n')
  expect((await client.command('STAT', 211)).text).toContain(`TYPE: ${answer === ASCII ? 'ASCII' : 'Image'};`)
})

test.each(['E', 'A T', 'A C', 'I N', 'L', 'L9', 'L 36', 'X', 'AN', 'constructor', '__proto__'])(
  'TYPE %s is 504, and changes nothing',
  async (argument) => {
    await using ftp = await startFtpServer({ files: { a: '\n' } })
    await using client = await RawClient.login(ftp)
    expect((await client.command(`TYPE ${argument}`)).text).toBe(`504 Unsupported type "${argument}".`)
    expect((await client.fetch('RETR a')).toString()).toBe('\n')
  },
)

test('a session starts in ASCII', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  expect((await client.command('STAT', 211)).text).toContain('TYPE: ASCII;')
})

test('TYPE A forgets where REST has set the next transfer, and TYPE I does not', async () => {
  await using ftp = await startFtpServer({ files: { a: '0123456789' } })
  await using client = await RawClient.login(ftp)
  await client.command('REST 4', 350)
  await client.command('TYPE I', 200)
  expect(String(await client.fetch('RETR a'))).toBe('456789')
  await client.command('REST 4', 350)
  await client.command('TYPE A', 200)
  await client.command('TYPE I', 200)
  expect(String(await client.fetch('RETR a'))).toBe('0123456789')
})

test.each([
  ['STRU F', '200 File transfer structure set to: F.'],
  ['STRU P', '504 Unimplemented parameter.'],
  ['STRU X', '501 Unrecognized parameter.'],
  ['MODE S', '200 Transfer mode set to: S.'],
  ['ALLO 1', '202 No storage allocation necessary.'],
  ['OPTS UTF8 ON', '200 Always in UTF8 mode.'],
  ['OPTS UTF8 OFF', '501 UTF8 cannot be turned off.'],
  ['OPTS NOTHING', '501 Unsupported option.'],
])('the words of %s: %s', async (line, text) => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  expect((await client.command(line)).text).toBe(text)
})

test.each([
  ['STRU F', 200],
  ['stru f', 200],
  ['STRU P', 504],
  ['STRU r', 504],
  ['STRU X', 501],
  ['STRU FF', 501],
  ['STRU', 501],
  ['MODE S', 200],
  ['mode s', 200],
  ['MODE B', 504],
  ['MODE c', 504],
  ['MODE Z', 501],
  ['MODE', 501],
  ['TYPE', 501],
  ['ALLO 1000', 202],
  ['ALLO 1000 R 10', 202],
  ['ALLO', 501],
  ['OPTS', 501],
  ['OPTS UTF8 ON', 200],
  ['opts utf8 on', 200],
  ['OPTS UTF8 OFF', 501],
  ['OPTS UTF8', 501],
  ['OPTS NOTHING', 501],
  ['OPTS SIZE x', 501],
  ['OPTS MLST', 200],
])('%s is %i', async (line, code) => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  await client.command(line, code)
})

test.each([
  ['type;size;', 'type;size;'],
  ['SIZE;Type', 'type;size;'],
  ['size', 'size;'],
  ['unix.mode;modify;unique;', 'modify;unique;unix.mode;'],
  ['bogus;size;', 'size;'],
  ['size;size;', 'size;'],
  ['type;perm;size;modify;create;unique;unix.mode;unix.uid;unix.gid;', null],
])('OPTS MLST %s answers with the facts it knows', async (argument, selected) => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  expect((await client.command(`OPTS MLST ${argument}`)).text).toBe(`200 MLST OPTS ${selected ?? argument}`)
})

test('OPTS MLST with nothing known in it selects nothing', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  expect((await client.command('OPTS MLST bogus;')).text).toBe('200 MLST OPTS')
  expect((await client.command('FEAT', 211)).text).not.toContain('*')
})

test('OPTS UTF8 ON is refused where names are in latin1', async () => {
  await using ftp = await startFtpServer({ encoding: 'latin1' })
  await using client = await RawClient.login(ftp)
  await client.command('OPTS UTF8 ON', 501)
})
