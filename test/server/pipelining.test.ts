import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { FTPHandler } from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'

const DIALOGUE: readonly (readonly [command: string, code: number])[] = [
  ['USER user', 331],
  ['PASS 12345', 230],
  ['TYPE I', 200],
  ['MKD d', 257],
  ['CWD d', 250],
  ['PWD', 257],
  ['PASV', 227],
  ['EPSV', 229],
  ['REST 10', 350],
  ['SYST', 215],
  ['NONSENSE', 500],
  ['TYPE', 501],
  ['CDUP', 250],
  ['RNFR d', 350],
  ['RNTO e', 250],
  ['MLST e', 250],
  ['RMD e', 250],
  ['FEAT', 211],
  ['HELP', 214],
  ['STAT /', 213],
  ['NOOP', 200],
  ['QUIT', 221],
]
const COMMANDS = DIALOGUE.map(([command]) => `${command}\r\n`).join('')
const CODES = DIALOGUE.map(([, code]) => code)

test('hundreds of commands in one segment are answered in their order', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  const commands: string[] = []
  for (let index = 0; index < 300; index++) commands.push(`MKD ${index}`, `CWD ${index}`, 'CDUP', 'NOOP')
  client.socket.write(commands.map((command) => `${command}\r\n`).join(''))
  for (let index = 0; index < 300; index++) {
    expect((await client.expect(257)).text).toBe(`257 "/${index}" directory created.`)
    expect((await client.expect(250)).text).toContain(`"/${index}"`)
    await client.expect(250)
    await client.expect(200)
  }
  const seen = ftp.transcript.commands().map(({ line }) => line)
  expect(seen.slice(3)).toEqual(commands)
})

test('a dialogue in one segment, reply by reply', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  client.socket.write(COMMANDS)
  await client.expect(220)
  for (const code of CODES) await client.expect(code)
  await client.closed()
})

test('the same dialogue byte by byte', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  client.socket.setNoDelay(true)
  await client.expect(220)
  let sent = 0
  for (const byte of Buffer.from(COMMANDS)) {
    await new Promise((resolve) => client.socket.write(Buffer.of(byte), resolve))
    if (byte === 0x0a) await client.expect(CODES[sent++] ?? 0)
  }
  await client.closed()
})

test('the same dialogue by several clients at a time, each with its own replies', async () => {
  const users = Array.from({ length: 20 }, (_, index) => ({ username: `u${index}`, password: 'p', home: `${index}` }))
  await using ftp = await startFtpServer({ users })
  await Promise.all(
    users.map(async ({ username }) => {
      await using client = await RawClient.connect(ftp)
      client.socket.write(COMMANDS.replace('USER user', `USER ${username}`).replace('PASS 12345', 'PASS p'))
      await client.expect(220)
      for (const code of CODES) await client.expect(code)
      await client.closed()
    }),
  )
})

test('transfers can be pipelined with what follows them', async () => {
  await using ftp = await startFtpServer({ files: { 'a.txt': 'a' } })
  await using client = await RawClient.login(ftp)
  const address = await client.passiveAddress()
  client.send('RETR a.txt\r\nNOOP\r\nSYST\r\nABOR\r\nNOOP')
  for (const code of [150, 200, 215, 426, 226, 200]) await client.expect(code)
  await expect(RawClient.connect(address)).rejects.toThrow('ECONNREFUSED')
})

test('a client that reads no replies is not read either, and costs others nothing', async () => {
  let socketOf: (() => { readonly writableLength: number }) | undefined
  class Handler extends FTPHandler {
    constructor(...args: ConstructorParameters<typeof FTPHandler>) {
      super(...args)
      if (args[2] === 1) socketOf = () => args[0]
    }
  }
  await using ftp = await startFtpServer({ handler: Handler })
  const greedy = connect({ host: ftp.host, port: ftp.port })
  greedy.on('error', () => {})
  greedy.pause()
  const flood = Buffer.from('HELP\r\n'.repeat(20_000))
  let largest = 0
  // Until the kernel takes no more of them: from then on the server reads no further.
  for (let stuck = 0; stuck < 200; ) {
    const room = greedy.writableLength < 1024 ** 2
    if (room) greedy.write(flood)
    stuck = room ? 0 : stuck + 1
    await ftp.server.ioloop.turn()
    largest = Math.max(largest, socketOf?.().writableLength ?? 0)
  }
  expect(largest).toBeGreaterThan(64 * 1024)
  expect(largest).toBeLessThan(80 * 1024)
  const seen = ftp.transcript.commands({ verb: 'HELP' }).length
  await using other = await RawClient.login(ftp)
  await other.command('NOOP', 200)
  expect(ftp.transcript.commands({ verb: 'HELP' }).length).toBe(seen)
  greedy.destroy()
  await ftp.waitFor({ type: 'disconnect', session: 1 })
})

test('such a client is answered in full once it reads', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  client.socket.pause()
  for (let count = 0; count < 20_000; count++) client.socket.write(`NOOP\r\nCWD ${count}\r\nHELP\r\n`)
  await ftp.waitFor((event) => event.type === 'command' && event.verb === 'HELP')
  client.socket.resume()
  await client.expect(220)
  for (let count = 0; count < 20_000; count++) {
    await client.expect(200)
    await client.expect(530)
    await client.expect(214)
  }
})

test('such a client becomes idle in the end', async () => {
  await using ftp = await startFtpServer({ clock: 'manual', timeout: '300s' })
  const greedy = connect({ host: ftp.host, port: ftp.port })
  greedy.on('error', () => {})
  greedy.pause()
  greedy.write('HELP\r\n'.repeat(200_000))
  const count = () => ftp.transcript.commands({ verb: 'HELP' }).length
  for (let last = -1, same = 0; same < 50; last = count()) {
    await ftp.server.ioloop.turn()
    same = count() === last && last > 0 ? same + 1 : 0
  }
  await ftp.clock.advance('300s')
  expect(ftp.transcript.replies({ code: 421 })).toHaveLength(1)
  // Nobody reads the 421; the server does not wait for that for long.
  await ftp.clock.advance('2s')
  await ftp.waitFor({ type: 'disconnect' })
  greedy.destroy()
})

test('a line that never ends takes no memory', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.login(ftp)
  const chunk = Buffer.alloc(64 * 1024, 'x')
  for (let times = 0; times < 200; times++) {
    await new Promise((resolve) => client.socket.write(chunk, resolve))
  }
  client.send('\r\nNOOP')
  await client.expect(500)
  await client.expect(200)
})
