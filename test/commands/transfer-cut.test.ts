import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { AbstractedFS, FTPHandler, type OpenFile, type OpenMode } from '../../src/server.ts'
import { RawClient, readAll } from '../support/raw-client.ts'
import { makeHugeFile, startDownload, startUpload, untilClosed, untilReceived } from '../support/transfers.ts'

/** A handler that keeps what it is called back for, and the list. */
function recording() {
  const calls: string[] = []
  class Handler extends FTPHandler {
    override onFileSent(path: string) {
      calls.push(`sent ${path}`)
    }
    override onFileReceived(path: string) {
      calls.push(`received ${path}`)
    }
    override onIncompleteFileSent(path: string) {
      calls.push(`incomplete sent ${path}`)
    }
    override onIncompleteFileReceived(path: string) {
      calls.push(`incomplete received ${path}`)
    }
  }
  return { calls, Handler }
}

test.each(['close', 'reset'])('a client that leaves a download early (%s) gets 426', async (how) => {
  const { calls, Handler } = recording()
  await using ftp = await startFtpServer({ handler: Handler })
  makeHugeFile(ftp, 'huge')
  await using client = await RawClient.login(ftp)
  for (const type of ['I', 'A']) {
    await client.command(`TYPE ${type}`, 200)
    const data = await startDownload(client, 'huge')
    if (how === 'close') data.destroy()
    else data.resetAndDestroy()
    expect((await client.reply()).text).toBe('426 Connection closed; transfer aborted.')
    expect(ftp.transcript.transfers().at(-1)).toMatchObject({ outcome: 'failed', direction: 'sent' })
  }
  await client.command('NOOP', 200)
  expect(calls).toEqual(['incomplete sent /huge', 'incomplete sent /huge'])
})

test('an upload that is reset gets 426, and what came stays', async () => {
  const { calls, Handler } = recording()
  await using ftp = await startFtpServer({ handler: Handler })
  await using client = await RawClient.login(ftp)
  for (const type of ['I', 'A']) {
    await client.command(`TYPE ${type}`, 200)
    const data = await startUpload(client, 'a', 'the first bytes')
    data.resetAndDestroy()
    expect((await client.reply()).text).toBe('426 Connection closed; transfer aborted.')
    expect(await ftp.files.read('a', 'utf8')).toBe('the first bytes')
  }
  expect(calls).toEqual(['incomplete received /a', 'incomplete received /a'])
})

test('a FIN is the end of an upload', async () => {
  const { calls, Handler } = recording()
  await using ftp = await startFtpServer({ handler: Handler })
  await using client = await RawClient.login(ftp)
  const data = await startUpload(client, 'a', 'all of it')
  data.destroy()
  await client.expect(226)
  expect(await ftp.files.read('a', 'utf8')).toBe('all of it')
  await client.fetch('RETR a')
  await client.fetch('LIST')
  expect(calls).toEqual(['received /a', 'sent /a'])
})

test('a client that is gone from its control connection ends its transfer', async () => {
  const { calls, Handler } = recording()
  await using ftp = await startFtpServer({ handler: Handler })
  makeHugeFile(ftp, 'huge')
  const client = await RawClient.login(ftp)
  const data = await startDownload(client, 'huge')
  client.socket.destroy()
  await untilClosed(data)
  await ftp.waitFor({ type: 'disconnect' })
  expect(calls).toEqual(['incomplete sent /huge'])
})

/** Files whose reads or writes fail behind the first chunk, or only when they are closed. */
function failing(at: 'read' | 'write' | 'close', code: string, errno: number) {
  const failure = () => Object.assign(new Error(code), { code, errno, syscall: at })
  return class extends AbstractedFS {
    override async open(path: string, mode: OpenMode): Promise<OpenFile> {
      const file = await super.open(path, mode)
      let reads = 0
      return {
        path: file.path,
        size: file.size,
        seek: (offset) => file.seek(offset),
        read: (into) => {
          if (at === 'read' && reads++ > 0) throw failure()
          return file.read(into)
        },
        write: (bytes) => {
          if (at === 'write') throw failure()
          return file.write(bytes)
        },
        close: async () => {
          await file.close()
          if (at === 'close') throw failure()
        },
      }
    }
  }
}

test('a read error amid a download is 451, and ends the data connection', async () => {
  const { calls, Handler } = recording()
  await using ftp = await startFtpServer({
    handler: Handler,
    abstractedFs: failing('read', 'EIO', -5),
    sendBufferSize: 4,
    files: { a: 'content' },
  })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  const bytes = readAll(data).catch(() => Buffer.from('cont'))
  await client.command('RETR a', 125, 150)
  expect((await client.reply()).text).toBe('451 I/o error.')
  expect((await bytes).toString()).toBe('cont')
  await client.command('NOOP', 200)
  expect(calls).toEqual(['incomplete sent /a'])
})

test.each([
  ['write', 'ENOSPC', -28, '452 No space left on device.'],
  ['write', 'EDQUOT', -122, '452 Disk quota exceeded.'],
  ['write', 'EIO', -5, '451 I/o error.'],
  ['close', 'ENOSPC', -28, '452 No space left on device.'],
] as const)('a %s that fails with %s amid an upload', async (at, code, errno, answer) => {
  const { calls, Handler } = recording()
  await using ftp = await startFtpServer({ handler: Handler, abstractedFs: failing(at, code, errno) })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('STOR a', 125, 150)
  data.end('content')
  const { text } = await client.reply()
  expect(text.slice(0, 3)).toBe(answer.slice(0, 3))
  if (code !== 'EDQUOT') expect(text).toBe(answer)
  await untilClosed(data)
  await client.command('NOOP', 200)
  expect(calls).toEqual(['incomplete received /a'])
})

test('a file is not closed amid a write, when the connection is reset then', async () => {
  const calls: string[] = []
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
        calls.push('written')
      }
      const close = () => {
        calls.push('closed')
        return file.close()
      }
      return { path, size: 0, seek: () => {}, read: () => 0, write, close }
    }
  }
  await using ftp = await startFtpServer({ abstractedFs: Fs })
  await using client = await RawClient.login(ftp)
  const data = await startUpload(client, 'a', 'the first bytes')
  data.resetAndDestroy()
  for (let round = 0; round < 50; round++) await client.command('NOOP', 200)
  expect(calls).toEqual([])
  release()
  await client.expect(426)
  expect(calls).toEqual(['written', 'closed'])
  expect(await ftp.files.read('a', 'utf8')).toBe('the first bytes')
})

test('a transfer that stands still for dataTimeout ends the session', async () => {
  await using ftp = await startFtpServer({ clock: 'manual' })
  await using client = await RawClient.login(ftp)
  const data = await startUpload(client, 'a')
  await ftp.clock.advance('200s')
  data.write(' second')
  await untilReceived(client, 'first second'.length)
  await ftp.clock.advance(299_999)
  await client.command('NOOP', 200)
  await ftp.clock.advance(1)
  expect((await client.reply()).text).toBe('421 Data connection timed out.')
  await client.closed()
  await untilClosed(data)
  expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'aborted', bytes: 12 }])
})
