import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { encrypted, ftpsFixture } from '../support/ftps.ts'
import { RawClient } from '../support/raw-client.ts'

test('bytes one at a time, of a command that never ends, give no more time', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', timeout: '300s' })
  await using client = await RawClient.login(ftp)
  for (const byte of 'NO') {
    client.socket.write(byte)
    await ftp.clock.advance('100s')
  }
  await ftp.clock.advance(99_999)
  expect(ftp.transcript.replies({ code: 421 })).toHaveLength(0)
  client.socket.write('O')
  await ftp.clock.advance(1)
  await client.expect(421)
  await client.closed()
})

test('before a login, commands give no more time', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', timeout: '300s' })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  for (const line of ['NOOP', 'USER user', 'FEAT']) {
    await ftp.clock.advance('99s')
    expect((await client.command(line)).code).toBeLessThan(400)
  }
  await ftp.clock.advance('3s')
  expect((await client.expect(421)).text).toBe('421 Control connection timed out.')
  await client.closed()
})

test('nor do passwords that are wrong, nor AUTH', async () => {
  await using ftp = await ftpsFixture({ clock: 'manual', timeout: '300s' })
  await using client = await encrypted(ftp)
  await ftp.clock.advance('100s')
  await client.command('USER user', 331)
  await client.command('PASS wrong', 530)
  await ftp.clock.advance('100s')
  await client.command('USER user', 331)
  await client.command('PASS wrong', 530)
  await ftp.clock.advance('100s')
  await client.expect(421)
  await client.closed()
})

test('who has logged in may be silent for as long again, and who logs out counts from what he said last', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', timeout: '300s' })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await ftp.clock.advance('299s')
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  await ftp.clock.advance('299s')
  await client.command('NOOP', 200)
  await client.command('REIN', 230)
  await ftp.clock.advance('299s')
  await client.command('NOOP', 200)
  await ftp.clock.advance('1s')
  await client.expect(421)
  await client.closed()
})
