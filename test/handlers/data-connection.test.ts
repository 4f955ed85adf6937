import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { DTPHandler } from '../../src/server.ts'
import { openBelow } from '../filesystems/temp-tree.ts'
import { ending, RawClient, readAll } from '../support/raw-client.ts'

/** The same bytes, but not by the direct way. */
class Staged extends DTPHandler {
  override stages() {
    return [(chunks: AsyncIterable<Buffer>) => chunks]
  }
}

const ways = [
  { way: 'direct', dtpHandler: DTPHandler },
  { way: 'staged', dtpHandler: Staged },
]

function written(socket: Socket, bytes: Uint8Array | string): Promise<unknown> {
  return new Promise((resolve) => socket.write(bytes, resolve))
}

for (const { way, dtpHandler } of ways) {
  for (const mode of ['passive', 'active'] as const) {
    test(`${way}, ${mode}: bytes sent before STOR are part of the file`, async () => {
      await using ftp = await startFtpServer({ dtpHandler })
      await using client = await RawClient.login(ftp)
      const content = randomBytes('1MiB', { seed: 4 })
      const data = await client[mode]()
      await written(data, content.subarray(0, 1000))
      await client.command('NOOP', 200)
      await client.command('STOR a.bin', 125, 150)
      data.end(content.subarray(1000))
      await client.expect(226)
      data.destroy()
      expect((await ftp.files.read('a.bin')).equals(content)).toBe(true)
    })

    test(`${way}, ${mode}: so is all of it, when even the end came before STOR`, async () => {
      await using ftp = await startFtpServer({ dtpHandler })
      await using client = await RawClient.login(ftp)
      const data = await client[mode]()
      data.end('early')
      await client.command('NOOP', 200)
      await client.command('STOR a.txt', 125, 150)
      await client.expect(226)
      data.destroy()
      expect(await ftp.files.read('a.txt', 'utf8')).toBe('early')
    })

    test(`${way}, ${mode}: a reset is 426, the end of an upload is not`, async () => {
      await using ftp = await startFtpServer({ dtpHandler })
      await using client = await RawClient.login(ftp)
      for (const bytes of ['', 'some', 'x'.repeat(200_000)]) {
        const data = await client[mode]()
        await client.command('STOR a.txt', 125, 150)
        if (bytes !== '') await written(data, bytes)
        // Together with bytes that the server has not read yet.
        data.resetAndDestroy()
        await client.expect(426)
      }
      await client.store('STOR b.txt', 'b')
      expect(ftp.transcript.transfers().map(({ outcome }) => outcome)).toEqual([
        'failed',
        'failed',
        'failed',
        'completed',
      ])
    })

    test(`${way}, ${mode}: a client that closes early on its download gets 426`, async () => {
      await using ftp = await startFtpServer({ dtpHandler, files: { 'a.bin': { size: '32MiB' } } })
      await using client = await RawClient.login(ftp)
      for (const how of ['destroy', 'resetAndDestroy'] as const) {
        const data = await client[mode]()
        data.pause()
        await client.command('RETR a.bin', 125, 150)
        data[how]()
        await client.expect(426)
        await client.command('NOOP', 200)
      }
      expect(ftp.transcript.transfers().map(({ outcome }) => outcome)).toEqual(['failed', 'failed'])
    })

    test(`${way}, ${mode}: a client that ends its own side gets its download all the same`, async () => {
      await using ftp = await startFtpServer({ dtpHandler, files: { 'a.bin': { size: '8MiB', seed: 5 } } })
      await using client = await RawClient.login(ftp)
      const data = await client[mode]()
      data.end()
      const bytes = readAll(data)
      await client.command('RETR a.bin', 125, 150)
      await client.expect(226)
      expect((await bytes).equals(randomBytes('8MiB', { seed: 5 }))).toBe(true)
    })

    test(`${way}, ${mode}: what a client says during its download is thrown away`, async () => {
      await using ftp = await startFtpServer({ dtpHandler, files: { 'a.bin': { size: '8MiB', seed: 5 } } })
      await using client = await RawClient.login(ftp)
      const data = await client[mode]()
      const bytes = readAll(data)
      data.write('x'.repeat(300_000))
      await client.command('RETR a.bin', 125, 150)
      data.write('y'.repeat(300_000))
      await client.expect(226)
      expect((await bytes).equals(randomBytes('8MiB', { seed: 5 }))).toBe(true)
    })

    test(`${way}, ${mode}: a download ends with FIN, an aborted one with RST or FIN but never with 226`, async () => {
      await using ftp = await startFtpServer({ dtpHandler, files: { 'a.txt': 'a' } })
      await using client = await RawClient.login(ftp)
      const data = await client[mode]()
      const end = ending(data)
      await client.command('RETR a.txt', 125, 150)
      await client.expect(226)
      expect(await end).toBe('FIN')
      data.destroy()
    })
  }
}

test('a second connection to a passive port is refused', async () => {
  await using ftp = await startFtpServer({ files: { 'a.txt': 'a' } })
  await using client = await RawClient.login(ftp)
  const { host, port } = await client.passiveAddress()
  const data = connect({ host, port })
  const bytes = readAll(data)
  while (!(await client.command('STAT', 211)).text.includes('Data connection: open'));
  await expect(RawClient.connect({ host, port })).rejects.toThrow('ECONNREFUSED')
  await client.command('RETR a.txt', 125)
  await client.expect(226)
  expect(String(await bytes)).toBe('a')
})

test('a foreign peer is turned away and the client still awaited; with permitForeignAddresses it is served', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', host: '127.0.0.1', files: { 'a.txt': 'a' } })
  await using client = await RawClient.login(ftp)
  const address = await client.passiveAddress()
  await client.command('RETR a.txt', 150)
  await using stranger = await RawClient.connect(address, '127.0.0.9')
  await stranger.closed()
  await ftp.waitFor({ type: 'data-refused', reason: 'foreign address', remoteAddress: '127.0.0.9' })
  const data = connect(address)
  const bytes = readAll(data)
  await client.expect(226)
  expect(String(await bytes)).toBe('a')

  const second = await client.passiveAddress()
  await client.command('RETR a.txt', 150)
  await using again = await RawClient.connect(second, '127.0.0.9')
  await again.closed()
  await ftp.clock.advance('30s')
  expect((await client.expect(425)).text).toContain('foreign address 127.0.0.9 was rejected')

  ftp.server.configure({ permitForeignAddresses: true })
  const third = await client.passiveAddress()
  const foreign = connect({ ...third, localAddress: '127.0.0.9' })
  const served = readAll(foreign)
  await client.command('RETR a.txt', 125, 150)
  await client.expect(226)
  expect(String(await served)).toBe('a')
})

test('a stage that cannot be made leaves no file open', async () => {
  class Failing extends DTPHandler {
    override stages(): never {
      throw new Error('no stages')
    }
  }
  const ftp = await startFtpServer({ dtpHandler: Failing, files: { 'a.txt': 'a' } })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('RETR a.txt', 451)
  expect(openBelow(ftp.root)).toEqual([])
  data.destroy()
  await expect(ftp.stop()).rejects.toThrow('no stages')
})

test('an upload that only trickles does not keep PASV waiting for ever', async () => {
  await using ftp = await startFtpServer({ clock: 'manual' })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('STOR slow.txt', 125, 150)
  client.send('PASV')
  await ftp.waitFor((event) => event.type === 'command' && event.session === 1 && event.verb === 'PASV')
  for (let tick = 0; tick < 25; tick++) {
    data.write('x')
    await ftp.clock.advance(100)
  }
  await client.expect(426)
  await client.expect(227)
  data.destroy()
})

test.each(['before the command', 'behind it'])('a data connection closed as it opens, %s, is closed', async (when) => {
  await using ftp = await startFtpServer({ files: { 'a.txt': 'a' } })
  await using client = await RawClient.login(ftp)
  const [handler] = ftp.server.sessions
  ftp.server.on('data-open', () => handler?.session.dataConnection.close())
  const address = await client.passiveAddress()
  if (when === 'behind it') await client.command('RETR a.txt', 150)
  const data = connect(address)
  await ending(data)
  if (when === 'behind it') await client.expect(426)
  else await client.command('RETR a.txt', 425)
  expect(ftp.server.dataConnections).toBe(0)
})
