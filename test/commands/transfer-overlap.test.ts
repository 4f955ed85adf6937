import { expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { AbstractedFS, type OpenFile, type OpenMode } from '../../src/server.ts'
import { RawClient, readAll } from '../support/raw-client.ts'
import { HUGE, makeHugeFile, startDownload, startUpload, untilClosed } from '../support/transfers.ts'

test('the control connection is answered while a transfer runs', async () => {
  await using ftp = await startFtpServer({ files: { a: 'content' } })
  makeHugeFile(ftp, 'huge')
  await using client = await RawClient.login(ftp)
  const data = await startDownload(client, 'huge')
  for (const [line, code] of [
    ['NOOP', 200],
    ['PWD', 257],
    ['SIZE a', 213],
    ['STAT /a', 213],
    ['DELE a', 250],
    ['MKD d', 257],
    ['TYPE A', 200],
    ['REST 1', 501],
    ['FEAT', 211],
    ['XYZZY', 500],
  ] as const)
    await client.command(line, code)
  expect(await readAll(data)).toHaveLength(HUGE)
  await client.expect(226)
})

test('STAT tells how far a transfer has come', async () => {
  await using ftp = await startFtpServer({ files: { a: 'content' } })
  makeHugeFile(ftp, 'huge')
  await using client = await RawClient.login(ftp)
  expect((await client.command('STAT', 211)).lines).toContain(' Data connection: closed')
  await client.passiveAddress()
  expect((await client.command('STAT', 211)).lines).toContain(' Data connection: listening')
  const open = await client.passive()
  await ftp.waitFor((event) => event.type === 'data-open' && event.remotePort === open.localPort)
  expect((await client.command('STAT', 211)).lines).toContain(' Data connection: open')
  const data = await startDownload(client, 'huge')
  open.destroy()
  const bytes = async () => {
    const { text } = await client.command('STAT', 211)
    return Number(/transferring, (\d+) bytes of "\/huge" sent so far/.exec(text)?.[1])
  }
  // Nobody reads: it comes to a standstill once the buffers of the kernel are full.
  let before = -1
  for (let now = await bytes(); now !== before || now === 0; now = await bytes()) before = now
  expect(before).toBeLessThan(HUGE)
  expect(await readAll(data)).toHaveLength(HUGE)
  await client.expect(226)
  expect((await client.command('STAT', 211)).lines).toContain(` Bytes sent: ${HUGE}; bytes received: 0`)
  const upload = await startUpload(client, 'b', 'eleven char')
  expect((await client.command('STAT', 211)).lines).toContain(
    ' Data connection: transferring, 11 bytes of "/b" received so far',
  )
  upload.end()
  await client.expect(226)
  upload.destroy()
  expect((await client.command('STAT', 211)).lines).toContain(` Bytes sent: ${HUGE}; bytes received: 11`)
})

test('an upload is taken no faster than its file', async () => {
  let release: () => void = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  class Fs extends AbstractedFS {
    override async open(path: string, mode: OpenMode): Promise<OpenFile> {
      const file = await super.open(path, mode)
      const write = async (bytes: Buffer) => {
        await released
        await file.write(bytes)
      }
      return { path, size: 0, seek: () => {}, read: () => 0, write, close: () => file.close() }
    }
  }
  await using ftp = await startFtpServer({ abstractedFs: Fs })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('STOR a', 125, 150)
  data.end(Buffer.alloc(HUGE))
  const bytes = async () => Number(/(\d+) bytes of/.exec((await client.command('STAT', 211)).text)?.[1])
  let before = -1
  for (let now = await bytes(); now !== before || now === 0; now = await bytes()) before = now
  expect(before).toBeLessThan(2 * 1024 * 1024)
  release()
  await client.expect(226)
  data.destroy()
  expect(await ftp.files.read('a')).toHaveLength(HUGE)
})

test.each(['RETR a', 'STOR b', 'APPE a', 'STOU', 'LIST', 'NLST', 'MLSD'])(
  '%s while a download runs is refused, and the download goes on',
  async (line) => {
    await using ftp = await startFtpServer({ files: { a: 'content' } })
    makeHugeFile(ftp, 'huge')
    await using client = await RawClient.login(ftp)
    const data = await startDownload(client, 'huge')
    await client.command(line, 425)
    expect(await readAll(data)).toHaveLength(HUGE)
    await client.expect(226)
    expect(await ftp.files.list()).toEqual(['a', 'huge'])
    expect(await ftp.files.read('a', 'utf8')).toBe('content')
  },
)

test('a second transfer command while an upload runs is refused, and the upload goes on', async () => {
  await using ftp = await startFtpServer({ files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  const data = await startUpload(client, 'b')
  await client.command('STOR a', 425)
  data.end(' and last')
  await client.expect(226)
  data.destroy()
  expect(await ftp.files.read('b', 'utf8')).toBe('first and last')
  expect(await ftp.files.read('a', 'utf8')).toBe('content')
})

test.each(['PASV', 'EPSV'] as const)('%s while a download runs ends it: 426, then the new port', async (verb) => {
  await using ftp = await startFtpServer({ files: { a: 'content' } })
  makeHugeFile(ftp, 'huge')
  await using client = await RawClient.login(ftp)
  const data = await startDownload(client, 'huge')
  client.send(verb)
  await client.expect(426)
  await client.expect(verb === 'PASV' ? 227 : 229)
  await untilClosed(data)
  expect((await client.fetch('RETR a')).toString()).toBe('content')
})

test('PORT while a download runs ends it: 426, then 200', async () => {
  await using ftp = await startFtpServer({ files: { a: 'content' } })
  makeHugeFile(ftp, 'huge')
  await using client = await RawClient.login(ftp)
  const data = await startDownload(client, 'huge')
  client.send('PORT 127,0,0,1,4,0')
  await client.expect(426)
  await client.expect(200, 425)
  await untilClosed(data)
})

test.each(['PASV', 'EPSV'] as const)('an upload that is all sent completes before the next %s', async (verb) => {
  const content = randomBytes('4MiB', { seed: 7 })
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  for (const type of ['I', 'A']) {
    await client.command(`TYPE ${type}`, 200)
    const data = await client.passive()
    await client.command('STOR a', 125, 150)
    await new Promise<void>((resolve) => data.end(content, resolve))
    client.send(verb)
    await client.expect(226)
    await client.expect(verb === 'PASV' ? 227 : 229)
    data.destroy()
    if (type === 'I') expect((await ftp.files.read('a')).equals(content)).toBe(true)
    expect(ftp.transcript.transfers().at(-1)).toMatchObject({ outcome: 'completed', bytes: content.length })
  }
})

test('an upload in small pieces behind which the client pipelines PASV', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  for (let round = 0; round < 20; round++) {
    const data = await client.passive()
    client.send(`STOR a${round}`)
    data.end(`content ${round}`)
    client.send('PASV')
    await client.expect(125, 150)
    await client.expect(226)
    await client.expect(227)
    data.destroy()
    expect(await ftp.files.read(`a${round}`, 'utf8')).toBe(`content ${round}`)
  }
})

test('an upload that has come to a standstill is given up for the next data connection', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  const data = await startUpload(client, 'a')
  client.send('PASV')
  await client.expect(426)
  await client.expect(227)
  await untilClosed(data)
  expect(await ftp.files.read('a', 'utf8')).toBe('first')
})

test('a new PASV, EPSV or PORT takes the place of an open data connection', async () => {
  await using ftp = await startFtpServer({ files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  for (const next of ['PASV', 'EPSV', 'PORT', 'EPRT'] as const) {
    const old = await client.passive()
    await ftp.waitFor((event) => event.type === 'data-open' && event.remotePort === old.localPort)
    const data = await (next === 'PASV' || next === 'EPSV' ? client.passive(next) : client.active(next))
    await untilClosed(old)
    const bytes = readAll(data)
    await client.command('RETR a', 125, 150)
    expect((await bytes).toString()).toBe('content')
    await client.expect(226)
  }
  expect(ftp.server.dataConnections).toBe(0)
})

test('QUIT during a transfer: 221, the transfer ends with 226, then the connection', async () => {
  await using ftp = await startFtpServer({ files: { a: 'content' } })
  makeHugeFile(ftp, 'huge')
  await using client = await RawClient.login(ftp)
  const data = await startDownload(client, 'huge')
  client.send('QUIT\r\nDELE a')
  await client.expect(221)
  expect(await readAll(data)).toHaveLength(HUGE)
  await client.expect(226)
  expect(await client.line()).toBeUndefined()
  expect(await ftp.files.exists('a')).toBe(true)
})

test.each([
  ['REIN', 230],
  ['USER user', 331],
])('%s during a transfer lets it end', async (line, code) => {
  await using ftp = await startFtpServer({ files: { a: 'content' } })
  makeHugeFile(ftp, 'huge')
  await using client = await RawClient.login(ftp)
  const data = await startDownload(client, 'huge')
  await client.command(line, code)
  await client.command('PWD', 530)
  expect(await readAll(data)).toHaveLength(HUGE)
  await client.expect(226)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  expect((await client.fetch('RETR a')).toString()).toBe('content')
})
