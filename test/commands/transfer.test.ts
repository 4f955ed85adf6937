import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

const ROUTES = ['PASV', 'EPSV', 'PORT', 'EPRT'] as const

function openBy(client: RawClient, route: (typeof ROUTES)[number]) {
  return route === 'PASV' || route === 'EPSV' ? client.passive(route) : client.active(route)
}

test.each(ROUTES)('RETR and STOR over %s carry every byte', async (route) => {
  const content = randomBytes('3MiB', { seed: 1 })
  await using ftp = await startFtpServer({ files: { 'from.bin': content, 'to.bin': 'longer or shorter' } })
  await using client = await RawClient.login(ftp)
  const download = await openBy(client, route)
  const bytes = readAll(download)
  await client.command('RETR from.bin', 125, 150)
  expect((await bytes).equals(content)).toBe(true)
  expect((await client.expect(226)).text).toBe('226 Transfer complete.')
  const upload = await openBy(client, route)
  await client.command('STOR to.bin', 125, 150)
  upload.end(content)
  await client.expect(226)
  upload.destroy()
  expect((await ftp.files.read('to.bin')).equals(content)).toBe(true)
})

test.each([0, 1, 65_535, 65_536, 65_537, 262_144, 524_288, 524_289])('a file of %i bytes both ways', async (size) => {
  const content = randomBytes(size, { seed: size })
  await using ftp = await startFtpServer({ files: { 'from.bin': content } })
  await using client = await RawClient.login(ftp)
  expect((await client.fetch('RETR from.bin')).equals(content)).toBe(true)
  await client.store('STOR to.bin', content)
  expect((await ftp.files.read('to.bin')).equals(content)).toBe(true)
  expect(ftp.transcript.transfers().map(({ bytes, outcome }) => [bytes, outcome])).toEqual([
    [size, 'completed'],
    [size, 'completed'],
  ])
})

test.each(['I', 'A'])('a file of no bytes over a connection that comes late, TYPE %s', async (type) => {
  await using ftp = await startFtpServer({ files: { empty: '', full: 'content' } })
  await using client = await RawClient.login(ftp)
  await client.command(`TYPE ${type}`, 200)
  expect(await client.fetch('RETR empty')).toHaveLength(0)
  await client.store('STOR full', '')
  await client.store('STOR new', '')
  await client.store('APPE newer', '')
  for (const name of ['full', 'new', 'newer']) expect(await ftp.files.read(name)).toHaveLength(0)
})

test.each(['RETR a', 'LIST', 'NLST', 'MLSD'])(
  '%s is announced by 125 over an open connection, else by 150',
  async (line) => {
    await using ftp = await startFtpServer({ files: { a: 'content' } })
    await using client = await RawClient.login(ftp)
    const data = await client.passive()
    await ftp.waitFor({ type: 'data-open' })
    const early = readAll(data)
    await client.command(line, 125)
    await client.expect(226)
    const { host, port } = await client.passiveAddress()
    await client.command(line, 150)
    expect(await readAll(connect({ host, port, allowHalfOpen: true }))).toEqual(await early)
    await client.expect(226)
  },
)

test.each(['STOR new', 'APPE new', 'STOU', 'STOU new'])('%s is announced by 125 or 150, too', async (line) => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await ftp.waitFor({ type: 'data-open' })
  await client.command(line, 125)
  data.end('content')
  await client.expect(226)
  data.destroy()
  const { host, port } = await client.passiveAddress()
  await client.command(line, 150)
  const late = connect({ host, port }).end('content')
  await client.expect(226)
  late.destroy()
  for (const name of await ftp.files.list()) expect(await ftp.files.read(name, 'utf8')).toMatch(/^(content)+$/)
})

test('the answer 226 comes once the file is there whole', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  for (let round = 0; round < 20; round++) {
    const content = randomBytes('200KiB', { seed: round })
    await client.store('STOR a', content)
    expect((await ftp.files.read('a')).equals(content)).toBe(true)
  }
})

test('APPE adds to a file, or makes it', async () => {
  await using ftp = await startFtpServer({ files: { a: 'one,' } })
  await using client = await RawClient.login(ftp)
  await client.store('APPE a', 'two,')
  await client.store('APPE a', 'three')
  await client.store('APPE b', 'new')
  expect(await ftp.files.read('a', 'utf8')).toBe('one,two,three')
  expect(await ftp.files.read('b', 'utf8')).toBe('new')
})

test('STOR replaces a longer file', async () => {
  await using ftp = await startFtpServer({ files: { a: 'a long content' } })
  await using client = await RawClient.login(ftp)
  await client.store('STOR a', 'short')
  expect(await ftp.files.read('a', 'utf8')).toBe('short')
})

test.each(['RETR', 'STOR', 'APPE', 'STOU', 'LIST', 'NLST', 'MLSD'])(
  '%s without a data connection is 425, and touches no file',
  async (verb) => {
    await using ftp = await startFtpServer({ files: { a: 'content', 'd/': {} } })
    await using client = await RawClient.login(ftp)
    for (const path of ['a', 'new', 'd/new']) {
      expect((await client.command(`${verb} ${path}`)).text).toMatch(/^425 No data connection/)
    }
    expect(await ftp.files.list()).toEqual(['a', 'd'])
    expect(await ftp.files.list('d')).toEqual([])
    expect(await ftp.files.read('a', 'utf8')).toBe('content')
  },
)

test.each([
  ['RETR nothing', 550],
  ['RETR d', 550],
  ['STOR d', 550],
  ['STOR no/where', 550],
  ['APPE d', 550],
  ['STOU no/where', 550],
  ['RETR', 501],
  ['STOR', 501],
  ['APPE', 501],
])('%s is %i and closes the data connection that was set up for it', async (line, code) => {
  await using ftp = await startFtpServer({ files: { 'd/': {} } })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  const bytes = readAll(data)
  await client.command(line, code)
  expect(await bytes).toHaveLength(0)
  await client.command('LIST', 425)
  expect(await ftp.files.list()).toEqual(['d'])
})

test('one session makes many transfers', async () => {
  await using ftp = await startFtpServer({ files: { a: 'content' } })
  await using client = await RawClient.login(ftp)
  for (let i = 0; i < 50; i++) {
    expect((await client.fetch('RETR a')).toString()).toBe('content')
    await client.store(`STOR b${i}`, `content ${i}`)
  }
  expect(await ftp.files.list()).toHaveLength(51)
  expect(ftp.server.dataConnections).toBe(0)
})

test('what a client sends during a download is thrown away', async () => {
  // More than the kernel takes at once: what comes after the server has closed is a reset, whoever the server is.
  const content = randomBytes('32MiB')
  await using ftp = await startFtpServer({ files: { a: content } })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  data.write('noise')
  const bytes = readAll(data)
  await client.command('RETR a', 125, 150)
  data.end('more noise')
  expect((await bytes).equals(content)).toBe(true)
  await client.expect(226)
})

test('a client that shuts down only its sending side still gets its file', async () => {
  await using ftp = await startFtpServer({ files: { a: randomBytes('8MiB') } })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  data.end()
  const bytes = readAll(data)
  await client.command('RETR a', 125, 150)
  expect(await bytes).toHaveLength(8 * 1024 * 1024)
  await client.expect(226)
})
