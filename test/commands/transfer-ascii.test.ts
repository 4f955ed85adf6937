import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'
import { untilReceived } from '../support/transfers.ts'

test.each([
  ['a\nb\n', 'a\r\nb\r\n'],
  ['\n\n', '\r\n\r\n'],
  ['no end', 'no end'],
  ['there\r\nalready\r\n', 'there\r\nalready\r\n'],
  ['mixed\r\n\n\r\r\n', 'mixed\r\n\r\n\r\r\n'],
  ['a\rb\r', 'a\rb\r'],
  ['ä\n文\n', 'ä\r\n文\r\n'],
])('TYPE A sends %j as %j, wherever it is cut', async (content, wire) => {
  for (const sendBufferSize of [1, 2, 3, 65_536]) {
    await using ftp = await startFtpServer({ sendBufferSize, files: { a: content } })
    await using client = await RawClient.login(ftp)
    await client.command('TYPE A', 200)
    expect((await client.fetch('RETR a')).toString()).toBe(wire)
    await client.command('TYPE I', 200)
    expect((await client.fetch('RETR a')).toString()).toBe(content)
  }
})

test.each([
  ['a\r\nb\r\n', 'a\nb\n'],
  ['a\nb', 'a\nb'],
  ['a\rb\r', 'a\rb\r'],
  ['\r\r\n\r', '\r\n\r'],
  ['\r\n', '\n'],
])('TYPE A stores %j as %j', async (wire, content) => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  await client.command('TYPE A', 200)
  for (const verb of ['STOR a', 'APPE b']) await client.store(verb, wire)
  expect(await ftp.files.read('a', 'utf8')).toBe(content)
  expect(await ftp.files.read('b', 'utf8')).toBe(content)
  await client.command('TYPE I', 200)
  await client.store('STOR a', wire)
  expect(await ftp.files.read('a', 'utf8')).toBe(wire)
})

test('CR and LF may come in two segments', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  await client.command('TYPE A', 200)
  const data = await client.passive()
  await client.command('STOR a', 125, 150)
  let sent = 0
  for (const piece of ['one\r', '\ntwo\r', 'three\r', '\n\r', '\n', 'four\r']) {
    data.write(piece)
    sent += piece.length
    await untilReceived(client, sent)
  }
  data.end()
  await client.expect(226)
  data.destroy()
  expect(await ftp.files.read('a', 'utf8')).toBe('one\ntwo\rthree\n\nfour\r')
})

test('a session starts in ASCII, and a text comes back as it went', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  const text = 'a line of text\r\n'.repeat(50_000)
  await client.store('STOR a', text)
  expect(await ftp.files.read('a', 'utf8')).toBe('a line of text\n'.repeat(50_000))
  expect((await client.fetch('RETR a')).toString()).toBe(text)
  expect(ftp.transcript.transfers().map(({ bytes, representation }) => [bytes, representation])).toEqual([
    [text.length, 'A'],
    [text.length, 'A'],
  ])
})

test('the type of a transfer is that of its beginning', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  await client.command('TYPE A', 200)
  const data = await client.passive()
  await client.command('STOR a', 125, 150)
  await client.command('TYPE I', 200)
  data.end('a\r\nb\r\n')
  await client.expect(226)
  data.destroy()
  expect(await ftp.files.read('a', 'utf8')).toBe('a\nb\n')
})
