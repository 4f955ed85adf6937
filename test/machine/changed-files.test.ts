import { appendFileSync, renameSync, rmdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { randomBytes } from '../../src/index.ts'
import { FTPHandler } from '../../src/server.ts'
import { openBelow } from '../filesystems/temp-tree.ts'
import { ftpsFixture, secured, trusting } from '../support/ftps.ts'
import { overTls, RawClient, readAll } from '../support/raw-client.ts'
import { Staged, StagedTls } from '../support/staged.ts'

const SIZE = 16 * 1024 ** 2

const WAYS = {
  'by sendfile': { tls: false, type: 'I' },
  'by buffers': { tls: false, type: 'I', useSendfile: false },
  'through stages': { tls: false, type: 'I', dtpHandler: Staged },
  'in TYPE A': { tls: false, type: 'A' },
  'over TLS': { tls: true, type: 'I' },
  'over TLS, through stages': { tls: true, type: 'I', dtpHandler: StagedTls },
} as const

/** What becomes of a file while it is sent, and whether all that was in it still comes. */
const CHANGES: Record<string, { readonly change: (file: string) => void; readonly length: (sent: number) => boolean }> =
  {
    'cut to nothing': { change: (file) => truncateSync(file, 0), length: (sent) => sent < SIZE },
    'cut to one byte': { change: (file) => truncateSync(file, 1), length: (sent) => sent < SIZE },
    'made larger': { change: (file) => appendFileSync(file, 'more'), length: (sent) => sent === SIZE + 4 },
    removed: { change: (file) => rmSync(file), length: (sent) => sent === SIZE },
    'replaced by another': {
      change: (file) => {
        writeFileSync(`${file}.new`, 'other')
        renameSync(`${file}.new`, file)
      },
      length: (sent) => sent === SIZE,
    },
  }

describe.each(Object.entries(WAYS))('a file that is sent %s', (_name, { tls, type, ...options }) => {
  test.each(Object.entries(CHANGES))('and %s meanwhile ends where it ends then', async (_name, { change, length }) => {
    // Without a LF, the same in either TYPE.
    const content = Buffer.from(randomBytes(SIZE, { seed: 1 }).map((byte) => byte | 16))
    await using ftp = await ftpsFixture({
      files: { 'a.bin': content },
      tls,
      ...(!tls && { handler: FTPHandler }),
      ...options,
    })
    await using client = tls ? await secured(ftp) : await RawClient.login(ftp)
    await client.command(`TYPE ${type}`, 200)
    const plain = await client.passive()
    const data = tls ? await overTls(plain, trusting(ftp)) : plain
    data.pause()
    await client.command('RETR a.bin', 125, 150)
    change(ftp.files.path('a.bin'))
    const bytes = await readAll(data)
    await client.expect(226)
    expect(length(bytes.length), `${bytes.length} bytes`).toBe(true)
    const same = Math.min(bytes.length, SIZE)
    if (bytes.length >= SIZE) expect(bytes.subarray(0, same).equals(content.subarray(0, same))).toBe(true)
    expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'completed', bytes: bytes.length }])
    expect(openBelow(ftp.root)).toEqual([])
    await client.command('NOOP', 200)
  })
})

test('a directory that is removed while somebody is in it: 550 for what is in it, and the way out is open', async () => {
  await using ftp = await ftpsFixture({ tls: false, handler: FTPHandler, files: { 'd/e/x': '' } })
  rmSync(ftp.files.path('d/e/x'))
  await using client = await RawClient.login(ftp)
  await client.command('CWD d/e', 250)
  rmdirSync(ftp.files.path('d/e'))
  expect((await client.command('PWD', 257)).text).toContain('"/d/e"')
  for (const command of ['LIST', 'NLST', 'MLSD', 'STOR a', 'APPE a', 'STOU', 'RETR a']) {
    const data = await client.passive()
    expect((await client.command(command)).text, command).toMatch(/^550 No such file or directory\.$/i)
    data.destroy()
  }
  for (const command of ['MKD x', 'RMD x', 'DELE x', 'RNFR x', 'SIZE x', 'MDTM x', 'CWD .', 'CWD x', 'MLST', 'STAT .'])
    expect((await client.command(command)).code, command).toBe(550)
  expect((await client.command('PWD', 257)).text).toContain('"/d/e"')
  await client.command('CDUP', 250)
  expect((await client.command('PWD', 257)).text).toContain('"/d"')
  await client.command('MKD e', 257)
  await client.command('CWD e', 250)
  rmdirSync(ftp.files.path('d/e'))
  rmdirSync(ftp.files.path('d'))
  await client.command('CWD ..', 550)
  await client.command('CWD /', 250)
  expect(String(await client.fetch('NLST'))).toBe('')
  expect(openBelow(ftp.root)).toEqual([])
  expect(await ftp.stop()).toMatchObject({ transfers: 0 })
})

test('a directory that is removed, with all in it, while its listing waits for its connection is listed as far as it goes', async () => {
  const files = Object.fromEntries(Array.from({ length: 3000 }, (_, number) => [`d/${number}`, '']))
  await using ftp = await ftpsFixture({ tls: false, handler: FTPHandler, files })
  await using client = await RawClient.login(ftp)
  for (const command of ['LIST d', 'MLSD d', 'NLST d']) {
    const address = await client.passiveAddress()
    await client.command(command, 150)
    rmSync(ftp.files.path('d'), { recursive: true })
    const { connect } = await import('node:net')
    const text = String(await readAll(connect(address)))
    await client.expect(226)
    expect(text === '' || text.endsWith('\r\n')).toBe(true)
    await Promise.all(Object.keys(files).map((name) => ftp.files.write(name, '')))
  }
  expect(openBelow(ftp.root)).toEqual([])
})
