import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

test('PORT and EPRT answer 200 once the connection is there', async () => {
  await using ftp = await startFtpServer({ files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  for (const verb of ['PORT', 'EPRT'] as const) {
    const bytes = readAll(await client.active(verb))
    expect(ftp.transcript.events.at(-2)).toMatchObject({ type: 'data-open', mode: 'active' })
    const text = 'Active data connection established.'
    expect(ftp.transcript.events.at(-1)).toMatchObject({ type: 'reply', lines: [text] })
    await client.command('RETR a', 125)
    expect((await bytes).toString()).toBe('content')
    await client.expect(226)
  }
})

test.each([
  'PORT',
  'PORT x',
  'PORT 127,0,0,1,4',
  'PORT 127,0,0,1,4,1,1',
  'PORT 127,0,0,1,4,',
  'PORT 256,0,0,1,4,1',
  'PORT 127,0,0,1,256,1',
  'PORT 127,0,0,-1,4,1',
  'PORT 127,0,0,1,4,0x1',
  'PORT 127, 0,0,1,4,1',
  'PORT 127.0.0.1:1025',
  'EPRT',
  'EPRT x',
  'EPRT |1|127.0.0.1|1025',
  'EPRT 1|127.0.0.1|1025|',
  'EPRT |1|127.0.0.1|65536|',
  'EPRT |1|127.0.0.1|-1|',
  'EPRT |1|127.0.0.1||',
  'EPRT |1|127.0.0|1025|',
  'EPRT |1|::1|1025|',
  'EPRT |1|localhost|1025|',
  'EPRT |1|127.0.0.1|1025|x',
  'EPRT |3|127.0.0.1|1025|',
  'EPRT |0|127.0.0.1|1025|',
  'EPRT ||127.0.0.1|1025|',
])('%s is 501', async (line) => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  const isUnknown = /^EPRT \|[03]\|/.test(line)
  const reason = isUnknown ? 'Unknown network protocol.' : `Invalid ${line.slice(0, 4)} format.`
  const isMissing = !line.includes(' ')
  expect((await client.command(line, 501)).text).toBe(
    isMissing ? '501 Syntax error: command needs an argument.' : `501 ${reason}`,
  )
  expect(ftp.transcript.events.filter(({ type }) => type === 'data-open')).toEqual([])
})

test('EPRT with the other protocol is 522 and tells the right one', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  expect((await client.command('EPRT |2|::1|1025|')).text).toBe('522 Network protocol not supported, use (1).')
})

test.each(['|', '!', '/', '~', 'x'])('EPRT takes %s for its delimiter', async (delimiter) => {
  await using ftp = await startFtpServer({ files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  const listener = createServer()
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const arrived = once(listener, 'connection')
  const { port } = listener.address() as AddressInfo
  await client.command(`EPRT ${['', '1', '127.0.0.1', port, ''].join(delimiter)}`, 200)
  const [data] = await arrived
  listener.close()
  const bytes = readAll(data)
  await client.command('RETR a', 125)
  expect((await bytes).toString()).toBe('content')
  await client.expect(226)
})

test.each(['PORT 127,0,0,2,4,1', 'EPRT |1|127.0.0.2|1025|', 'PORT 10,0,0,1,4,1'])(
  '%s names a foreign address, which is 501',
  async (line) => {
    await using ftp = await startFtpServer()
    await using client = await RawClient.login(ftp)
    expect((await client.command(line)).text).toMatch(/^501 Rejected data connection to foreign address /)
    await client.command('LIST', 425)
  },
)

test('a foreign address is right where permitForeignAddresses says so', async () => {
  await using ftp = await startFtpServer({ permitForeignAddresses: true, files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  const listener = createServer()
  listener.listen(0, '127.0.0.2')
  await once(listener, 'listening')
  const arrived = once(listener, 'connection')
  const { port } = listener.address() as AddressInfo
  await client.command(`PORT 127,0,0,2,${port >> 8},${port & 255}`, 200)
  const [data] = await arrived
  listener.close()
  const bytes = readAll(data)
  await client.command('RETR a', 125)
  expect((await bytes).toString()).toBe('content')
  await client.expect(226)
})

test.each(['PORT 127,0,0,1,3,255', 'PORT 127,0,0,1,0,0', 'PORT 127,0,0,1,0,21', 'EPRT |1|127.0.0.1|1023|'])(
  '%s names a privileged port: 501, or tried where permitPrivilegedPorts says so',
  async (line) => {
    {
      await using ftp = await startFtpServer()
      await using client = await RawClient.login(ftp)
      expect((await client.command(line)).text).toMatch(/^501 PORT against the privileged port \d+ refused\.$/)
    }
    await using ftp = await startFtpServer({ permitPrivilegedPorts: true })
    await using client = await RawClient.login(ftp)
    expect((await client.command(line)).text).toMatch(/^425 Can't connect to 127\.0\.0\.1:\d+: \w+\.$/)
    await client.command('NOOP', 200)
  },
)

test('port 1024 is no privileged one', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  await client.command('PORT 127,0,0,1,4,0', 200, 425)
})

test('a connection that is refused is 425, and the next one may do', async () => {
  await using ftp = await startFtpServer({ files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  const listener = createServer()
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  await once(listener, 'close')
  for (const line of [`PORT 127,0,0,1,${port >> 8},${port & 255}`, `EPRT |1|127.0.0.1|${port}|`]) {
    expect((await client.command(line)).text).toBe(`425 Can't connect to 127.0.0.1:${port}: ECONNREFUSED.`)
    await client.command('RETR a', 425)
  }
  const bytes = readAll(await client.active())
  await client.command('RETR a', 125)
  expect((await bytes).toString()).toBe('content')
  await client.expect(226)
})

test('the server connects from the address that the client reached', async () => {
  await using ftp = await startFtpServer({ host: '0.0.0.0' })
  await using client = await RawClient.connect({ host: '127.0.0.3', port: ftp.port }, '127.0.0.1')
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  const data = await client.active()
  expect(data.remoteAddress).toBe('127.0.0.3')
  data.destroy()
})
