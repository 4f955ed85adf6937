import { expect, test } from 'vitest'
import { type FtpFixture, randomBytes, startFtpServer } from '../../src/index.ts'
import { FTPHandler } from '../../src/server.ts'
import { openBelow } from '../filesystems/temp-tree.ts'
import { gate } from '../support/gate.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

const files = { 'a.bin': { size: '32MiB', seed: 3 } } as const
const content = randomBytes('32MiB', { seed: 3 })

/** A download that runs and waits for its client to read. */
async function downloading(client: RawClient, command = 'RETR a.bin') {
  const data = await client.passive()
  data.pause()
  await client.command(command, 125, 150)
  return { data, finish: () => readAll(data) }
}

const types = ({ transcript }: FtpFixture) => transcript.events.map(({ type }) => type)

test('QUIT during a transfer: 221, 226 when it is done, then the end', async () => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  const { finish } = await downloading(client)
  client.send('QUIT\r\nNOOP\r\nDELE a.bin')
  await client.expect(221)
  expect((await finish()).equals(content)).toBe(true)
  await client.expect(226)
  await client.closed()
  await ftp.waitFor({ type: 'disconnect' })
  expect(ftp.transcript.commands().at(-1)?.verb).toBe('QUIT')
  expect(await ftp.files.list()).toEqual(['a.bin'])
  expect(types(ftp).slice(-4)).toEqual(['reply', 'transfer', 'reply', 'disconnect'])
})

test('QUIT during an upload likewise, and nothing sent after it is obeyed', async () => {
  await using ftp = await startFtpServer({ files })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('STOR b.txt', 125, 150)
  data.write('first, ')
  await client.command('QUIT', 221)
  client.send('DELE a.bin')
  data.end('second')
  await client.expect(226)
  await client.closed()
  data.destroy()
  expect(await ftp.files.read('b.txt', 'utf8')).toBe('first, second')
  expect(await ftp.files.exists('a.bin')).toBe(true)
})

test('QUIT while a data connection is awaited: the transfer still happens', async () => {
  await using ftp = await startFtpServer({ files: { 'a.txt': 'a' } })
  await using client = await RawClient.login(ftp)
  const address = await client.passiveAddress()
  await client.command('RETR a.txt', 150)
  await client.command('QUIT', 221)
  await using data = await RawClient.connect(address)
  await client.expect(226)
  await client.closed()
  await data.closed()
})

// vsftpd waits likewise, pyftpdlib not: but the connection may be on its way, and waiting has its limit.
test('QUIT and the end of all commands while a data connection is awaited: the transfer still happens', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', files: { 'a.txt': 'a' } })
  await using client = await RawClient.login(ftp)
  const address = await client.passiveAddress()
  await client.command('RETR a.txt', 150)
  await client.command('QUIT', 221)
  client.socket.end()
  await using data = await RawClient.connect(address)
  await data.closed()
  await ftp.waitFor({ type: 'transfer', outcome: 'completed' })
  await ftp.waitFor({ type: 'disconnect' })
})

test('it is over with passiveTimeout where none comes', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', passiveTimeout: '30s', files: { 'a.txt': 'a' } })
  await using client = await RawClient.login(ftp)
  await client.passiveAddress()
  await client.command('RETR a.txt', 150)
  await client.command('QUIT', 221)
  client.socket.end()
  await ftp.clock.advance('30s')
  await client.expect(425)
  await client.closed()
  await ftp.waitFor({ type: 'disconnect' })
})

test('QUIT with a data connection that is not in use closes it', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('QUIT', 221)
  await client.closed()
  await ftp.waitFor({ type: 'disconnect' })
  expect((await readAll(data)).length).toBe(0)
})

test('a transfer that stands still after QUIT ends by dataTimeout', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', dataTimeout: '10s', timeout: '1s' })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('STOR b.txt', 125, 150)
  await client.command('QUIT', 221)
  await ftp.clock.advance('10s')
  await client.expect(421)
  await client.closed()
  data.destroy()
})

for (const command of ['USER other', 'REIN']) {
  test(`${command.slice(0, 4)} during a transfer: it completes, for the user who began it`, async () => {
    const sent: string[] = []
    class Handler extends FTPHandler {
      override onFileSent(path: string) {
        sent.push(path)
      }
    }
    await using ftp = await startFtpServer({
      handler: Handler,
      files: { 'home/a.bin': files['a.bin'] },
      users: [
        { username: 'user', password: '12345', home: 'home' },
        { username: 'other', password: 'word', home: 'elsewhere' },
      ],
    })
    await using client = await RawClient.login(ftp)
    const { finish } = await downloading(client)
    await client.command(command, 230, 331)
    await client.command('PWD', 530)
    await client.command('USER other', 331)
    await client.command('PASS word', 230)
    await client.command('SIZE a.bin', 550)
    expect((await finish()).equals(content)).toBe(true)
    await client.expect(226)
    await client.command('NOOP', 200)
    expect(sent).toEqual(['/a.bin'])
  })

  test(`${command.slice(0, 4)} during an upload: it completes as it began`, async () => {
    await using ftp = await startFtpServer()
    await using client = await RawClient.login(ftp)
    const data = await client.passive()
    await client.command('STOR b.bin', 125, 150)
    data.write('a\r\n')
    await client.command(command, 230, 331)
    data.end('b\r\n')
    await client.expect(226)
    data.destroy()
    // TYPE I, as it was set before REIN set it back.
    expect(await ftp.files.read('b.bin', 'utf8')).toBe('a\r\nb\r\n')
  })

  for (const listing of ['LIST', 'MLSD', 'NLST']) {
    test(`${command.slice(0, 4)} during ${listing}: it shows the directory of the user who asked for it`, async () => {
      const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`home/file-${index}`, 'a']))
      await using ftp = await startFtpServer({
        files: many,
        users: [
          { username: 'user', password: '12345', home: 'home' },
          { username: 'other', password: 'word', home: 'elsewhere' },
        ],
      })
      await using client = await RawClient.login(ftp)
      const before = await client.fetch(listing)
      const address = await client.passiveAddress()
      await client.command(listing, 150)
      await client.command(command, 230, 331)
      await client.command('USER other', 331)
      await client.command('PASS word', 230)
      await using data = await RawClient.connect(address)
      const lines: string[] = []
      for (let line = await data.line(); line !== undefined; line = await data.line()) lines.push(line)
      await client.expect(226)
      expect(lines.map((line) => `${line}\r\n`).join('') === String(before)).toBe(true)
    })
  }
}

for (const how of ['FIN', 'RST'] as const) {
  test(`a control connection lost by ${how} during a transfer takes it along`, async () => {
    const calls: string[] = []
    class Handler extends FTPHandler {
      override onIncompleteFileReceived(path: string) {
        calls.push(path, ...openBelow(ftp.root))
      }
      override onDisconnect() {
        calls.push('disconnect')
      }
    }
    await using ftp = await startFtpServer({ handler: Handler })
    await using client = await RawClient.login(ftp)
    const data = await client.passive()
    await client.command('STOR b.txt', 125, 150)
    data.write('half')
    while (!(await client.command('STAT', 211)).text.includes('transferring, 4 bytes'));
    if (how === 'FIN') client.socket.end()
    else client.socket.resetAndDestroy()
    await ftp.waitFor({ type: 'disconnect' })
    data.destroy()
    // The file was closed when the callback came: its path stands alone.
    expect(calls).toEqual(['/b.txt', 'disconnect'])
    expect(await ftp.files.read('b.txt', 'utf8')).toBe('half')
    expect(types(ftp).filter((type) => type === 'transfer' || type === 'disconnect')).toEqual([
      'transfer',
      'disconnect',
    ])
  })
}

test('a client that has said all it had to say gets all replies before the end', async () => {
  await using ftp = await startFtpServer({ files: { 'a.txt': 'abc' } })
  await using client = await RawClient.connect(ftp)
  client.socket.end('USER user\r\nPASS 12345\r\nTYPE I\r\nSIZE a.txt\r\nMKD d\r\nCWD d\r\nPWD\r\nPASV\r\nHELP\r\n')
  for (const code of [220, 331, 230, 200, 213, 257, 250, 257, 227, 214]) await client.expect(code)
  await client.closed()
  await ftp.waitFor({ type: 'disconnect' })
})

test('so does one that is slow to read them', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  client.socket.pause()
  client.socket.end('HELP\r\n'.repeat(20_000))
  await ftp.waitFor((event) => event.type === 'command' && event.verb === 'HELP')
  client.socket.resume()
  await client.expect(220)
  for (let count = 0; count < 20_000; count++) await client.expect(214)
  await client.closed()
})

test('a last line without its end is not a command', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  client.socket.end('NOOP\r\nQUIT')
  await client.expect(220)
  await client.expect(200)
  await client.closed()
  await ftp.waitFor({ type: 'disconnect' })
  expect(ftp.transcript.commands().map(({ verb }) => verb)).toEqual(['NOOP'])
})

test('a client that ends its side while a callback runs gets its replies when that is done', async () => {
  const { passed, open } = gate()
  class Handler extends FTPHandler {
    override onConnect() {
      return passed
    }
  }
  await using ftp = await startFtpServer({ handler: Handler })
  await using client = await RawClient.connect(ftp)
  client.socket.end('NOOP\r\nSYST\r\n')
  await ftp.waitFor({ type: 'connect' })
  open()
  for (const code of [220, 200, 215]) await client.expect(code)
  await client.closed()
})
