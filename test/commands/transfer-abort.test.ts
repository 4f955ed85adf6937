import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { ending, RawClient } from '../support/raw-client.ts'
import { makeHugeFile, startDownload, startUpload, untilClosed } from '../support/transfers.ts'

function isListening({ host, port }: { readonly host: string; readonly port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

test('ABOR with no data connection is 225', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  expect((await client.command('ABOR')).text).toBe('225 No transfer to abort.')
  await client.fetch('LIST')
  expect((await client.command('ABOR')).text).toBe('225 No transfer to abort.')
})

test('ABOR while a port is open for the client closes it, 225', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  const address = await client.passiveAddress()
  expect((await client.command('ABOR')).text).toBe('225 ABOR command successful; data channel closed.')
  expect(await isListening(address)).toBe(false)
  await client.command('LIST', 425)
})

test.each(['PASV', 'PORT'] as const)('ABOR closes a data connection that is idle (%s), 225', async (route) => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  const data = await (route === 'PASV' ? client.passive() : client.active())
  await ftp.waitFor({ type: 'data-open' })
  await client.command('ABOR', 225)
  await untilClosed(data)
  await client.command('LIST', 425)
})

test('ABOR of a download is 426, then 226', async () => {
  await using ftp = await startFtpServer()
  makeHugeFile(ftp, 'huge')
  await using client = await RawClient.login(ftp)
  const data = await startDownload(client, 'huge')
  client.send('ABOR')
  expect((await client.reply()).text).toBe('426 Transfer aborted via ABOR.')
  expect((await client.reply()).text).toBe('226 ABOR command successful.')
  await untilClosed(data)
  expect(ftp.transcript.transfers()).toMatchObject([{ verb: 'RETR', outcome: 'aborted' }])
  await client.command('ABOR', 225)
  expect((await client.fetch('NLST')).toString()).toBe('huge\r\n')
})

test.each(['I', 'A'])('ABOR of an upload is 426, then 226; what came stays (TYPE %s)', async (type) => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  await client.command(`TYPE ${type}`, 200)
  const data = await startUpload(client, 'a', 'the first bytes')
  client.send('ABOR')
  await client.expect(426)
  await client.expect(226)
  await untilClosed(data)
  expect(await ftp.files.read('a', 'utf8')).toBe('the first bytes')
  await client.store('STOR a', 'again')
  expect(await ftp.files.read('a', 'utf8')).toBe('again')
})

test.each(['RETR a', 'STOR b', 'LIST'])(
  'ABOR of %s that still awaits its connection is 426, then 226',
  async (line) => {
    await using ftp = await startFtpServer({ files: { a: 'content' } })
    await using client = await RawClient.login(ftp)
    const address = await client.passiveAddress()
    await client.command(line, 150)
    client.send('ABOR')
    await client.expect(426)
    await client.expect(226)
    expect(await isListening(address)).toBe(false)
    await client.command('LIST', 425)
    expect(ftp.server.ioloop.pending).toBe(1)
  },
)

test('ABOR pipelined right behind a transfer command', async () => {
  await using ftp = await startFtpServer()
  makeHugeFile(ftp, 'huge')
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  data.pause()
  await ftp.waitFor({ type: 'data-open' })
  client.send('RETR huge\r\nABOR\r\nABOR\r\nNOOP')
  for (const code of [125, 426, 226, 225, 200]) await client.expect(code)
  await untilClosed(data)
})

test('ABOR pipelined right behind a long listing', async () => {
  const files = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`${index}`, '']))
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  data.pause()
  await ftp.waitFor({ type: 'data-open' })
  client.send('MLSD\r\nABOR\r\nNOOP')
  for (const code of [125, 426, 226, 200]) await client.expect(code)
  await untilClosed(data)
})

test('ABOR ends the data connection in order', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  const data = await startUpload(client, 'a')
  const end = ending(data)
  await client.command('ABOR', 426)
  expect(await end).toBe('FIN')
  data.destroy()
  await client.expect(226)
})
