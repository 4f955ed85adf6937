import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { type FtpFixture, startFtpServer } from '../../src/index.ts'
import { FTPHandler } from '../../src/server.ts'
import { openBelow } from '../filesystems/temp-tree.ts'
import { RawClient } from '../support/raw-client.ts'

/** A client in a process of its own. It begins a transfer, says so, and then hangs with the transfer half done. */
const CLIENT = `
  const { connect } = require('node:net')
  const [port, command] = process.argv.slice(1)
  const control = connect(port, '127.0.0.1').setEncoding('latin1')
  let seen = ''
  const until = (code) => new Promise((resolve) => {
    const look = () => {
      const found = new RegExp('^' + code + ' .*\\r\\n', 'm').exec(seen)
      if (!found) return control.once('data', look)
      seen = seen.slice(found.index + found[0].length)
      resolve(found[0])
    }
    look()
  })
  control.on('data', (text) => { seen += text })
  const say = (line, code) => { control.write(line + '\\r\\n'); return until(code) }
  ;(async () => {
    await until(220)
    await say('USER user', 331)
    await say('PASS 12345', 230)
    await say('TYPE I', 200)
    const numbers = (await say('PASV', 227)).match(/\\d+/g).slice(-2).map(Number)
    const data = connect(numbers[0] * 256 + numbers[1], '127.0.0.1')
    data.pause()
    await say(command, '1[25][50]')
    if (command.startsWith('STOR')) data.write(Buffer.alloc(1000, 'x'), () => console.log('begun'))
    else data.once('readable', () => console.log('begun'))
  })()
`

async function begun(ftp: FtpFixture, command: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', CLIENT, String(ftp.port), command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(createInterface(child.stdout), 'line')
  return child
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'close')
}

/** Descriptors of this process; -1 where the system does not tell. */
function descriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return -1
  }
}

async function released(ftp: FtpFixture, before: number): Promise<void> {
  for (let turn = 0; turn < 1000 && descriptors() > before; turn++) await ftp.server.ioloop.turn()
  expect(descriptors()).toBeLessThanOrEqual(before)
  expect(openBelow(ftp.root)).toEqual([])
}

function secondTransfer(ftp: FtpFixture): string {
  const [, handler] = [...ftp.server.sessions]
  return handler?.session.dataConnection.describe() ?? ''
}

async function recorded(files: Parameters<typeof startFtpServer>[0] = {}) {
  const calls: string[] = []
  class Handler extends FTPHandler {
    override onFileReceived(path: string) {
      calls.push(`received ${path}`)
    }
    override onIncompleteFileReceived(path: string) {
      calls.push(`incomplete received ${path}`)
    }
    override onFileSent(path: string) {
      calls.push(`sent ${path}`)
    }
    override onIncompleteFileSent(path: string) {
      calls.push(`incomplete sent ${path}`)
    }
    override onDisconnect() {
      calls.push(`disconnect ${this.id}`)
    }
  }
  return { ftp: await startFtpServer({ handler: Handler, ...files }), calls }
}

test('killed in the middle of an upload: what came is there, and the server goes on', async () => {
  const { ftp, calls } = await recorded()
  await using _ = ftp
  await using bystander = await RawClient.login(ftp)
  const before = descriptors()
  const child = await begun(ftp, 'STOR a.bin')
  while (!secondTransfer(ftp).includes('1000 bytes')) await bystander.command('NOOP', 200)
  await killed(child)
  await ftp.waitFor({ type: 'disconnect', session: 2 })
  // The kernel ends both connections of the dead; which end arrives first is up to it, and a FIN is an end of file.
  const [transfer] = ftp.transcript.transfers()
  expect(transfer).toMatchObject({ verb: 'STOR', path: '/a.bin', bytes: 1000, session: 2 })
  const told = transfer?.outcome === 'completed' ? 'received /a.bin' : 'incomplete received /a.bin'
  expect(calls).toEqual([told, 'disconnect 2'])
  expect(await ftp.files.read('a.bin', 'utf8')).toBe('x'.repeat(1000))
  await released(ftp, before)
  await bystander.store('STOR a.bin', 'again')
  expect(await ftp.files.read('a.bin', 'utf8')).toBe('again')
})

test('killed in the middle of a download: it is aborted, and the server goes on', async () => {
  const { ftp, calls } = await recorded({ files: { 'a.bin': { size: '32MiB' } } })
  await using _ = ftp
  await using bystander = await RawClient.login(ftp)
  const before = descriptors()
  const child = await begun(ftp, 'RETR a.bin')
  await killed(child)
  await ftp.waitFor({ type: 'disconnect', session: 2 })
  const [transfer] = ftp.transcript.transfers()
  expect(transfer).toMatchObject({ verb: 'RETR', path: '/a.bin', session: 2 })
  expect(transfer?.outcome).not.toBe('completed')
  expect(transfer?.bytes).toBeLessThan(32 * 1024 ** 2)
  expect(calls).toEqual(['incomplete sent /a.bin', 'disconnect 2'])
  await released(ftp, before)
  expect((await bystander.fetch('RETR a.bin')).length).toBe(32 * 1024 ** 2)
})

test('many clients that come, transfer and go in every way leave no descriptor behind', async () => {
  const { ftp } = await recorded({ files: { 'a.bin': { size: '1MiB' } } })
  await using _ = ftp
  const before = descriptors()
  const ways: readonly ((client: RawClient) => Promise<unknown>)[] = [
    (client) => client.fetch('RETR a.bin'),
    (client) => client.store('STOR b.bin', 'b'),
    (client) => client.passiveAddress(),
    (client) => client.command('PORT 127,0,0,1,255,255', 425),
    async (client) => {
      await client.passiveAddress()
      await client.command('RETR a.bin', 150)
    },
    async (client) => {
      const data = await client.passive()
      await client.command('STOR c.bin', 125, 150)
      data.destroy()
    },
    async (client) => {
      await client.passiveAddress()
      await client.command('REST 2000000', 350)
      await client.command('RETR a.bin', 554)
    },
  ]
  for (let round = 0; round < 2 * ways.length; round++) {
    await Promise.all(
      ways.map(async (way, index) => {
        const client = await RawClient.login(ftp)
        await way(client)
        if (index % 2 === 0) client.socket.resetAndDestroy()
        await client[Symbol.asyncDispose]()
      }),
    )
  }
  while (ftp.server.sessions.size > 0) await ftp.server.ioloop.turn()
  // As many sockets as have listened at a time may rest, to listen again.
  await released(ftp, before + ways.length)
  expect(ftp.server.dataConnections).toBe(0)
})
