import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { RawClient, readAll } from '../support/raw-client.ts'
import { untilClosed } from '../support/transfers.ts'

test.each(['PASV', 'EPSV'] as const)(
  'a foreign peer at the %s port is refused, the client is still awaited',
  async (verb) => {
    await using ftp = await startFtpServer({ files: { a: 'content' } })
    await using client = await RawClient.login(ftp)
    const address = await client.passiveAddress(verb)
    const stranger = connect({ ...address, localAddress: '127.0.0.2' })
    const stolen = readAll(stranger)
    expect(await ftp.waitFor({ type: 'data-refused' })).toMatchObject({
      remoteAddress: '127.0.0.2',
      reason: 'foreign address',
    })
    expect(await stolen).toHaveLength(0)
    const data = connect(address)
    const bytes = readAll(data)
    await client.command('RETR a', 125, 150)
    expect((await bytes).toString()).toBe('content')
    await client.expect(226)
  },
)

test('a foreign peer that comes while the transfer waits gets nothing and stops nothing', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  const address = await client.passiveAddress()
  await client.command('STOR a', 150)
  for (let round = 0; round < 3; round++) {
    const stranger = connect({ ...address, localAddress: '127.0.0.2' })
    stranger.on('error', () => {}).end('forged')
    await once(stranger, 'close')
  }
  const data = connect(address).end('genuine')
  await client.expect(226)
  data.destroy()
  expect(await ftp.files.read('a', 'utf8')).toBe('genuine')
  expect(ftp.transcript.events.filter(({ type }) => type === 'data-refused')).toHaveLength(3)
})

test('when only a foreign peer came, 425 tells so', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  const address = await client.passiveAddress()
  await client.command('RETR a', 150)
  await untilClosed(connect({ ...address, localAddress: '127.0.0.2' }))
  await ftp.waitFor({ type: 'data-refused' })
  await ftp.clock.advance('30s')
  expect((await client.reply()).text).toMatch(/^425 .*foreign address 127\.0\.0\.2 was rejected\.$/)
})

test('a foreign peer is welcome where permitForeignAddresses says so', async () => {
  await using ftp = await startFtpServer({ permitForeignAddresses: true, files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  const bytes = readAll(connect({ ...(await client.passiveAddress()), localAddress: '127.0.0.2' }))
  await client.command('RETR a', 125, 150)
  expect((await bytes).toString()).toBe('content')
  await client.expect(226)
})

test('over IPv6: EPSV, EPRT, and no PASV or PORT', async () => {
  await using ftp = await startFtpServer({ host: '::1', files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  expect((await client.command('PASV')).text).toBe('425 PASV needs IPv4; use EPSV.')
  expect((await client.command('EPSV 1')).text).toBe('522 Network protocol not supported, use (2).')
  expect((await client.command('EPRT |1|127.0.0.1|1025|')).text).toBe('522 Network protocol not supported, use (2).')
  await client.command('PORT 127,0,0,1,4,1', 501)
  await client.command('EPRT |2|::2|1025|', 501)
  await client.command('EPRT |2|127.0.0.1|1025|', 501)
  await client.command('EPRT |2|::1%lo|1025|', 501)
  await client.command('EPSV 2', 229)
  for (const data of [() => client.passive('EPSV'), () => client.active('EPRT')]) {
    const bytes = readAll(await data())
    await client.command('RETR a', 125, 150)
    expect((await bytes).toString()).toBe('content')
    await client.expect(226)
  }
  const long = ftp.transcript.events.filter(({ type }) => type === 'data-open')
  expect(long).toMatchObject([{ remoteAddress: '::1' }, { remoteAddress: '::1' }])
})

test('EPRT may spell the address in another way', async () => {
  await using ftp = await startFtpServer({ host: '::1' })
  await using client = await RawClient.login(ftp)
  await client.command('EPRT |2|0:0:0:0:0:0:0:1|1025|', 200, 425)
  await client.command('EPRT |2|0:0:0:0:0:0:0:2|1025|', 501)
})

test('a dual-stack server is an IPv4 server to an IPv4 client', async () => {
  await using ftp = await startFtpServer({ host: '::', files: { a: 'content' } })
  await using client = await RawClient.login({ host: '127.0.0.1', port: ftp.port })
  expect(await ftp.waitFor({ type: 'connect' })).toMatchObject({ remoteAddress: '127.0.0.1' })
  expect((await client.command('STAT', 211)).text).toContain('Connected to: 127.0.0.1:')
  expect((await client.command('PASV')).text).toContain('(127,0,0,1,')
  expect((await client.command('EPSV 2')).text).toBe('522 Network protocol not supported, use (1).')
  await client.command('EPSV 1', 229)
  expect((await client.command('EPRT |2|::1|1025|')).text).toBe('522 Network protocol not supported, use (1).')
  await client.command('PORT 127,0,0,2,4,1', 501)
  for (const verb of ['PASV', 'EPSV', 'PORT', 'EPRT'] as const) {
    const data = await (verb === 'PASV' || verb === 'EPSV' ? client.passive(verb) : client.active(verb))
    const bytes = readAll(data)
    await client.command('RETR a', 125, 150)
    expect((await bytes).toString()).toBe('content')
    await client.expect(226)
  }
})

test('a dual-stack server is an IPv6 server to an IPv6 client, and masquerades for IPv4 alone', async () => {
  await using ftp = await startFtpServer({ host: '::', masqueradeAddressMap: { '127.0.0.1': '10.0.0.1' } })
  {
    await using client = await RawClient.login({ host: '::1', port: ftp.port })
    await client.command('PASV', 425)
    await client.command('EPSV 2', 229)
  }
  await using client = await RawClient.login({ host: '127.0.0.1', port: ftp.port })
  expect((await client.command('PASV')).text).toContain('(10,0,0,1,')
})

test('a connection that was reset before anybody looked is no foreign one, and the client is still awaited', async () => {
  await using ftp = await startFtpServer({ files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  const { host, port } = await client.passiveAddress()
  await client.command('RETR a', 150)
  // Nothing is accepted while another process is waited for.
  const program = `const s = net.connect(${port}, '${host}', () => s.resetAndDestroy())`
  execFileSync(process.execPath, ['-e', program])
  const data = connect({ host, port })
  expect((await readAll(data)).toString()).toBe('content')
  await client.expect(226)
  expect(ftp.transcript.events.filter(({ type }) => type === 'data-refused')).toEqual([])
})
