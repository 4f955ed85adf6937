import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { RawClient, readAll } from '../support/raw-client.ts'
import { untilClosed } from '../support/transfers.ts'

/** Listens on a port that the system does not give to others by itself, so that it stays free once it is freed. */
async function occupy(): Promise<{ readonly port: number; readonly server: Server }> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const server = createServer()
    const listening = once(server, 'listening')
    server.listen(port, '127.0.0.1')
    try {
      await listening
      return { port, server }
    } catch {
      // It is taken; another one will do.
    }
  }
}

async function free(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}

test('PASV tells address and port in six numbers', async () => {
  await using ftp = await startFtpServer({ files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  const { text } = await client.command('PASV')
  const [, high, low] = /^227 Entering passive mode \(127,0,0,1,(\d+),(\d+)\)\.$/.exec(text) ?? []
  const port = Number(high) * 256 + Number(low)
  expect(await ftp.waitFor({ type: 'data-listen' })).toMatchObject({ address: '127.0.0.1', port })
  const data = connect({ host: '127.0.0.1', port })
  const bytes = readAll(data)
  await client.command('RETR a', 125, 150)
  expect((await bytes).toString()).toBe('content')
  await client.expect(226)
})

test('EPSV tells a port and never an address', async () => {
  await using ftp = await startFtpServer({ masqueradeAddress: '10.1.2.3' })
  await using client = await RawClient.login(ftp)
  for (const line of ['EPSV', 'EPSV 1', 'epsv 1']) {
    expect((await client.command(line)).text).toMatch(/^229 Entering extended passive mode \(\|\|\|\d+\|\)\.$/)
  }
})

test('EPSV over IPv4: 2 is 522, another number too, anything else 501', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  expect((await client.command('EPSV 2')).text).toBe('522 Network protocol not supported, use (1).')
  expect((await client.command('EPSV 3')).text).toBe('522 Network protocol not supported, use (1).')
  expect((await client.command('EPSV 12')).text).toBe('522 Network protocol not supported, use (1).')
  for (const wrong of ['x', 'ALLES', '1x', 'x1']) {
    expect((await client.command(`EPSV ${wrong}`)).text).toBe('501 Unrecognized parameter.')
  }
  await client.command('PASV', 227)
})

test.each(['PASV', 'PORT 127,0,0,1,4,1', 'EPRT |1|127.0.0.1|1025|', 'LPSV', 'LPRT 4,4,127,0,0,1,2,4,1'])(
  'after EPSV ALL %s is 501, and EPSV is not',
  async (line) => {
    await using ftp = await startFtpServer({ files: { a: 'content' } })
    await using client = await RawClient.login(ftp)
    expect((await client.command('EPSV all')).text).toBe('220 Other commands than EPSV are now disabled.')
    expect((await client.command(line)).text).toBe('501 Not allowed after EPSV ALL.')
    const bytes = readAll(await client.passive('EPSV'))
    await client.command('RETR a', 125, 150)
    expect((await bytes).toString()).toBe('content')
    await client.expect(226)
    await client.command(line, 501)
  },
)

test('LPSV and LPRT are known, and not built', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  expect((await client.command('LPSV')).text).toBe('502 Obsolete; use EPSV or EPRT.')
  await client.command('LPRT 4,4,127,0,0,1,2,4,1', 502)
  await client.command('LPRT', 501)
  await client.command('LPSV x', 501)
})

test('masqueradeAddress is what PASV announces', async () => {
  await using ftp = await startFtpServer({ masqueradeAddress: '10.1.2.3' })
  await using client = await RawClient.login(ftp)
  expect((await client.command('PASV')).text).toMatch(/^227 .*\(10,1,2,3,\d+,\d+\)\.$/)
})

test('masqueradeAddressMap goes by the local address, and before masqueradeAddress', async () => {
  await using ftp = await startFtpServer({
    host: '0.0.0.0',
    masqueradeAddress: '10.0.0.9',
    masqueradeAddressMap: { '127.0.0.1': '10.0.0.1', '127.0.0.2': '10.0.0.2' },
  })
  for (const [host, announced] of [
    ['127.0.0.1', '10,0,0,1'],
    ['127.0.0.2', '10,0,0,2'],
    ['127.0.0.3', '10,0,0,9'],
  ] as const) {
    await using client = await RawClient.login({ host, port: ftp.port })
    expect((await client.command('PASV')).text).toContain(`(${announced},`)
  }
})

test('without any of them PASV announces the address the client reached, and listens there alone', async () => {
  await using ftp = await startFtpServer({ host: '0.0.0.0' })
  await using client = await RawClient.login({ host: '127.0.0.3', port: ftp.port })
  const { text } = await client.command('PASV')
  expect(text).toContain('(127,0,0,3,')
  const [high, low] = text.match(/\d+/g)?.slice(-2).map(Number) ?? []
  const elsewhere = connect({ host: '127.0.0.1', port: Number(high) * 256 + Number(low) })
  const [error] = await once(elsewhere, 'error')
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
})

test.each(['PASV', 'EPSV'] as const)('passivePorts: %s takes the ones that are free', async (verb) => {
  const [one, two, three] = [await occupy(), await occupy(), await occupy()]
  await free(two.server)
  await using ftp = await startFtpServer({ passivePorts: [one.port, two.port, three.port] })
  await using client = await RawClient.login(ftp)
  for (let round = 0; round < 10; round++) expect((await client.passiveAddress(verb)).port).toBe(two.port)
  expect(ftp.transcript.events.filter(({ type }) => type === 'warning')).toEqual([])
  await free(one.server)
  await free(three.server)
})

test('passivePorts may be a range', async () => {
  const { port, server } = await occupy()
  await free(server)
  await using ftp = await startFtpServer({ passivePorts: { from: port, to: port } })
  await using client = await RawClient.login(ftp)
  expect((await client.passiveAddress()).port).toBe(port)
  expect((await client.passiveAddress('EPSV')).port).toBe(port)
})

test('passivePorts are tried in random order', async () => {
  const held = await Promise.all([occupy(), occupy(), occupy(), occupy()])
  for (const { server } of held) await free(server)
  await using ftp = await startFtpServer({ passivePorts: held.map(({ port }) => port) })
  await using client = await RawClient.login(ftp)
  const taken = new Set<number>()
  // That one of four is never first in 100 rounds has a chance of 10^-12.
  for (let round = 0; round < 100; round++) taken.add((await client.passiveAddress()).port)
  expect(taken.size).toBe(4)
})

test('passivePorts that are all busy: another port, and a warning', async () => {
  const { port, server } = await occupy()
  await using ftp = await startFtpServer({ passivePorts: [port], files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  const address = await client.passiveAddress()
  expect(address.port).not.toBe(port)
  expect(await ftp.waitFor({ type: 'warning' })).toMatchObject({ message: expect.stringContaining('passivePorts') })
  const bytes = readAll(connect(address))
  await client.command('RETR a', 125, 150)
  expect((await bytes).toString()).toBe('content')
  await client.expect(226)
  await free(server)
})

test('PASV and PORT are 425 when the limit of connections is hit', async () => {
  await using ftp = await startFtpServer({ maxCons: 1 })
  await using client = await RawClient.login(ftp)
  for (const line of ['PASV', 'EPSV', 'PORT 127,0,0,1,4,1', 'EPRT |1|127.0.0.1|1025|']) {
    expect((await client.command(line)).text).toBe("425 Too many connections. Can't open data channel.")
  }
})

test('a port takes one connection and is then closed', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  const address = await client.passiveAddress()
  const first = connect(address)
  await ftp.waitFor({ type: 'data-open' })
  const second = connect(address)
  const [error] = await once(second, 'error')
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  await client.command('NLST', 125)
  await untilClosed(first)
  await client.expect(226)
})

test('nobody comes within passiveTimeout: 425', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', passiveTimeout: '30s', files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  await client.passiveAddress()
  await client.command('RETR a', 150)
  await ftp.clock.advance(29_999)
  await client.command('NOOP', 200)
  await ftp.clock.advance(1)
  expect((await client.reply()).text).toBe('425 Passive data connection timed out.')
  expect(ftp.transcript.transfers()).toMatchObject([{ verb: 'RETR', outcome: 'failed', bytes: 0 }])
  await client.command('RETR a', 425)
  expect((await client.fetch('RETR a')).toString()).toBe('content')
})

test('the time to wait counts from the transfer command, or from PASV when there is none', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  const address = await client.passiveAddress()
  await ftp.clock.advance(29_000)
  await client.command('RETR a', 150)
  await ftp.clock.advance(29_000)
  expect((await readAll(connect(address))).toString()).toBe('content')
  await client.expect(226)
  const unused = await client.passiveAddress()
  await ftp.clock.advance(30_000)
  await client.command('RETR a', 425)
  const late = connect(unused)
  const [error] = await once(late, 'error')
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
})
