import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { TLS_FTPHandler } from '../../src/server.ts'
import { ftpsFixture, trusting } from '../support/ftps.ts'
import { RawClient, readAll } from '../support/raw-client.ts'
import { HUGE, makeHugeFile, startDownload } from '../support/transfers.ts'
import { judges } from './sessions/judges.ts'
import { belongs, isListed } from './sessions/reply-codes.ts'
import { transferVerbs } from './sessions/transfer-judges.ts'

const verbs = Object.keys(TLS_FTPHandler.commands)

test.each(verbs)('the model and the table of replies know %s', (verb) => {
  expect(isListed(verb)).toBe(true)
  expect(verb in judges || transferVerbs.has(verb)).toBe(true)
})

test('a reply that does not belong to its command is told', () => {
  expect(belongs('RETR', 226)).toBe(true)
  expect(belongs('PWD', 226)).toBe(false)
  expect(belongs('XYZZY', 500)).toBe(true)
  expect(belongs('XYZZY', 501)).toBe(false)
})

test('a transfer that ends while AUTH shakes hands is answered behind it, encrypted', async () => {
  await using ftp = await ftpsFixture()
  makeHugeFile(ftp, 'huge')
  await using client = await RawClient.login(ftp)
  const data = await startDownload(client, 'huge')
  await client.command('AUTH TLS', 234)
  expect((await readAll(data.resume())).length).toBe(HUGE)
  await ftp.waitFor({ type: 'transfer' })
  await client.startTls(trusting(ftp))
  await client.expect(226)
  await client.command('NOOP', 200)
})

test.each([
  ['REIN', 230],
  ['USER user', 331],
])('an upload is refused, and removed, though %s has come before its data', async (leaving, code) => {
  await using ftp = await startFtpServer({ scenario: { rules: [{ then: { refuse: { after: 2, keep: false } } }] } })
  await using client = await RawClient.login(ftp)
  const address = await client.passiveAddress()
  await client.command('STOR a', 150)
  await client.command(leaving, code)
  const data = connect(address)
  data
    .on('error', () => {})
    .resume()
    .end('content')
  await client.expect(552)
  data.destroy()
  expect(await ftp.files.exists('a')).toBe(false)
})

test('AUTH does not forget how often a login has failed', async () => {
  await using ftp = await ftpsFixture({ authFailedTimeout: 0, maxLoginAttempts: 3 })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  const fail = async () => {
    await client.command('USER user', 331)
    await client.command('PASS wrong', 530)
  }
  await fail()
  await fail()
  await client.secure(trusting(ftp))
  await fail()
  await client.closed()
})
