import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

/** Sends a command whose argument is in some encoding. */
function send(client: RawClient, verb: string, hex: string): void {
  client.socket.write(Buffer.concat([Buffer.from(`${verb} `), Buffer.from(hex, 'hex'), Buffer.from('\r\n')]))
}

test.each([
  // The second byte of ソ is that of a backslash.
  ['shift-jis', '日本ソ.txt', '93fa967b835c2e747874'],
  ['cp1252', '€uro.txt', '8075726f2e747874'],
  ['koi8-r', 'мир.txt', 'cdc9d22e747874'],
  ['gb18030', '中文.txt', 'd6d0cec42e747874'],
  ['latin1', 'grün.txt', '6772fc6e2e747874'],
])('names in %s: made, listed, echoed and found', async (encoding, name, hex) => {
  await using ftp = await startFtpServer({ encoding })
  await using client = await RawClient.login(ftp)
  send(client, 'MKD', hex)
  const made = await client.expect(257)
  expect(made.code).toBe(257)
  expect(await ftp.files.list()).toEqual([name])
  const data = await client.passive()
  const listing = readAll(data)
  await client.command('NLST', 125, 150)
  expect((await listing).toString('hex')).toBe(`${hex}0d0a`)
  await client.expect(226)
  send(client, 'CWD', hex)
  await client.expect(250)
  expect((await client.command('FEAT', 211)).text).not.toContain('UTF8')
})

test('a name that the encoding does not have is listed with question marks', async () => {
  await using ftp = await startFtpServer({ encoding: 'cp1252', files: { '日本.txt': '' } })
  await using client = await RawClient.login(ftp)
  expect(String(await client.fetch('NLST'))).toBe('??.txt\r\n')
})

test('unicodeErrors: strict refuses bytes that the encoding does not have', async () => {
  await using ftp = await startFtpServer({ encoding: 'shift-jis', unicodeErrors: 'strict' })
  await using client = await RawClient.login(ftp)
  send(client, 'MKD', '8120')
  expect((await client.expect(501)).text).toContain("Can't decode command as shift-jis.")
  expect(await ftp.files.list()).toEqual([])
})

test('the encoding changes with the next command of an open session', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  ftp.server.configure({ encoding: 'cp1252' })
  send(client, 'MKD', '80')
  await client.expect(257)
  expect(await ftp.files.list()).toEqual(['€'])
})
