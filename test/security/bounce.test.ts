import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

/** Somebody on every address of this machine, who counts who comes. */
async function victim() {
  const came: string[] = []
  const server = createServer((socket) => {
    came.push(socket.localAddress ?? '')
    socket.destroy()
  })
  server.listen(0, '::')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { came, port, [Symbol.dispose]: () => void server.close() }
}

const OTHERS_IN_PORT = ['0,0,0,0', '255,255,255,255', '127,255,255,255', '224,0,0,1', '169,254,169,254', '127,0,0,010']
const NO_NUMBERS_IN_PORT = ['0177,0,0,1', '0x7f,0,0,1', '127,0,1', '2130706433', '+127,0,0,1', ' 127,0,0,1', '-1,0,0,1']
const OTHERS_IN_EPRT = ['1|0.0.0.0', '1|255.255.255.255', '1|224.0.0.1', '1|169.254.169.254', '1|127.0.0.2']
const NO_ADDRESS_IN_EPRT = [
  ...['1|0177.0.0.1', '1|127.0.0.01', '1|0x7f.0.0.1', '1|127.1', '1|2130706433', '1|localhost', '1|::ffff:127.0.0.1'],
  ...['1|127.0.0.1%lo', '1|127.0.0.1 ', '1| 127.0.0.1', '01|127.0.0.1', '1|', '3|127.0.0.1', '1|127.0.0.1\0'],
]

describe('the bounce attack (RFC 2577 §3): whatever the address is spelt like, nobody is connected to', () => {
  test.each([...OTHERS_IN_PORT, ...NO_NUMBERS_IN_PORT])('PORT %j', async (address) => {
    using there = await victim()
    const { came, port } = there
    await using ftp = await startFtpServer()
    await using client = await RawClient.login(ftp)
    await client.command(`PORT ${address},${port >> 8},${port & 255}`, 501)
    await client.command('LIST', 425)
    expect(came).toEqual([])
  })

  test.each([...OTHERS_IN_EPRT, ...NO_ADDRESS_IN_EPRT])('EPRT |%s|', async (address) => {
    using there = await victim()
    const { came, port } = there
    await using ftp = await startFtpServer()
    await using client = await RawClient.login(ftp)
    await client.command(`EPRT |${address}|${port}|`, 501)
    await client.command('LIST', 425)
    expect(came).toEqual([])
  })

  test.each(['2|::ffff:127.0.0.1', '2|::ffff:7f00:1', '2|::1', '2|::', '2|ff02::1'])(
    'EPRT |%s| over IPv4 is no way to leave it',
    async (address) => {
      using there = await victim()
      const { came, port } = there
      await using ftp = await startFtpServer()
      await using client = await RawClient.login(ftp)
      await client.command(`EPRT |${address}|${port}|`, 522)
      expect(came).toEqual([])
    },
  )

  test.each([
    ['::', ['2|::', '2|::ffff:127.0.0.1', '2|::127.0.0.1', '2|ff02::1', '2|fe80::1', '2|::1%lo', '2|[::1]']],
    ['::1', ['2|::', '2|::ffff:127.0.0.1', '2|::ffff:7f00:1', '2|64:ff9b::7f00:1', '2|::2', '2|0:0:0:0:0:0:0:1:']],
  ])('over IPv6, on %s', async (host, addresses) => {
    using there = await victim()
    const { came, port } = there
    await using ftp = await startFtpServer({ host })
    await using client = await RawClient.login({ host: '::1', port: ftp.port })
    for (const address of addresses) await client.command(`EPRT |${address}|${port}|`, 501)
    expect(came).toEqual([])
  })

  test.each(['EPRT |2|::1|1023|', 'EPRT |2|0:0::1|25|', 'EPRT |2|::1|0|'])(
    'no privileged port over IPv6: %s',
    async (line) => {
      await using ftp = await startFtpServer({ host: '::1' })
      await using client = await RawClient.login(ftp)
      expect((await client.command(line, 501)).text).toContain('privileged')
    },
  )
})

/** An address that means something only together with the name of its net. */
const linkLocal = Object.entries(networkInterfaces())
  .flatMap(([name, addresses = []]) => addresses.map(({ address }) => ({ address, host: `${address}%${name}` })))
  .find(({ address }) => address.startsWith('fe80:'))

test.runIf(linkLocal)('over a link-local address, data connections come and go within its net', async () => {
  const { address = '', host = '' } = linkLocal ?? {}
  await using ftp = await startFtpServer({ host, files: { 'a.txt': 'text' } })
  await using client = await RawClient.login({ host, port: ftp.port })
  const passive = await client.passive('EPSV')
  const came = readAll(passive)
  await client.command('RETR a.txt', 125, 150)
  expect(String(await came)).toBe('text')
  await client.expect(226)
  const server = createServer()
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const arrived = once(server, 'connection')
  await client.command(`EPRT |2|${address}|${port}|`, 200)
  const [socket] = await arrived
  socket.destroy()
  await client.command(`EPRT |2|${host}|${port}|`, 501)
  server.close()
})

test('the next passive port cannot be counted on (RFC 2577 §3.1)', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  const ports: number[] = []
  // Enough for the listeners that Node makes and for those that it does not.
  for (let times = 0; times < 60; times++) ports.push((await client.passiveAddress('EPSV')).port)
  const steps = ports.slice(1).map((port, index) => port - (ports[index] ?? 0))
  expect(new Set(steps).size).toBeGreaterThan(30)
})
